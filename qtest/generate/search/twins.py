"""An object that was seen, as the constructor call a person would write for it; whether it really equals it is for others to try."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from qtest.generate.search.code import Code
from qtest.generate.search.kinds import literal
from qtest.generate.search.making import parameters_of
from qtest.generate.search.oracle import nameable, value_of
from qtest.records.case import (
    Argument,
    Bool,
    Construct,
    Decimal,
    Entry,
    Expression,
    Float,
    Int,
    List,
    Map,
    Text,
    Tuple,
)
from qtest.records.system import Parameter

_MOST_POSITIONAL = 3
_MOST_DIGITS = 15


class Twins:
    """Reads constructors from the code, and their arguments from attributes of the same name."""

    def __init__(self, code: Code) -> None:
        self._code = code

    def of(self, form: Mapping[str, Any], learned: Mapping[str, Any], *, plain: bool) -> Expression | None:
        """None where some argument is not known. `learned` are attributes that the form does not show; `plain` writes `3` for
        `Decimal("3")`."""
        value = value_of(form)
        if value is not None:
            return _plainer(value) if plain else value
        match form.get("kind"):
            case "object":
                return self._made(form, learned, plain=plain)
            case "list" | "iterator":
                items = self._items(form["items"], plain=plain)
                return None if items is None or form.get("more") else List(items)
            case "tuple":
                items = self._items(form["items"], plain=plain)
                return None if items is None else Tuple(items)
            case "map":
                keys = self._items([entry["key"] for entry in form["entries"]], plain=plain)
                values = self._items([entry["value"] for entry in form["entries"]], plain=plain)
                if keys is None or values is None:
                    return None
                return Map(tuple(Entry(key, item) for key, item in zip(keys, values, strict=True)))
        return None

    def missing(self, form: Mapping[str, Any]) -> list[str]:
        """Attributes, public and private, that may hold what the constructor was given and that the form does not show."""
        if form.get("kind") != "object":
            return []
        unknown = [p.name for p in self._parameters(str(form["symbol"])) if p.name not in form["attributes"]]
        return [spelled for name in unknown for spelled in (name, f"_{name}")]

    def in_order(self, form: Mapping[str, Any]) -> list[str]:
        """The attributes, those the constructor takes first."""
        wanted = [parameter.name for parameter in self._parameters(str(form["symbol"]))]
        names = [name for name in form["attributes"] if name.isidentifier()]
        return sorted(names, key=lambda name: (wanted.index(name) if name in wanted else len(wanted), name))

    def _parameters(self, cls: str) -> tuple[Parameter, ...]:
        maker = self._code.maker(cls)
        found = parameters_of(maker) if maker is not None else self._code.fields(cls)
        return tuple(item for item in found if item.kind not in ("variadic", "variadic keyword"))

    def _made(self, form: Mapping[str, Any], learned: Mapping[str, Any], *, plain: bool) -> Expression | None:
        cls = str(form["symbol"])
        if not nameable(cls) or not self._code.is_class(cls) or self._code.abstract(cls):
            return None
        given: list[tuple[Parameter, Expression]] = []
        for parameter in self._parameters(cls):
            found = self._held(parameter.name, form, learned, plain=plain)
            if found is None and not parameter.default:
                return None
            if found is not None and not _is_default(found, parameter):
                given.append((parameter, found))
        return Construct(cls, tuple(_as_arguments(given)))

    def _held(
        self, name: str, form: Mapping[str, Any], learned: Mapping[str, Any], *, plain: bool
    ) -> Expression | None:
        for found in (form["attributes"].get(name), learned.get(name), learned.get(f"_{name}")):
            value = self.of(found, {}, plain=plain) if found is not None else None
            if value is not None:
                return value
        return None

    def _items(self, forms: list[Any], *, plain: bool) -> Any:
        values = [self.of(form, {}, plain=plain) for form in forms]
        return None if any(value is None for value in values) else tuple(values)


def _as_arguments(given: list[tuple[Parameter, Expression]]) -> Iterator[Argument]:
    """By name where an option is given or there are many; what only goes by position stays so."""
    by_name = len(given) > _MOST_POSITIONAL or any(parameter.default for parameter, _ in given)
    for parameter, value in given:
        named = parameter.kind == "keyword only" or (by_name and parameter.kind != "positional only")
        yield Argument(value, parameter.name if named else "")


def _is_default(value: Expression, parameter: Parameter) -> bool:
    try:
        return parameter.default != "" and literal(ast.parse(parameter.default, mode="eval").body) == value
    except (SyntaxError, ValueError, RecursionError):
        return False


def _plainer(value: Expression) -> Expression:
    if not isinstance(value, Decimal) or len(value.text) > _MOST_DIGITS or not value.text.lstrip("-").isdigit():
        return value
    return Int(int(value.text))


def altered(value: Expression) -> Iterator[Expression]:
    """The same with one thing different."""
    match value:
        case Construct(arguments=arguments):
            for at, argument in enumerate(arguments):
                for other in altered(argument.value):
                    yield replace(
                        value, arguments=(*arguments[:at], replace(argument, value=other), *arguments[at + 1 :])
                    )
        case Bool(truth):
            yield Bool(not truth)
        case Int(number):
            yield Int(number + 1)
        case Float(text):
            yield Float("0.25" if text != "0.25" else "0.5")
        case Text(text):
            yield Text(f"{text}x")
        case List(items):
            yield List(items[1:] if items else (Int(1),))
            yield from (List((*items[:at], other, *items[at + 1 :])) for at, other in _each(items))
        case Tuple(items):
            yield Tuple(items[1:] if items else (Int(1),))
            yield from (Tuple((*items[:at], other, *items[at + 1 :])) for at, other in _each(items))
        case Map(entries):
            yield Map(entries[1:] if entries else (Entry(Text("x"), Int(1)),))


def _each(items: tuple[Any, ...]) -> Iterator[tuple[int, Any]]:
    for at, item in enumerate(items[:2]):
        yield from ((at, other) for other in altered(item))

"""Whether what a call is given is what its parameters are annotated to take."""

from collections.abc import Iterator

from qtest.generate.search.code import Code
from qtest.generate.search.kinds import Kind
from qtest.generate.search.making import parameters_of
from qtest.generate.search.trial import Trial
from qtest.languages.python.walk import walk
from qtest.records.case import (
    Argument,
    Bool,
    Bytes,
    Call,
    Construct,
    Expression,
    Float,
    Int,
    List,
    Map,
    Null,
    Set,
    Text,
    Tuple,
)
from qtest.records.system import Parameter, Symbol

_PLAIN: dict[str, tuple[type, ...]] = {
    "text": (Text,),
    "int": (Int,),
    "float": (Float, Int),
    "bool": (Bool,),
    "null": (Null,),
    "bytes": (Bytes,),
}
_WRITTEN = (Text, Int, Float, Bool, Null, Bytes, List, Tuple, Map, Set)
_HOLDERS: dict[str, tuple[type, ...]] = {
    "list": (List,),
    "iterable": (List, Tuple),
    "tuple": (Tuple,),
    "set": (Set,),
    "frozenset": (Set,),
}


def strays(trial: Trial, code: Code) -> bool:
    """Whether some argument is plainly not of the plain type that its parameter is annotated with; in doubt it is not."""
    return any(
        _contradicts(value, parameter, code)
        for part in walk((tuple(step.does for step in trial.setup), trial.input))
        if isinstance(part, Call | Construct) and (symbol := _called(part, code)) is not None
        for value, parameter in placed(part.arguments, parameters_of(symbol))
        if parameter is not None and parameter.annotation
    )


def _called(part: Call | Construct, code: Code) -> Symbol | None:
    return code.maker(part.symbol) if isinstance(part, Construct) else code.symbols.get(part.symbol)


def _contradicts(value: Expression, parameter: Parameter, code: Code) -> bool:
    if isinstance(value, Null) and parameter.default == "None":
        return False
    kinds = code.scope.kinds(parameter.annotation)
    return bool(kinds) and isinstance(value, _WRITTEN) and not any(_allows(value, kind) for kind in kinds)


def _allows(value: Expression, kind: Kind) -> bool:
    """In doubt it does."""
    if not isinstance(value, _WRITTEN):
        return True
    if kind.name in _PLAIN:
        return isinstance(value, _PLAIN[kind.name])
    if kind.name == "union":
        return any(_allows(value, inner) for inner in kind.inside)
    if kind.name == "map":
        return isinstance(value, Map)
    if kind.name in ("list", "iterable"):
        if isinstance(value, Text | Bytes | Map | Set):
            return not kind.inside or kind.inside[0].name in ("text", "any", "int")
        return isinstance(value, List | Tuple) and all(
            _allows(item, kind.inside[0]) for item in value.items if kind.inside
        )
    return True


def fits(value: Expression, kind: Kind) -> bool:
    """Surely of that kind; whatever is in doubt does not fit."""
    if kind.name in _PLAIN:
        return isinstance(value, _PLAIN[kind.name]) and not (
            isinstance(value, Float) and value.text in ("nan", "inf", "-inf")
        )
    if kind.name == "literal":
        return value in kind.values
    if kind.name == "union":
        return any(fits(value, inner) for inner in kind.inside)
    if kind.name == "row":
        return (
            isinstance(value, Tuple)
            and len(value.items) == len(kind.inside)
            and all(fits(item, inner) for item, inner in zip(value.items, kind.inside, strict=True))
        )
    if kind.name in _HOLDERS and kind.inside and isinstance(value, _HOLDERS[kind.name]):
        items = value.items if isinstance(value, List | Tuple | Set) else ()
        return all(fits(item, kind.inside[0]) for item in items)
    if kind.name == "map" and len(kind.inside) == 2 and isinstance(value, Map):
        return all(fits(entry.key, kind.inside[0]) and fits(entry.value, kind.inside[1]) for entry in value.entries)
    return False


def placed(
    arguments: tuple[Argument, ...], parameters: tuple[Parameter, ...]
) -> Iterator[tuple[Expression, Parameter | None]]:
    by_name = {item.name: item for item in parameters}
    for at, argument in enumerate(arguments):
        if argument.spread:
            yield argument.value, None
        elif argument.name:
            yield argument.value, by_name.get(argument.name)
        else:
            yield argument.value, parameters[at] if at < len(parameters) else None

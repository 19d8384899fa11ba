"""One pydantic model for each kind of the DSL and each depth, made from the kind's own dataclass."""

import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, create_model
from typing_extensions import TypeAliasType

from qtest.records.case import expectation, expression, plain
from qtest.records.case.wire import limits

PLAIN_JSON = (plain.Null, plain.Bool, plain.Int, plain.Text)  # JSON has them
UNSAID = (plain.Undefined, expectation.HasShape)  # of other languages, or too open for a bound
_HIDDEN = {
    (plain.Float, "bits"),
    (expectation.Approximately, "relative"),
    (expectation.Approximately, "absolute"),
}  # always the default
_STRINGS: Mapping[tuple[type, str], Any] = {
    (plain.Float, "text"): limits.NUMBER,
    (plain.Decimal, "text"): limits.DECIMAL,
    (plain.Bytes, "hex"): limits.HEX,
    (plain.Regex, "flags"): limits.FLAGS,
    (plain.Date, "iso"): limits.DATE,
    (plain.Time, "iso"): limits.TIME,
    (plain.DateTime, "iso"): limits.MOMENT,
    (plain.EnvValue, "name"): limits.FILE_NAME,
}
_BY_NAME: Mapping[str, Any] = {
    "symbol": limits.SYMBOL_TEXT,
    "operator": limits.OPERATOR,
} | dict.fromkeys(("name", "member", "attribute", "parameters", "of", "path"), limits.NAME)


class Form(BaseModel):
    """What all have in common. `says` are the fields that hold expressions, `made_of` the dataclass behind it."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # a run without a model never needs it
    says: ClassVar[frozenset[str]] = frozenset()
    made_of: ClassVar[Any] = None


class Parts(Form):
    """Text that no plain string can say: runs of plain characters, and code points."""

    kind: Literal["text"]
    parts: Annotated[
        tuple[limits.TEXT | Annotated[int, Field(ge=0, le=0x10FFFF, strict=True)], ...],
        Field(max_length=limits.MOST_ITEMS),
    ]


class Digits(Form):
    """A whole number that is too large for plain JSON."""

    kind: Literal["int"]
    text: limits.DIGITS


PROSE = limits.TEXT | Parts


@dataclass(frozen=True)
class Level:
    """What may stand in a place below which so many levels of others may be."""

    value: Any
    expression: Any
    expectation: Any


@cache
def level(depth: int) -> Level:
    if not depth:
        leaf = _either("Plain", _leaves())
        return Level(leaf, leaf, None)
    values = [*_leaves(), *_tagged(expression.Compound, depth)]
    return Level(
        value=_either(f"Value{depth}", values),
        expression=_either(f"Expression{depth}", [*values, *_tagged(expression.Acting, depth)]),
        expectation=_either(f"Expectation{depth}", _tagged(get_args(expectation.Expectation)[0], depth)),
    )


def holds(annotation: Any) -> bool:
    """Whether expressions stand in a field so annotated."""
    return annotation in _ALIASES or any(holds(part) for part in get_args(annotation))


_ALIASES = (expression.Value, expression.Action, expression.Expression)
_SCALARS: tuple[tuple[Any, str], ...] = (
    (None, "null"),
    (Annotated[bool, Field(strict=True)], "bool"),
    (limits.INTEGER, "whole"),
    (limits.TEXT, "string"),
    (Parts, "text"),
    (Digits, "int"),
)


@cache
def _leaves() -> tuple[Any, ...]:
    return (*(Annotated[kind, Tag(tag)] for kind, tag in _SCALARS), *_tagged(plain.Plain, 0))


def _tagged(union: Any, depth: int) -> list[Any]:
    """The forms of a union's kinds, each under its kind's name."""
    kinds: list[Any] = [kind for kind in get_args(union) if kind not in (*PLAIN_JSON, *UNSAID)]
    return [Annotated[_form(kind, depth), Tag(kind.__dataclass_fields__["kind"].default)] for kind in kinds]


def _either(name: str, options: Iterable[Any]) -> Any:
    """By its name it stands once in the schema."""
    union: Any = Annotated[Union[tuple(options)], Discriminator(_tag)]  # noqa: UP007 # made of a list
    make: Any = TypeAliasType  # mypy wants its arguments written out
    return make(name, union)


def _tag(value: Any) -> str | None:
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int():
            return "whole"
        case str():
            return "string"
        case dict():
            return str(value.get("kind", ""))
    return None


@cache
def _form(cls: Any, depth: int) -> Any:
    """What is inside of it is one level down."""
    hints = get_type_hints(cls)
    made: dict[str, Any] = {}
    for field in sorted(fields(cls), key=lambda field: field.name != "kind"):  # first, so that a model decides it first
        if field.name == "kind":
            made["kind"] = (hints["kind"], ...)
        elif (cls, field.name) not in _HIDDEN:
            default = ... if field.default is MISSING else field.default
            made[field.name] = (_translated(hints[field.name], cls, field.name, depth), default)
    form: Any = create_model(f"{cls.__name__}{depth or ''}", __base__=Form, **made)
    form.says = frozenset(name for name, hint in hints.items() if holds(hint))
    form.made_of = cls
    return form


def _translated(hint: Any, cls: type, name: str, depth: int) -> Any:
    if hint in _ALIASES:
        below = level(depth - 1)
        return below.value if hint is expression.Value else below.expression
    if get_origin(hint) is tuple:
        inner: Any = (_translated(get_args(hint)[0], cls, name, depth), ...)
        return Annotated[tuple[inner], Field(max_length=limits.MOST_ITEMS)]
    if get_origin(hint) in (Union, types.UnionType):
        return Union[tuple(_translated(part, cls, name, depth) for part in get_args(hint))]  # noqa: UP007
    if hint is str:
        return _STRINGS.get((cls, name)) or _BY_NAME.get(name, PROSE)
    if hint is int:
        return limits.COUNT if name == "limit" else limits.INTEGER
    return _part(hint, depth) if is_dataclass(hint) else hint


def _part(cls: Any, depth: int) -> Any:
    """An argument, an entry of a map, a subject."""
    return _form(cls, depth if any(holds(part) for part in get_type_hints(cls).values()) else 0)

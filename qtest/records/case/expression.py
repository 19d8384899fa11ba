"""Values made of others, and actions: what a step or the input of a case does."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from qtest.records.case.plain import Plain


@dataclass(frozen=True, slots=True)
class List:
    items: "tuple[Value, ...]" = ()
    kind: Literal["list"] = "list"


@dataclass(frozen=True, slots=True)
class Tuple:
    items: "tuple[Value, ...]" = ()
    kind: Literal["tuple"] = "tuple"


@dataclass(frozen=True, slots=True)
class Set:
    """Order carries no meaning; items stand sorted by their JSON, so that equal sets have equal records."""

    items: "tuple[Value, ...]" = ()
    frozen: bool = False
    kind: Literal["set"] = "set"


@dataclass(frozen=True, slots=True)
class Entry:
    key: "Value"
    value: "Value"


@dataclass(frozen=True, slots=True)
class Map:
    """In insertion order."""

    entries: tuple[Entry, ...] = ()
    kind: Literal["map"] = "map"


@dataclass(frozen=True, slots=True)
class Argument:
    """`name` is empty for a positional argument; `spread` passes a sequence (or, with no name, a map) unpacked."""

    value: "Expression"
    name: str = ""
    spread: Literal["", "sequence", "map"] = ""


@dataclass(frozen=True, slots=True)
class Construct:
    """A new object: the class `symbol` called with arguments."""

    symbol: str
    arguments: tuple[Argument, ...] = ()
    kind: Literal["construct"] = "construct"


@dataclass(frozen=True, slots=True)
class Function:
    """A function of one expression: `lambda x: x + 1`. Inside, parameters are `Ref`s. An `awaited` one is a coroutine function,
    which stands by its `name` in the test's file."""

    parameters: tuple[str, ...]
    body: "Expression"
    name: str = ""
    awaited: bool = False
    kind: Literal["function"] = "function"


@dataclass(frozen=True, slots=True)
class Later:
    """What can only be had by waiting: an asynchronous iterator over the items of `source`, or an awaitable that gives it."""

    source: "Expression"
    what: Literal["items", "value"] = "items"
    kind: Literal["later"] = "later"


@dataclass(frozen=True, slots=True)
class Call:
    """A function called, or with `receiver` a method of it: then `symbol` is still the full `module:Class.method`, and the
    text after its last dot is what is looked up; where that is `__call__`, the receiver itself is called. `awaited` runs the
    coroutine to its end."""

    symbol: str
    arguments: tuple[Argument, ...] = ()
    receiver: "Expression | None" = None
    awaited: bool = False
    kind: Literal["call"] = "call"


@dataclass(frozen=True, slots=True)
class Get:
    """An attribute or property read. `symbol` says whose property it is, when known."""

    receiver: "Expression"
    attribute: str
    symbol: str = ""
    kind: Literal["get"] = "get"


@dataclass(frozen=True, slots=True)
class SetAttribute:
    receiver: "Expression"
    attribute: str
    value: "Expression"
    kind: Literal["set attribute"] = "set attribute"


@dataclass(frozen=True, slots=True)
class Operate:
    """An operator on one to three operands, so that special methods are tested as people use them.

    `operator` is the token (`+`, `==`, `in`, `not in`, `not`, `neg`, `pos`, `~`, `is`, ...), `[]` for a subscript, `[:]` for a
    slice of the first operand by the others, `[]=` and `del []` for item assignment and deletion, or a built-in function
    applied to the operand: `len iter next list sorted str repr bool int float hash abs reversed sum tuple set dict bytes`.
    """

    operator: str
    operands: "tuple[Expression, ...]"
    kind: Literal["operate"] = "operate"


@dataclass(frozen=True, slots=True)
class Consume:
    """The first `limit` items of an iterator, generator or (awaited) asynchronous one, as a list; all of them when `limit` is 0."""

    source: "Expression"
    limit: int = 50
    awaited: bool = False
    kind: Literal["consume"] = "consume"


@dataclass(frozen=True, slots=True)
class Enter:
    """`source` used as a context manager: entered, its `as` value bound, and left again before the next step.
    An `awaited` one is asynchronous."""

    source: "Expression"
    awaited: bool = False
    kind: Literal["enter"] = "enter"


Compound = List | Tuple | Set | Map | Function | Construct | Later
Acting = Call | Get | SetAttribute | Operate | Consume | Enter

Value = TypeAliasType("Value", Annotated[Plain | Compound, Field(discriminator="kind")])
Action = TypeAliasType("Action", Annotated[Acting, Field(discriminator="kind")])
Expression = TypeAliasType("Expression", Annotated[Plain | Compound | Acting, Field(discriminator="kind")])


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the set-up. `name` binds its value for later `Ref`s; empty when only the effect is wanted."""

    does: Expression
    name: str = ""

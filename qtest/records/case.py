"""The test DSL: what a test does and expects, said once for every language.

Values, actions and expectations are slotted dataclasses, because the search makes millions of them; the three cases are
records. Each carries its `kind`, so that JSON reads back to the same object (`case_from_json`).
"""

import json
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter
from typing_extensions import TypeAliasType

from qtest.records.record import Record

# --- values ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Null:
    kind: Literal["null"] = "null"


@dataclass(frozen=True, slots=True)
class Undefined:
    """JavaScript's `undefined`; no other language speaks it."""

    kind: Literal["undefined"] = "undefined"


@dataclass(frozen=True, slots=True)
class Bool:
    value: bool
    kind: Literal["bool"] = "bool"


@dataclass(frozen=True, slots=True)
class Int:
    """A whole number of at most 4300 digits (CPython's limit); `bits` only where the language's type has a size.

    Without, it has no bounds: Java's `BigInteger`, JavaScript's `BigInt`. A JavaScript number is a `Float`.
    """

    value: int
    bits: Literal[0, 8, 16, 32, 64] = 0
    kind: Literal["int"] = "int"


@dataclass(frozen=True, slots=True)
class Float:
    """`text` is the shortest decimal that reads back to the number, or `nan`, `inf`, `-inf`: JSON has no such numbers."""

    text: str
    bits: Literal[32, 64] = 64
    kind: Literal["float"] = "float"

    @property
    def value(self) -> float:
        return float(self.text)


@dataclass(frozen=True, slots=True)
class Decimal:
    text: str
    kind: Literal["decimal"] = "decimal"


@dataclass(frozen=True, slots=True)
class Text:
    """Unicode text; a lone surrogate is written `\\udXXX` in JSON and reads back."""

    value: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Bytes:
    """`hex` holds two hexadecimal digits a byte."""

    hex: str
    kind: Literal["bytes"] = "bytes"

    @property
    def value(self) -> bytes:
        return bytes.fromhex(self.hex)


@dataclass(frozen=True, slots=True)
class Regex:
    """`flags` are letters, sorted: Python's `aimsux`, JavaScript's `dgimsuvy`."""

    pattern: str
    flags: str = ""
    kind: Literal["regex"] = "regex"


@dataclass(frozen=True, slots=True)
class Date:
    iso: str
    kind: Literal["date"] = "date"


@dataclass(frozen=True, slots=True)
class Time:
    iso: str
    kind: Literal["time"] = "time"


@dataclass(frozen=True, slots=True)
class DateTime:
    """ISO 8601 with microseconds; an offset makes it aware."""

    iso: str
    kind: Literal["datetime"] = "datetime"


@dataclass(frozen=True, slots=True)
class Duration:
    """Whole microseconds, negative for the past."""

    microseconds: int
    kind: Literal["duration"] = "duration"


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
class EnumMember:
    """`symbol` is the enum's `module:qualname`."""

    symbol: str
    member: str
    kind: Literal["enum"] = "enum"


@dataclass(frozen=True, slots=True)
class SymbolRef:
    """The function, class or module constant itself, named `module:qualname`, as when `int` is handed to a map."""

    symbol: str
    kind: Literal["symbol"] = "symbol"


@dataclass(frozen=True, slots=True)
class Function:
    """A function of one expression: `lambda x: x + 1`. Inside, parameters are `Ref`s."""

    parameters: tuple[str, ...]
    body: "Expression"
    kind: Literal["function"] = "function"


@dataclass(frozen=True, slots=True)
class Ref:
    """The value bound by an earlier step, or a parameter of the function around it."""

    name: str
    kind: Literal["ref"] = "ref"


@dataclass(frozen=True, slots=True)
class EnvValue:
    """Something the surroundings give: an empty scratch folder, a scratch file of that name, the frozen clock."""

    what: Literal["scratch folder", "scratch file", "clock"]
    name: str = ""
    kind: Literal["env"] = "env"


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


# --- actions: what a step or the case itself does ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    """A function called, or with `receiver` a method of it: then `symbol` is still the full `module:Class.method`, and the
    text after its last dot is what is looked up. `awaited` runs the coroutine to its end."""

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
    """The first `limit` items of an iterator, generator or (awaited) asynchronous one, as a list."""

    source: "Expression"
    limit: int = 50
    awaited: bool = False
    kind: Literal["consume"] = "consume"


@dataclass(frozen=True, slots=True)
class Enter:
    """`source` used as a context manager: entered, its `as` value bound, and left again before the next step."""

    source: "Expression"
    kind: Literal["enter"] = "enter"


Value = TypeAliasType(
    "Value",
    Annotated[
        Null
        | Undefined
        | Bool
        | Int
        | Float
        | Decimal
        | Text
        | Bytes
        | Regex
        | Date
        | Time
        | DateTime
        | Duration
        | List
        | Tuple
        | Set
        | Map
        | EnumMember
        | SymbolRef
        | Function
        | Ref
        | EnvValue
        | Construct,
        Field(discriminator="kind"),
    ],
)

Action = TypeAliasType(
    "Action", Annotated[Call | Get | SetAttribute | Operate | Consume | Enter, Field(discriminator="kind")]
)

Expression = TypeAliasType(
    "Expression",
    Annotated[
        Null
        | Undefined
        | Bool
        | Int
        | Float
        | Decimal
        | Text
        | Bytes
        | Regex
        | Date
        | Time
        | DateTime
        | Duration
        | List
        | Tuple
        | Set
        | Map
        | EnumMember
        | SymbolRef
        | Function
        | Ref
        | EnvValue
        | Construct
        | Call
        | Get
        | SetAttribute
        | Operate
        | Consume
        | Enter,
        Field(discriminator="kind"),
    ],
)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the set-up. `name` binds its value for later `Ref`s; empty when only the effect is wanted."""

    does: Expression
    name: str = ""


# --- expectations ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """What an expectation looks at: the result, or a step's value by name; then attributes; then a view of it.

    `type` looks at the class's own name.
    """

    of: str = "result"
    path: tuple[str, ...] = ()
    view: Literal["", "repr", "str", "list", "sorted", "length", "type", "keys"] = ""


RESULT = Subject()


@dataclass(frozen=True, slots=True)
class Equals:
    value: Expression
    subject: Subject = RESULT
    kind: Literal["equals"] = "equals"


@dataclass(frozen=True, slots=True)
class Is:
    """Identity: for null and truth values, and for `returns the very object`."""

    value: Expression
    subject: Subject = RESULT
    kind: Literal["is"] = "is"


@dataclass(frozen=True, slots=True)
class Approximately:
    """Within `relative` times the value, or `absolute`, whichever is more."""

    value: Expression
    relative: float = 1e-9
    absolute: float = 0.0
    subject: Subject = RESULT
    kind: Literal["approximately"] = "approximately"


@dataclass(frozen=True, slots=True)
class IsNan:
    subject: Subject = RESULT
    kind: Literal["is nan"] = "is nan"


@dataclass(frozen=True, slots=True)
class IsInstance:
    symbol: str
    subject: Subject = RESULT
    kind: Literal["is instance"] = "is instance"


@dataclass(frozen=True, slots=True)
class HasShape:
    """A structure known in part: the paths that must be there, each with its value's class name (`str`, `int`, `list`, ...).

    A path is made of attributes with dots between them and items in brackets, a number or a JSON string: `rows[0]["name"].first`.
    """

    members: tuple[tuple[str, str], ...]
    subject: Subject = RESULT
    kind: Literal["has shape"] = "has shape"


@dataclass(frozen=True, slots=True)
class Raises:
    """`message` is the whole text when `exact`, else a part that must be found; None when nothing is said about it."""

    symbol: str
    message: str | None = None
    exact: bool = True
    kind: Literal["raises"] = "raises"


@dataclass(frozen=True, slots=True)
class Warns:
    """`message` as in `Raises`."""

    symbol: str
    message: str | None = None
    exact: bool = True
    kind: Literal["warns"] = "warns"


@dataclass(frozen=True, slots=True)
class Outputs:
    """All that the input writes; what the set-up wrote does not count."""

    text: str
    stream: Literal["stdout", "stderr"] = "stdout"
    kind: Literal["outputs"] = "outputs"


@dataclass(frozen=True, slots=True)
class Holds:
    """A law: the expression, which may name `result` and the steps, is true."""

    law: Expression
    kind: Literal["holds"] = "holds"


Expectation = Annotated[
    Equals | Is | Approximately | IsNan | IsInstance | HasShape | Raises | Warns | Outputs | Holds,
    Field(discriminator="kind"),
]


# --- what all three cases share --------------------------------------------------------------------------------------


class Lifecycle(Record):
    """What runs around each test, beyond its own set-up: one scope for what may be shared."""

    scope: Literal["test", "module", "session"] = "test"
    teardown: tuple[Step, ...] = ()


class Isolation(Record):
    """What the case must be kept apart from, so that it neither disturbs others nor is disturbed."""

    fresh_process: bool = False
    frozen_clock: str = ""
    restored: tuple[str, ...] = ()


class Resources(Record):
    """What the case may need: seconds of wall time, bytes of memory, and a network of its own."""

    timeout_s: float = 10.0
    memory: int = 256 << 20
    network: bool = False


class Provenance(Record):
    """Who proposed the case and from what; `source` is a doctest, a call site, or empty for a made-up one."""

    generator: str = ""
    origin: Literal["search", "doctest", "call site", "existing test", "model", "hand"] = "search"
    source: str = ""
    seed: str = ""


class CallCase(Record):
    """Call something and look at what comes back. `target` is the symbol under test, `module:qualname`.

    `parameters` are the names of those that the input's positional arguments land on: they only name things in the text.
    """

    type: Literal["call"] = "call"
    id: str
    level: Literal["unit", "integration"] = "unit"
    description: str = ""
    target: str
    setup: tuple[Step, ...] = ()
    input: Expression
    expect: tuple[Expectation, ...]
    parameters: tuple[str, ...] = ()
    lifecycle: Lifecycle = Lifecycle()
    isolation: Isolation = Isolation()
    resources: Resources = Resources()
    provenance: Provenance = Provenance()


class Header(Record):
    name: str
    value: str


class ApiRequest(Record):
    """`path`, query and header values hold `{name}` where a setup step's value goes (a doubled brace is itself), `body` a `Ref`.
    The body is sent as JSON unless `form`."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    path: str
    query: tuple[Header, ...] = ()
    headers: tuple[Header, ...] = ()
    body: Value | None = None
    form: bool = False


class ApiStep(Record):
    """A request made before the one under test; `name` keeps the value at `take` (a JSON pointer) of its answer."""

    request: ApiRequest
    name: str = ""
    take: str = ""


@dataclass(frozen=True, slots=True)
class StatusIs:
    status: int
    kind: Literal["status"] = "status"


@dataclass(frozen=True, slots=True)
class HeaderMatches:
    name: str
    value: str
    exact: bool = True
    kind: Literal["header"] = "header"


@dataclass(frozen=True, slots=True)
class BodyEquals:
    """The value at the JSON pointer `at`; empty for the whole body."""

    value: Value
    at: str = ""
    kind: Literal["body"] = "body"


@dataclass(frozen=True, slots=True)
class BodyMatchesSchema:
    """`schema` is the text of a JSON Schema, 2020-12."""

    schema_json: str
    kind: Literal["schema"] = "schema"


ApiExpectation = Annotated[StatusIs | HeaderMatches | BodyEquals | BodyMatchesSchema, Field(discriminator="kind")]


class ApiCase(Record):
    """Call an endpoint and look at its answer. `target` is `METHOD /path/{template}`."""

    type: Literal["api"] = "api"
    id: str
    level: Literal["api"] = "api"
    description: str = ""
    target: str
    setup: tuple[ApiStep, ...] = ()
    input: ApiRequest
    expect: tuple[ApiExpectation, ...]
    lifecycle: Lifecycle = Lifecycle()
    isolation: Isolation = Isolation()
    resources: Resources = Resources()
    provenance: Provenance = Provenance()


class Locator(Record):
    """How a person would find it: by role and name, label, text, or a test id; css only when nothing else is there."""

    by: Literal["role", "label", "placeholder", "text", "test id", "css"]
    value: str
    name: str = ""
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Visit:
    url: str
    kind: Literal["visit"] = "visit"


@dataclass(frozen=True, slots=True)
class Click:
    on: Locator
    kind: Literal["click"] = "click"


@dataclass(frozen=True, slots=True)
class Fill:
    field: Locator
    text: str
    kind: Literal["fill"] = "fill"


@dataclass(frozen=True, slots=True)
class Choose:
    field: Locator
    option: str
    kind: Literal["choose"] = "choose"


@dataclass(frozen=True, slots=True)
class Check:
    field: Locator
    checked: bool = True
    kind: Literal["check"] = "check"


@dataclass(frozen=True, slots=True)
class Press:
    key: str
    on: Locator | None = None
    kind: Literal["press"] = "press"


FlowStep = Annotated[Visit | Click | Fill | Choose | Check | Press, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Visible:
    element: Locator
    visible: bool = True
    kind: Literal["visible"] = "visible"


@dataclass(frozen=True, slots=True)
class HasText:
    element: Locator
    text: str
    exact: bool = True
    kind: Literal["has text"] = "has text"


@dataclass(frozen=True, slots=True)
class UrlIs:
    """`url` is relative to the application's base; with `pattern` it is a regular expression."""

    url: str
    pattern: bool = False
    kind: Literal["url"] = "url"


FlowExpectation = Annotated[Visible | HasText | UrlIs, Field(discriminator="kind")]


class FlowCase(Record):
    """Walk a page as a person would. `target` is the flow's name in the system model."""

    type: Literal["flow"] = "flow"
    id: str
    level: Literal["e2e"] = "e2e"
    description: str = ""
    target: str
    setup: tuple[FlowStep, ...] = ()
    input: tuple[FlowStep, ...]
    expect: tuple[FlowExpectation, ...]
    lifecycle: Lifecycle = Lifecycle()
    isolation: Isolation = Isolation()
    resources: Resources = Resources()
    provenance: Provenance = Provenance()


TestCase = Annotated[CallCase | ApiCase | FlowCase, Field(discriminator="type")]

_CASE: TypeAdapter[CallCase | ApiCase | FlowCase] = TypeAdapter(TestCase)
_EXPRESSION: TypeAdapter[Expression] = TypeAdapter(Expression)


def case_from_json(text: str | bytes) -> CallCase | ApiCase | FlowCase:
    """Raises pydantic.ValidationError for what is not a case."""
    return _CASE.validate_python(json.loads(text))


def expression_from_json(text: str | bytes) -> Expression:
    return _EXPRESSION.validate_python(json.loads(text))


def expression_to_json(expression: Expression) -> str:
    """ASCII, without spaces; equal expressions give equal text."""
    return json.dumps(_EXPRESSION.dump_python(expression, mode="json"), separators=(",", ":"))

"""Values that hold no others."""

from dataclasses import dataclass
from typing import Literal


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


SCRATCH = (
    "<scratch folder>"  # in a text, also in a message and in what is printed: the path of `EnvValue("scratch folder")`
)


@dataclass(frozen=True, slots=True)
class Text:
    """Unicode text; a lone surrogate is written `\\udXXX` in JSON and reads back. `SCRATCH` in it stands for a path."""

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


Plain = (
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
    | EnumMember
    | SymbolRef
    | Ref
    | EnvValue
)

"""What a call is expected to do, and what of it is looked at."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from qtest.records.case.expression import Expression


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

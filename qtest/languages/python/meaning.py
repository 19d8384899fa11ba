"""What a name means: in the scope around it, and to somebody who has read the repository."""

import ast
import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from qtest.records.case import Construct, EnvValue, Expression, Ref


@dataclass(frozen=True)
class Local:
    """A name bound by an earlier step, and the class of its value when that is known."""

    name: str
    type: str = ""


@dataclass(frozen=True)
class Inline:
    """A name that stands for an expression, as a parameter of a table of examples does."""

    expression: Expression
    text: str


Meaning = str | Ref | Local | Inline | None


class Known(Protocol):
    """What the system model can say about names."""

    def canonical(self, symbol: str) -> str: ...
    def is_module(self, name: str) -> bool: ...
    def is_class(self, symbol: str) -> bool: ...
    def is_enum(self, symbol: str) -> bool: ...
    def method(self, owner: str, name: str) -> str: ...


class Nothing:
    """The answer of somebody who has read no model."""

    def canonical(self, symbol: str) -> str:
        return symbol

    def is_module(self, name: str) -> bool:
        return False

    def is_class(self, symbol: str) -> bool:
        return False

    def is_enum(self, symbol: str) -> bool:
        return False

    def method(self, owner: str, name: str) -> str:
        return ""


@dataclass(frozen=True)
class Names:
    """Answers for the dotted names in one scope."""

    scope: Mapping[str, Meaning]
    known: Known

    def symbol(self, node: ast.expr) -> str:
        """What a dotted name means when it leads to a symbol through modules and classes only; else empty."""
        if isinstance(node, ast.Name):
            meaning = self.scope.get(node.id, f"builtins:{node.id}" if node.id in BUILTINS else None)
            return self.known.canonical(meaning) if isinstance(meaning, str) else ""
        if not isinstance(node, ast.Attribute):
            return ""
        owner = self.symbol(node.value)
        if not owner:
            return ""
        if ":" in owner:
            return self._member(owner, node.attr)
        found = self.known.canonical(f"{owner}:{node.attr}")
        inner = f"{owner}.{node.attr}"
        return inner if found == f"{owner}:{node.attr}" and self.known.is_module(inner) else found

    def makes(self, symbol: str) -> bool:
        """Whether calling it makes a new object."""
        home, _, name = symbol.partition(":")
        if self.known.is_module(home):
            return self.known.is_class(symbol)
        last = name.rpartition(".")[2]
        return symbol in _LOWER_CLASSES or ("." not in name and last[:1].isupper() and not last.isupper())

    def type(self, node: ast.expr, seen: Expression) -> str:
        """The class of a value, where a local name or its own form tells it."""
        meaning = self.scope.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(meaning, Local):
            return meaning.type
        return type_of(seen)

    def _member(self, owner: str, name: str) -> str:
        """A class's own method called on the class; a constant's attribute is no symbol."""
        if self.known.is_class(owner):
            return self.known.method(owner, name) or (f"{owner}.{name}" if not self.known.is_enum(owner) else "")
        foreign = owner.partition(":")[0]
        if not self.known.is_module(foreign) and (owner in _LOWER_CLASSES or owner.startswith("builtins:")):
            return f"{owner}.{name}"
        return (
            f"{owner}.{name}" if owner.rpartition(":")[2][:1].isupper() and "." not in owner.partition(":")[2] else ""
        )


def type_of(expression: Expression) -> str:
    """The class of the value, where it is plain."""
    if isinstance(expression, EnvValue):
        return "pathlib:Path"
    return expression.symbol if isinstance(expression, Construct) else ""


_LOWER_CLASSES = frozenset(
    (
        *("datetime:datetime", "datetime:date", "datetime:time", "datetime:timedelta", "datetime:timezone"),
        *("collections:deque", "collections:defaultdict", "functools:partial", "array:array", "types:SimpleNamespace"),
        *(
            f"builtins:{name}"
            for name in ("complex", "bytearray", "frozenset", "object", "range", "slice", "memoryview")
        ),
    )
)

BUILTINS = frozenset(dir(builtins))

"""Looking inside the DSL's expressions."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from qtest.records.case import Call, Construct, Consume, Decimal, EnumMember, IsInstance, Raises, SymbolRef, Warns


def walk(node: Any) -> Iterator[Any]:
    """The expression and everything inside it, outermost first."""
    if isinstance(node, tuple):
        for item in node:
            yield from walk(item)
    elif is_dataclass(node):
        yield node
        for field in fields(node):
            yield from walk(getattr(node, field.name))


def symbols_in(part: Any) -> Iterator[str]:
    """What must be named to write this one node."""
    if isinstance(part, Call) and part.receiver is not None:
        return
    if isinstance(part, Call | Construct | EnumMember | SymbolRef | Raises | Warns | IsInstance):
        yield part.symbol
    if isinstance(part, Decimal):
        yield "decimal:Decimal"
    if isinstance(part, Consume) and part.limit and not part.awaited:
        yield "itertools:islice"

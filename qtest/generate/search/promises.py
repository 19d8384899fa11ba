"""Which errors the code says it raises, so that a test may hold it to them."""

from collections.abc import Iterable

from qtest.records.case import Expression, Operate
from qtest.records.system import Symbol

_LOOKUPS = ("IndexError", "KeyError", "LookupError")
_PROTOCOLS: dict[str, tuple[str, ...]] = {"[]": _LOOKUPS, "del []": _LOOKUPS, "next": ("StopIteration",)}


def documented(symbols: Iterable[Symbol | None], error: str) -> bool:
    """Whether the docstring of one of them names the error, given as `module:Name`."""
    name = error.partition(":")[2].rpartition(".")[2]
    names = (name, "LookupError") if name in _LOOKUPS else (name,)
    return any(word in symbol.docstring for symbol in symbols if symbol is not None for word in names)


def of_protocol(given: Expression, error: str) -> bool:
    """Whether the language itself says that this use of an object ends in this error: a missing key, a spent iterator."""
    return isinstance(given, Operate) and error.partition(":")[2] in _PROTOCOLS.get(given.operator, ())

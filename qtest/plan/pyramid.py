"""Which kind of test a symbol asks for."""

from qtest.records.plan import TestLevel
from qtest.records.system import Symbol

_OUTSIDE = frozenset(
    ("reads files", "writes files", "network", "process", "clock", "random", "environment", "input", "global state")
)


def level_of(symbol: Symbol, *, pure: bool) -> TestLevel:
    """A pure function, or one that only changes what it was handed or prints, is a unit; what leans on the world is not."""
    if pure or not any(effect.kind in _OUTSIDE for effect in symbol.effects):
        return "unit"
    return "integration"

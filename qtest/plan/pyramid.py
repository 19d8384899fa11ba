"""Which kind of test a symbol asks for, and what that follows from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qtest.records.plan import TestLevel
from qtest.records.system import Effect, Flow, Interaction, Symbol, SystemModel

_OUTSIDE = frozenset(
    ("reads files", "writes files", "network", "process", "clock", "random", "environment", "input", "global state")
)
_SEVERAL = 2  # modules beside its own: with one, the test of a function still reads as the test of a unit


@dataclass(frozen=True)
class Level:
    level: TestLevel
    why: str


@dataclass(frozen=True)
class Pyramid:
    """Pure functions, and those that only change what they were handed or print, are units; what leans on the world or on a
    service, by itself or through a private helper, and what is a chain over several modules is not."""

    symbols: Mapping[str, Symbol]
    pure: frozenset[str]
    interactions: Mapping[str, Interaction]
    callees: Mapping[str, tuple[str, ...]]
    far: Mapping[str, str]

    @staticmethod
    def of(system: SystemModel) -> "Pyramid":
        callees: dict[str, dict[str, None]] = {}
        for edge in system.calls:
            callees.setdefault(edge.caller, {})[edge.callee] = None
        return Pyramid(
            symbols={symbol.id: symbol for module in system.modules for symbol in module.symbols},
            pure=frozenset(system.pure),
            interactions={item.symbol: item for item in reversed(system.interactions)},
            far=_far(system.flows),
            callees={caller: tuple(found) for caller, found in callees.items()},
        )

    def level_of(self, symbol: Symbol) -> Level:
        if symbol.id in self.pure:
            return Level("unit", "it is pure")
        for helper in self._and_helpers(symbol):
            outside = self._outside(helper)
            if outside:
                return Level("integration", outside if helper is symbol else f"through {helper.qualname}, {outside}")
        if symbol.id in self.far:
            return Level("integration", self.far[symbol.id])
        modules = self._modules_below(symbol)
        if len(modules) >= _SEVERAL:
            return Level("integration", f"its calls lead through {' and '.join(modules[:3])}")
        return Level("unit", "it leans on nothing outside")

    def _and_helpers(self, symbol: Symbol) -> Iterator[Symbol]:
        """The symbol, then the private symbols of its module that only it and its like lead to, nearest first."""
        waiting, seen = [symbol], {symbol.id}
        while waiting:
            found = waiting.pop(0)
            yield found
            for name in self.callees.get(found.id, ()):
                helper = self.symbols.get(name)
                if helper and name not in seen and not helper.public and helper.module == symbol.module:
                    seen.add(name)
                    waiting.append(helper)

    def _outside(self, symbol: Symbol) -> str:
        service = self.interactions.get(symbol.id)
        if service is not None:
            return f"talks to a {service.kind} service by {service.library}: {service.cause} on line {service.line}"
        effect = next((effect for effect in symbol.effects if effect.kind in _OUTSIDE), None)
        return _said(effect) if effect else ""

    def _modules_below(self, symbol: Symbol) -> list[str]:
        """Other modules that two calls lead to."""
        near = self.callees.get(symbol.id, ())
        far = [name for callee in near for name in self.callees.get(callee, ())]
        return sorted({name.partition(":")[0] for name in (*near, *far)} - {symbol.module})


def _far(flows: Iterable[Flow]) -> dict[str, str]:
    """What is said of symbols from which a flow leads through another module to its sink."""
    said: dict[str, str] = {}
    for flow in flows:
        chain = tuple(dict.fromkeys((flow.entry, *flow.chain)))
        for place, symbol in enumerate(chain):
            modules = dict.fromkeys(name.partition(":")[0] for name in chain[place:])
            if len(modules) > 1:
                said.setdefault(symbol, f"it leads to {flow.sink} through {' and '.join(list(modules)[1:4])}")
    return said


def _said(effect: Effect) -> str:
    return f"{effect.kind}: {effect.cause} on line {effect.line}"

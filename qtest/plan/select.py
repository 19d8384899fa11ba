"""What is worth a test, what is not, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qtest.plan.danger import danger_in, dangers
from qtest.plan.only import chosen
from qtest.plan.pyramid import level_of
from qtest.plan.risk import coverage_of, rank
from qtest.records.baseline import Baseline
from qtest.records.plan import Budget, LeftOut, Risk, Target, TestPlan
from qtest.records.system import Module, Symbol, SystemModel

_ENUMS = ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag")


def select(system: SystemModel, baseline: Baseline, budget: Budget, only: tuple[str, ...]) -> TestPlan:
    """Raises UsageError when a path in `only` names nothing."""
    paths = chosen(system, only)
    outlook = _Outlook.of(system, baseline)
    targets: list[Target] = []
    left_out: list[LeftOut] = []
    for module in system.modules:
        if module.path not in paths:
            continue
        reason = outlook.against_module(module)
        if reason:
            left_out.append(LeftOut(symbol=module.name, reason=reason))
            continue
        for item in outlook.sorted_out(module):
            if isinstance(item, Target):
                targets.append(item)
            else:
                left_out.append(item)
    return TestPlan(targets=_in_order(targets), left_out=tuple(left_out), budget=budget)


def _in_order(targets: list[Target]) -> tuple[Target, ...]:
    """Modules by their riskiest target, and within a module riskiest first."""
    best: dict[str, float] = {}
    for target in targets:
        best[target.module] = max(best.get(target.module, 0.0), target.risk.score)
    key = lambda target: (-best[target.module], target.module, -target.risk.score, target.symbol)  # noqa: E731
    return tuple(sorted(targets, key=key))


@dataclass(frozen=True)
class _Outlook:
    """What is known about every symbol before one is chosen."""

    symbols: Mapping[str, Symbol]
    risks: Mapping[str, Risk]
    dangers: Mapping[str, str]
    public_callers: Mapping[str, str]
    pure: frozenset[str]
    blocked: Mapping[str, str]

    @staticmethod
    def of(system: SystemModel, baseline: Baseline) -> "_Outlook":
        symbols = {symbol.id: symbol for module in system.modules for symbol in module.symbols}
        return _Outlook(
            symbols=symbols,
            risks=rank(system, coverage_of(system, baseline)),
            dangers=dangers(system, symbols),
            public_callers=_public_callers(system, symbols),
            pure=frozenset(system.pure),
            blocked={ground.suite.project: ground.problem for ground in baseline.projects if ground.problem},
        )

    def against_module(self, module: Module) -> str:
        """Why nothing of this module can be a target; empty when something may."""
        if module.language != "python":
            return f"no generator speaks {module.language} yet"
        if module.project in self.blocked:
            return self.blocked[module.project]
        if not all(part.isidentifier() for part in module.name.split(".")):
            return "cannot be imported by this name"
        if _for_tests(module.name):
            return "belongs to the tests"
        if module.name.rpartition(".")[2] == "__main__":
            return "is a script: it runs when imported"
        danger = danger_in(module.effects)
        if danger:
            return f"importing it is dangerous: {danger}"
        functions = [symbol for symbol in module.symbols if symbol.kind != "class"]
        if not functions and not any(_has_values(symbol) for symbol in module.symbols):
            return "has no functions"
        if module.script and all(symbol.qualname == "main" for symbol in functions):
            return "is a script with nothing but a main function"
        return ""

    def sorted_out(self, module: Module) -> Iterator[Target | LeftOut]:
        owners = {symbol.qualname.rpartition(".")[0] for symbol in module.symbols if symbol.kind != "class"}
        for symbol in module.symbols:
            if symbol.kind == "class" and (symbol.qualname in owners or not _has_values(symbol)):
                continue
            reason = self._against(symbol)
            if reason:
                yield LeftOut(symbol=symbol.id, reason=reason)
                continue
            level = level_of(symbol, pure=symbol.id in self.pure)
            yield Target(symbol=symbol.id, module=module.name, level=level, risk=self.risks[symbol.id])

    def _against(self, symbol: Symbol) -> str:
        if symbol.id in self.dangers:
            return self.dangers[symbol.id]
        if _is_abstract(symbol):
            return "is abstract: there is nothing to call"
        if not symbol.public and symbol.id in self.public_callers:
            return f"private, tested through {self.public_callers[symbol.id]}"
        return ""


def _public_callers(system: SystemModel, symbols: Mapping[str, Symbol]) -> dict[str, str]:
    """For each private symbol that public code leads to, the first public symbol that does."""
    callees: dict[str, set[str]] = {}
    for edge in system.calls:
        callees.setdefault(edge.caller, set()).add(edge.callee)
    for symbol in symbols.values():
        named = (f"{symbol.module}:{name}" for name in symbol.reads)
        callees.setdefault(symbol.id, set()).update(name for name in named if name in symbols)
    found: dict[str, str] = {}
    waiting = [(id_, symbol.qualname) for id_, symbol in sorted(symbols.items(), reverse=True) if symbol.public]
    while waiting:
        caller, public = waiting.pop()
        for callee in sorted(callees.get(caller, ())):
            if callee not in found and not symbols[callee].public:
                found[callee] = public
                waiting.append((callee, public))
    return found


def _for_tests(name: str) -> bool:
    *folders, last = name.split(".")
    if any(part in ("tests", "test", "testing_helpers") for part in (*folders, last)):
        return True
    return last == "conftest" or last.startswith("test_") or last.endswith("_test")


def _has_values(symbol: Symbol) -> bool:
    """A class that can be looked at without methods of its own: fields or members."""
    return symbol.kind == "class" and (
        bool(symbol.parameters) or any(base.rpartition(".")[2] in _ENUMS for base in symbol.bases)
    )


def _is_abstract(symbol: Symbol) -> bool:
    return any(text.rpartition(".")[2] == "abstractmethod" for text in symbol.decorators)

"""What is worth a test, what is not, and why."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from qtest.config import PlanSettings
from qtest.plan.danger import danger_in, dangers
from qtest.plan.only import chosen
from qtest.plan.outward import outward, risk_of
from qtest.plan.overrides import SKIPPED, Overrides
from qtest.plan.privates import public_callers
from qtest.plan.pyramid import Level, Pyramid
from qtest.plan.risk import coverage_of, rank
from qtest.records.baseline import Baseline
from qtest.records.plan import Budget, LeftOut, Risk, Target, TestPlan
from qtest.records.system import Module, Symbol, SystemModel

_ENUMS = ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag")


def select(
    system: SystemModel,
    baseline: Baseline,
    budget: Budget,
    only: tuple[str, ...],
    settings: PlanSettings | None = None,
) -> TestPlan:
    """Raises UsageError when a path in `only`, or a pattern of the settings, names nothing."""
    paths = chosen(system, only)
    outlook = _Outlook.of(system, baseline, settings or PlanSettings())
    items = [item for module in system.modules if module.path in paths for item in outlook.planned(module)]
    items += outlook.outward(system, paths)
    return TestPlan(
        targets=_in_order([item for item in items if isinstance(item, Target)]),
        left_out=tuple(dict.fromkeys(item for item in items if isinstance(item, LeftOut))),
        budget=budget,
    )


def _in_order(targets: list[Target]) -> tuple[Target, ...]:
    """Modules by their riskiest written target, and within a module riskiest first."""
    best: dict[str, tuple[bool, float]] = {}
    for target in targets:
        best[target.module] = max(best.get(target.module, (False, 0.0)), (target.written, target.risk.score))

    def place(target: Target) -> tuple[bool, float, str, float, bool, str, str, str]:
        written, score = best[target.module]
        return (
            not written,
            -score,
            target.module,
            -target.risk.score,
            not target.written,
            target.symbol,
            target.level,
            target.name,
        )

    return tuple(sorted(targets, key=place))


@dataclass(frozen=True)
class _Outlook:
    """What is known about every symbol before one is chosen."""

    symbols: Mapping[str, Symbol]
    risks: Mapping[str, Risk]
    dangers: Mapping[str, str]
    public_callers: Mapping[str, str]
    pyramid: Pyramid
    overrides: Overrides
    blocked: Mapping[str, str]

    @staticmethod
    def of(system: SystemModel, baseline: Baseline, settings: PlanSettings) -> "_Outlook":
        symbols = {symbol.id: symbol for module in system.modules for symbol in module.symbols}
        risks = rank(system, coverage_of(system, baseline), settings)
        return _Outlook(
            symbols=symbols,
            risks=risks,
            dangers=dangers(system, symbols),
            public_callers=public_callers(system, symbols),
            pyramid=Pyramid.of(system),
            overrides=Overrides.of(settings, system, max((risk.score for risk in risks.values()), default=0.0)),
            blocked={ground.suite.project: ground.problem for ground in baseline.projects if ground.problem},
        )

    def planned(self, module: Module) -> Iterator[Target | LeftOut]:
        """What becomes of a module's code."""
        reason = SKIPPED if self.overrides.skips(module) else self.against_module(module)
        if reason:
            yield LeftOut(symbol=module.name, reason=reason)
        else:
            yield from self.sorted_out(module)

    def outward(self, system: SystemModel, paths: Collection[str]) -> Iterator[Target | LeftOut]:
        """What is tested from the outside, where the code that answers is not skipped and its project can be built."""
        homes = {module.name: module for module in system.modules}
        for item in outward(system):
            module = homes.get(item.symbol.partition(":")[0])
            if module is None:
                yield LeftOut(symbol=item.name, reason=f"what answers, {item.symbol}, is not in this repository")
            elif module.path not in paths or module.project in self.blocked or _for_tests(module.name):
                continue
            elif self.overrides.skips(module):
                yield LeftOut(symbol=module.name, reason=SKIPPED)
            elif self.overrides.skips(module, item.symbol):
                yield LeftOut(symbol=item.symbol, reason=SKIPPED)
            else:
                risk = self.overrides.raised(risk_of(item, self.risks), module, item.symbol)
                yield Target(
                    symbol=item.symbol, module=module.name, level=item.level, risk=risk, why=item.why, name=item.name
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
            reason = SKIPPED if self.overrides.skips(module, symbol.id) else self._against(symbol)
            if reason:
                yield LeftOut(symbol=symbol.id, reason=reason)
                continue
            given = self.overrides.level(module, symbol.id)
            found = Level(given, "set in pyproject.toml") if given else self.pyramid.level_of(symbol)
            risk = self.overrides.raised(self.risks[symbol.id], module, symbol.id)
            yield Target(symbol=symbol.id, module=module.name, level=found.level, risk=risk, why=found.why)

    def _against(self, symbol: Symbol) -> str:
        if symbol.id in self.dangers:
            return self.dangers[symbol.id]
        if _is_abstract(symbol):
            return "is abstract: there is nothing to call"
        if not symbol.public and symbol.id in self.public_callers:
            return f"private, tested through {self.symbols[self.public_callers[symbol.id]].qualname}"
        return ""


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

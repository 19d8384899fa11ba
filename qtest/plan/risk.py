"""How much it would hurt if a symbol broke, and why we think so."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from qtest.plan.domain import domains_of
from qtest.records.baseline import Baseline, FileCoverage
from qtest.records.plan import Reason, Risk
from qtest.records.record import Record
from qtest.records.system import Symbol, SystemModel


class RiskWeights(Record):
    """Points: for each decision, for each doubling of the callers, for code no test runs, for a dear domain, for effects."""

    decision: float = 1.0
    fan_in: float = 1.5
    gap: float = 8.0
    domain: float = 3.0
    effects: float = 2.0
    raises: float = 0.5
    most_decisions: int = 25


def rank(system: SystemModel, coverage: Mapping[str, float], weights: RiskWeights | None = None) -> dict[str, Risk]:
    """By symbol, riskiest first. Every score carries its reasons, so that a person can disagree with it."""
    chosen = weights or RiskWeights()
    callers = Counter(edge.callee for edge in system.calls)
    risks = {
        symbol.id: _assess(symbol, callers[symbol.id], coverage.get(symbol.id), chosen)
        for module in system.modules
        for symbol in module.symbols
    }
    return dict(sorted(risks.items(), key=lambda item: (-item[1].score, item[0])))


def _assess(symbol: Symbol, callers: int, covered: float | None, weights: RiskWeights) -> Risk:
    reasons = tuple(_reasons(symbol, callers, covered, weights))
    return Risk(score=round(sum(reason.points for reason in reasons), 3), reasons=reasons)


def _reasons(symbol: Symbol, callers: int, covered: float | None, weights: RiskWeights) -> Iterator[Reason]:
    decisions = symbol.complexity - 1
    if decisions:
        points = weights.decision * min(decisions, weights.most_decisions)
        yield Reason(factor="complexity", points=points, text=f"{decisions} {_many('decision', decisions)}")
    if callers:
        points = round(weights.fan_in * math.log2(1 + callers), 3)
        yield Reason(factor="fan-in", points=points, text=f"called from {callers} {_many('place', callers)}")
    if covered is None:
        yield Reason(factor="coverage", points=weights.gap, text="no test was seen to run it")
    elif covered < 1:
        points = round(weights.gap * (1 - covered), 3)
        yield Reason(factor="coverage", points=points, text=f"tests run {covered:.0%} of its lines")
    domains = domains_of((symbol.qualname, symbol.module))
    if domains:
        text = ", ".join(f"{domain} ({word})" for domain, word in domains.items())
        yield Reason(factor="domain", points=weights.domain, text=text)
    if symbol.effects:
        kinds = sorted({effect.kind for effect in symbol.effects})
        yield Reason(factor="effects", points=weights.effects, text=", ".join(kinds))
    if symbol.raises:
        count = len(symbol.raises)
        points = round(weights.raises * min(count, 6), 3)
        yield Reason(factor="errors", points=points, text=f"raises {count} {_many('error', count)} of its own")


def _many(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def coverage_of(system: SystemModel, baseline: Baseline) -> dict[str, float]:
    """The share of each symbol's statements that the existing tests run; absent where nothing was measured."""
    files = {file.path: file for ground in baseline.projects for file in ground.suite.measured.files}
    return dict(_shares(system, files))


def _shares(system: SystemModel, files: Mapping[str, FileCoverage]) -> Iterator[tuple[str, float]]:
    for module in system.modules:
        file = files.get(module.path)
        if file is None:
            continue
        executed = set(file.executed)
        for symbol in module.symbols:
            lines = _inside(file.statements, symbol)
            if lines:
                yield symbol.id, sum(line in executed for line in lines) / len(lines)


def _inside(statements: Iterable[int], symbol: Symbol) -> list[int]:
    """Without the `def` line, which importing alone executes; a symbol of one line has only that."""
    lines = [line for line in statements if symbol.line <= line <= symbol.end_line]
    return lines[1:] if len(lines) > 1 else lines

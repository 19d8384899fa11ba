"""How much it would hurt if a symbol broke, and why we think so."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qtest.config import PlanSettings, RiskWeights
from qtest.plan.domain import domains_of, words_of
from qtest.plan.paths import paths_through
from qtest.plan.privates import public_callers
from qtest.records.baseline import Baseline, FileCoverage
from qtest.records.plan import Reason, Risk
from qtest.records.system import FileHistory, Symbol, SystemModel

_NAMED = 3  # files that change with this one


def rank(system: SystemModel, coverage: Mapping[str, float], settings: PlanSettings | None = None) -> dict[str, Risk]:
    """By symbol, riskiest first. Every score carries its reasons, so that a person can disagree with it.

    `coverage` is empty where nothing was measured.
    """
    known = _Known.of(system, coverage, settings or PlanSettings())
    risks = {symbol.id: known.assess(symbol) for module in system.modules for symbol in module.symbols}
    return dict(sorted(risks.items(), key=lambda item: (-item[1].score, item[0])))


@dataclass(frozen=True)
class _Known:
    """What is known of all symbols, by symbol or by path."""

    weights: RiskWeights
    words: Mapping[str, frozenset[str]]
    callers: Mapping[str, int]
    helpers: Mapping[str, tuple[Symbol, ...]]
    paths: Mapping[str, tuple[str, ...]]
    histories: Mapping[str, FileHistory]
    coverage: Mapping[str, float]

    @staticmethod
    def of(system: SystemModel, coverage: Mapping[str, float], settings: PlanSettings) -> "_Known":
        symbols = {symbol.id: symbol for module in system.modules for symbol in module.symbols}
        helpers: dict[str, tuple[Symbol, ...]] = {}
        for private, public in public_callers(system, symbols).items():
            helpers[public] = (*helpers.get(public, ()), symbols[private])
        return _Known(
            weights=settings.weights,
            words=words_of(settings.domains),
            callers=Counter(edge.callee for edge in system.calls),
            helpers=helpers,
            paths=paths_through(system),
            histories={history.path: history for history in system.histories},
            coverage=coverage,
        )

    def assess(self, symbol: Symbol) -> Risk:
        reasons = tuple(
            Reason(factor=reason.factor, points=round(reason.points, 3), text=reason.text)
            for reason in self._reasons(symbol)
            if round(reason.points, 3)
        )
        return Risk(score=round(math.fsum(reason.points for reason in reasons), 3), reasons=reasons)

    def _reasons(self, symbol: Symbol) -> Iterator[Reason]:
        """Those of no points are weighed with nothing; they are not shown."""
        yield from self._of_use(symbol)
        yield from self._of_meaning(symbol)
        history = self.histories.get(symbol.path)
        if history is not None:
            yield from _of_history(history, self.weights)

    def _of_use(self, symbol: Symbol) -> Iterator[Reason]:
        weights, callers, paths = self.weights, self.callers.get(symbol.id, 0), self.paths.get(symbol.id, ())
        covered = self.coverage.get(symbol.id)
        yield from self._complexity(symbol)
        if callers:
            points = weights.fan_in * math.log2(1 + callers)
            yield Reason(factor="fan-in", points=points, text=f"called from {_many('place', callers)}")
        if paths:
            text = (
                f"on the critical path {paths[0]}"
                if len(paths) == 1
                else f"on {len(paths)} critical paths, {paths[0]} among them"
            )
            yield Reason(factor="critical path", points=weights.path * math.log2(1 + len(paths)), text=text)
        if covered is None:
            text = "no test was seen to run it" if self.coverage else "no test is known to run it"
            yield Reason(factor="coverage", points=weights.gap, text=text)
        elif covered < 1:
            yield Reason(
                factor="coverage", points=weights.gap * (1 - covered), text=f"tests run {covered:.0%} of its lines"
            )

    def _complexity(self, symbol: Symbol) -> Iterator[Reason]:
        """Its decisions, and those of the private code that is tested through it. The logarithm, as one door may lead to a whole house."""
        most, each = self.weights.most_decisions, self.weights.decision
        own = symbol.complexity - 1
        if own:
            text = _many("decision", own) + (f", of which {most} count" if own > most else "")
            yield Reason(factor="complexity", points=each * min(own, most), text=text)
        helpers = [helper for helper in self.helpers.get(symbol.id, ()) if helper.complexity > 1]
        if helpers:
            below = sum(helper.complexity - 1 for helper in helpers)
            worst = max(helpers, key=lambda helper: (helper.complexity, helper.id)).qualname
            text = f"{_many('decision', below)} in {worst}" + (f" and {len(helpers) - 1} more" if helpers[1:] else "")
            yield Reason(factor="private code", points=self.weights.helpers * math.log2(1 + below), text=text)

    def _of_meaning(self, symbol: Symbol) -> Iterator[Reason]:
        weights = self.weights
        domains = domains_of((symbol.qualname, symbol.module), self.words)
        if domains:
            text = ", ".join(f"{domain} ({word})" for domain, word in domains.items())
            yield Reason(factor="domain", points=weights.domain, text=text)
        if symbol.effects:
            kinds = sorted({effect.kind for effect in symbol.effects})
            yield Reason(factor="effects", points=weights.effects, text=", ".join(kinds))
        if symbol.raises:
            count = len(symbol.raises)
            text = f"raises {_many('error', count)}"
            yield Reason(factor="errors", points=weights.raises * min(count, 6), text=text)


def _of_history(history: FileHistory, weights: RiskWeights) -> Iterator[Reason]:
    """What holds for the whole file."""
    text = f"file changed in {_many('commit', history.commits)}, {history.recency:.1f} by their age"
    yield Reason(factor="change", points=weights.change * math.log2(1 + history.recency), text=text)
    if history.fixes:
        text = f"{_many('commit', history.fixes)} mended the file"
        yield Reason(factor="fixes", points=weights.fix * math.log2(1 + history.fixes), text=text)
    often = [(path, count) for path, count in history.together if 2 * count >= history.commits]
    if often:
        named = ", ".join(f"{path} ({count} times)" for path, count in often[:_NAMED])
        more = f" and {len(often) - _NAMED} more" if len(often) > _NAMED else ""
        points = weights.together * math.log2(1 + len(often))
        yield Reason(factor="together", points=points, text=f"file changes with {named}{more}")


def _many(word: str, count: int) -> str:
    return f"1 {word}" if count == 1 else f"{count} {word}s"


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

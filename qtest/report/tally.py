"""The numbers every report shows, counted once from the verdicts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from qtest.records.mutant import Inconclusive, Killed, NoCoverage, Survived, TimedOut, Verdict
from qtest.records.outcome import Failure, ModuleOutcome, Rejection, SuspectedBug, ValidatedTest
from qtest.records.report import RunReport
from qtest.report.text import share

DOUBTFUL_SHARE = 0.02  # of all mutants; with more timeouts and inconclusives the score is an interval


@dataclass(frozen=True)
class Tally:
    """`tests` counts functions, `cases` what pytest runs. `before` are mutants the existing suite kills, `after` those it leaves
    and the new tests kill. `accepted` live because a person lets them."""

    tests: int
    cases: int
    mutants: int
    before: int
    after: int
    timed_out: int
    inconclusive: int
    accepted: int = 0

    @property
    def scored(self) -> int:
        """Mutants the score counts: killed, survived or not covered, without those that a person lets live."""
        return self.mutants - self.timed_out - self.inconclusive - self.accepted

    @property
    def whole(self) -> "Tally":
        """As if nobody had accepted any."""
        return replace(self, accepted=0)

    @property
    def score_before(self) -> float | None:
        return self.before / self.scored if self.scored else None

    @property
    def score_after(self) -> float | None:
        return (self.before + self.after) / self.scored if self.scored else None

    def score_text(self, killed: int) -> str:
        """The score, or, when too many mutants have no clear end, the interval it lies in."""
        if not self.scored:
            return "–"
        unclear = self.timed_out + self.inconclusive
        if unclear <= DOUBTFUL_SHARE * self.mutants:
            return f"{100 * killed / self.scored:.0f} %"
        asked = self.mutants - self.accepted
        return f"{100 * killed / asked:.0f}–{100 * (killed + unclear) / asked:.0f} %"


def tally(modules: Iterable[ModuleOutcome]) -> Tally:
    counted = [_of(module) for module in modules]
    return Tally(*(sum(getattr(one, name) for one in counted) for name in Tally.__dataclass_fields__))


def final(module: ModuleOutcome) -> dict[str, Verdict]:
    """The last verdict on each mutant, by its id: the new tests' where they run it, else that of the tests there were."""
    found = {verdict.mutant.id: verdict for verdict in module.before}
    for verdict in module.after:
        if not isinstance(verdict.result, NoCoverage) or verdict.mutant.id not in found:
            found[verdict.mutant.id] = verdict
    return found


def first_line(report: RunReport) -> str:
    """What the run came to, in one sentence."""
    all_ = tally(report.modules)
    tests = "1 new test kills" if all_.cases == 1 else f"{all_.cases} new tests kill"
    if not all_.mutants:
        return (
            "nothing was judged: no module could be worked on"
            if not report.worked
            else "no mutant could be made of the code that was asked for"
        )
    if not any(suite.tests for suite in report.suites):
        return f"no suite of your own was used; {tests} {all_.after} of {all_.mutants} mutants"
    said = f"your suite killed {all_.before} of {all_.mutants} mutants"
    if all_.cases:
        return f"{said}; {tests} {all_.after} more"
    if all_.accepted and all_.before == all_.scored:
        return f"{said}: it leaves only accepted ones alive, so no test was added"
    if all_.before == all_.scored:
        return f"{said}: it leaves none alive, so no test was added"
    return f"{said}; no new test kills more"


def ending(module: ModuleOutcome) -> str:
    """How a module ended, in a few words."""
    tests = sum(isinstance(outcome, ValidatedTest) for outcome in module.outcomes)
    bugs = sum(isinstance(outcome, SuspectedBug) for outcome in module.outcomes)
    failure = next((outcome for outcome in module.outcomes if isinstance(outcome, Failure)), None)
    parts = [f"{bugs} suspected bug{'s' if bugs > 1 else ''}"] if bugs else []
    if failure:
        parts.append(f"failed: {failure.reason}")
    elif tests:
        parts.insert(0, "proven")
    elif module.note:
        parts.append(module.note)
    else:
        rejection = next((outcome for outcome in module.outcomes if isinstance(outcome, Rejection)), None)
        parts.append(f"rejected: {rejection.reason}" if rejection else "nothing found")
    return "; ".join(parts)


def accepted_line(report: RunReport) -> str:
    """The score with the mutants that people let live; empty when there are none."""
    all_ = tally(report.modules)
    if not all_.accepted:
        return ""
    lives = "mutant lives and was" if all_.accepted == 1 else "mutants live and were"
    score = all_.whole.score_text(all_.before + all_.after)
    return f"{all_.accepted} accepted {lives} not hunted; with them the score is {score}"


def controls_line(report: RunReport) -> str:
    controls = report.controls
    suites = [suite for suite in report.suites if suite.runs]
    green = (
        "; ".join(f"baseline green {suite.green_runs} of {suite.runs}" for suite in suites)
        or "baseline: no suite was run"
    )
    return f"no-op mutants alive {controls.no_op_alive} of {controls.no_op_total}, raise mutants dead {controls.raise_dead} of {controls.raise_total}, {green}"


def covered(modules: Iterable[ModuleOutcome]) -> str:
    """Line coverage before and after, of the modules where it was measured."""
    pairs = [(module.coverage_before, module.coverage_after) for module in modules]
    known = [(before, after) for before, after in pairs if after is not None]
    if not known:
        return "–"
    statements = sum(len(after.statements) for _, after in known)
    before_lines = sum(len(before.executed) if before else 0 for before, _ in known)
    return f"{share(before_lines, statements)} → {share(sum(len(after.executed) for _, after in known), statements)}"


def measured(modules: Sequence[ModuleOutcome]) -> str:
    """Of how many modules `covered` speaks, where that is not all of them."""
    count = sum(module.coverage_after is not None for module in modules)
    return f", {count} of {len(modules)} modules" if 0 < count < len(modules) else ""


def _of(module: ModuleOutcome) -> Tally:
    verdicts = final(module)
    before = sum(isinstance(verdict.result, Killed) for verdict in module.before)
    after = sum(isinstance(verdict.result, Killed) for verdict in module.after)
    kept = [outcome for outcome in module.outcomes if isinstance(outcome, ValidatedTest)]
    return Tally(
        tests=len(kept),
        cases=sum(len(test.nodes) for test in kept),
        mutants=len(verdicts),
        before=before,
        after=after,
        timed_out=sum(isinstance(verdict.result, TimedOut) for verdict in verdicts.values()),
        inconclusive=sum(isinstance(verdict.result, Inconclusive) for verdict in verdicts.values()),
        accepted=len(module.accepted),
    )


def alive(module: ModuleOutcome) -> tuple[Verdict, ...]:
    """Without those that a person lets live."""
    return tuple(
        verdict
        for verdict in final(module).values()
        if isinstance(verdict.result, Survived | NoCoverage) and verdict.mutant.id not in module.accepted
    )

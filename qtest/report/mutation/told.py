"""What every report of `qtest mutate` says in words: the score, what stands beside it, and the question that each survivor asks."""

import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qtest.config import recalled
from qtest.mutation.diff import split_lines
from qtest.mutation.score import Score, confidence, score
from qtest.mutation.words import change
from qtest.records.difference import Difference, Differences
from qtest.records.mutant import Inconclusive, Killed, Mutant, NoCoverage, Refused, Survived, TimedOut, Verdict
from qtest.records.mutation import Accepted, JudgedModule, MutationReport

ENOUGH = 100  # calls; that fewer show no difference tells nothing


@dataclass(frozen=True)
class Runs:
    """What is known of a module's lines and mutants: the tests that execute a line, the calls that tell a mutant (by id) from the code,
    and what was tried for that."""

    tests: Mapping[int, tuple[str, ...]]
    apart: Mapping[str, Difference]
    asked: Differences


def first_line(report: MutationReport) -> str:
    """What it came to, in one sentence."""
    told = score(report.unaccepted)
    if told.value is None:
        return report.note or "no mutant has a clear end, so there is no score"
    killed = f"your tests kill {told.killed} of {told.counted} mutants"
    unseen = sum(module.sampled_out for module in report.modules)
    sure = confidence(told, unseen)
    if unseen and sure:
        every = told.counted + told.unclear + unseen
        return f"mutation score {span(*sure)} (95 % sure): {killed} drawn from {every}"
    return f"mutation score {percent(told)}: {killed}"


def percent(told: Score) -> str:
    """The interval it lies in when too many ends are unclear."""
    return span(*told.interval) if told.interval else "–"


def span(low: float, high: float) -> str:
    return f"{100 * low:.1f} %" if low == high else f"{100 * low:.1f} to {100 * high:.1f} %"


def beside(report: MutationReport) -> Iterator[str]:
    """What the score leaves out."""
    told = score(report.verdicts)
    if told.unclear:
        yield f"{told.timed_out} timed out, {told.inconclusive} inconclusive; neither is a kill"
    refused = sum(isinstance(verdict.result, Refused) for verdict in report.verdicts)
    if refused:
        yield f"{refused} refused by the type checker; no test was asked about {'it' if refused == 1 else 'them'}"
    accepted = len(report.verdicts) - len(report.unaccepted)
    if accepted:
        yield f"{accepted} accepted {'mutant lives' if accepted == 1 else 'mutants live'}; with them the score is {percent(told)}"
    same = sum(module.same_code for module in report.modules)
    if same:
        yield f"{same} edits that compile to the same code were dropped"


def reviewed(report: MutationReport) -> Iterator[str]:
    """What there is to do in the file of accepted mutants."""
    name = recalled(report.settings).mutate.accepted
    for verdict in report.killed_after_all:
        yield f"accepted {verdict.stable} ({verdict.mutant.symbol}, {change(verdict.mutant)}) is killed now by {killer(verdict)}; remove it from {name}"
    for entry in report.stale:
        yield f"stale: {entry.id} ({entry.symbol or entry.path}, {entry.change}): its statement has changed or is gone; remove it from {name}"


def controls(report: MutationReport) -> str:
    found = report.controls
    green = "; ".join(f"baseline green {suite.green_runs} of {suite.runs}" for suite in report.suites if suite.runs)
    return (
        f"no-op mutants alive {found.no_op_alive} of {found.no_op_total}, raise mutants dead {found.raise_dead} of {found.raise_total}, "
        + (green or "baseline: no suite was run")
    )


def runs(module: JudgedModule) -> Runs:
    found: dict[int, list[str]] = {}
    for test in module.runs:
        for line in test.lines:
            found.setdefault(line, []).append(test.node)
    asked = module.differences or Differences(module=module.module)
    return Runs(
        tests={line: tuple(nodes) for line, nodes in found.items()},
        apart={difference.mutant: difference for difference in asked.found},
        asked=asked,
    )


def seen(mutant: Mutant, by_line: Runs) -> tuple[str, ...]:
    """The tests that were seen to execute its statement."""
    lines = range(mutant.line, mutant.end_line + 1)
    return tuple(dict.fromkeys(node for line in lines for node in by_line.tests.get(line, ())))


def question(verdict: Verdict, by_line: Runs) -> str:
    """What a person is to decide about a survivor; of others, how they ended."""
    mutant, result = verdict.mutant, verdict.result
    if isinstance(result, Survived):
        who = _passing(verdict, result.tests, len(seen(mutant, by_line)))
        should = "it" if result.tests == 1 else "one of them"
        apart = _apart(mutant, by_line)
        return f"{who} {_with(mutant)}" + (f"; {apart}" if apart else f": should {should} notice?")
    if isinstance(result, NoCoverage):
        apart = _apart(mutant, by_line)
        return "no test runs this line" + (f"; {apart}" if apart else ": is it worth one?")
    return ending(verdict)


def _apart(mutant: Mutant, known: Runs) -> str:
    """How a caller could tell, and what that leaves to decide; empty when nobody looked."""
    found = known.apart.get(mutant.id)
    if found is None and mutant.id in known.asked.asked:
        own, every = known.asked.calls.get(mutant.symbol, 0), sum(known.asked.calls.values())
        if (own or every) < ENOUGH:
            return ""
        tried = f"{own} calls of it" if own else f"{every} calls of the module"
        return f"no difference in {tried}: may it live (qtest accept)?"
    if found is None:
        return ""
    if found.stable:
        return f"{found.call} {found.code}, and then no longer: should a test say so?"
    return f"{found.call} shows it, but does not do the same in every process, so no plain test can say so"


def _with(mutant: Mutant) -> str:
    told = change(mutant)
    return told if told.startswith("with") else f"with {told}"


def ending(verdict: Verdict) -> str:
    result = verdict.result
    if isinstance(result, Killed):
        return f"killed by {killer(verdict)}"
    if isinstance(result, TimedOut):
        how = "used up its CPU time" if result.limit == "cpu" else "waited for good"
        return f"timed out: it {how}{f' in {result.during}' if result.during else ''}; that is no kill"
    if isinstance(result, Refused):
        return f"refused by the type checker, so no test has to kill it: {result.message}"
    return f"inconclusive: {result.reason}" if isinstance(result, Inconclusive) else result.status


def killer(verdict: Verdict) -> str:
    by = verdict.result.by if isinstance(verdict.result, Killed) else ()
    return (by[0] if by else "nobody") + (f" and {len(by) - 1} more" if len(by) > 1 else "")


def by_function(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """In the order of the text."""
    found: dict[str, list[Verdict]] = {}
    for verdict in sorted(verdicts, key=lambda one: (one.mutant.path, one.mutant.start, one.mutant.end, one.id)):
        found.setdefault(verdict.mutant.symbol, []).append(verdict)
    return found


def line_of(mutant: Mutant, text: str) -> int:
    """Where the change begins, which may be deep in its statement."""
    return bisect.bisect_right(split_lines(text)[1], mutant.start)


def accepted_of(verdict: Verdict, reasons: Mapping[str, Accepted]) -> Accepted | None:
    return reasons.get(verdict.stable) if verdict.stable else None


def name(verdict: Verdict) -> str:
    """What `show`, `replay` and `accept` call it."""
    return verdict.stable or verdict.id


def _passing(verdict: Verdict, asked: int, ran: int) -> str:
    if verdict.how == "fresh import":
        return f"this runs while modules are imported or tests collected; {_tests(asked)} {_pass(asked)}"
    if not ran:
        return f"no test was seen to run this line, but {_tests(asked)} that may reach it {_pass(asked)}"
    if asked > ran:
        return f"{_ran(ran)}; {'it' if ran == 1 else 'they'} and {asked - ran} more that may reach it pass"
    return f"{_ran(ran)} and {_pass(ran)}"


def _tests(count: int) -> str:
    return "1 test" if count == 1 else f"{count} tests"


def _ran(count: int) -> str:
    return f"{_tests(count)} {'runs' if count == 1 else 'run'} this line"


def _pass(count: int) -> str:
    return "passes" if count == 1 else "pass"

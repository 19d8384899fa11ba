"""What a reviewer reads in a pull request: bugs first, then what the tests are worth, each in a line, then what still lives."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from qtest.errors import UnspokenError
from qtest.languages.python.saying import called, outcomes
from qtest.mutation.words import change
from qtest.records.case import CallCase, Expectation
from qtest.records.delivery import PullText
from qtest.records.mutant import Survived, Verdict
from qtest.records.outcome import ModuleOutcome, SuspectedBug, ValidatedTest
from qtest.records.report import RunReport
from qtest.report.markdown import Section, code, fenced, page, row, table
from qtest.report.tally import Tally, alive, controls_line, covered, final, measured, tally, unaccepted

_SHOWN = 12  # tests in the open; more are folded
_FILES = 3  # named in a command; of more their folders
_KILLS = 2  # edits named of a test
_CLAIMS = {
    "equals": "value", "is": "value", "approximately": "value", "is nan": "value", "is instance": "class", "has shape": "shape",
    "raises": "exception", "warns": "warning", "outputs": "output", "holds": "relation",
}  # fmt: skip


def text(report: RunReport) -> PullText:
    return PullText(title=_title(report), body=page(_sections(report), _where(report)))


def _title(report: RunReport) -> str:
    """Nothing of the target is in it: titles cannot be escaped."""
    total, bugs = tally(report.modules), len(_bugs(report))
    said = (
        [
            f"{_count(total.tests, 'test')} that kill{'s' if total.tests == 1 else ''} {_count(total.after, 'mutant')} no test noticed"
        ]
        if total.tests
        else []
    )
    said += [_count(bugs, "suspected bug")] if bugs else []
    return f"QTest: {' and '.join(said) or 'nothing to add'}"


def _where(report: RunReport) -> str:
    return f"`report.html` of run {code(report.run or report.out)}"


def _sections(report: RunReport) -> Iterator[Section]:
    yield from _suspected(report)
    yield Section(parts=tuple(_worth(report)), what="figures")
    yield from _tests(report)
    yield from _survivors(report)
    yield Section(parts=tuple(_ground(report)))


# --- suspected bugs --------------------------------------------------------------------------------------------------


def _bugs(report: RunReport) -> list[SuspectedBug]:
    return [outcome for module in report.modules for outcome in module.outcomes if isinstance(outcome, SuspectedBug)]


def _suspected(report: RunReport) -> Iterator[Section]:
    bugs = _bugs(report)
    if bugs:
        yield Section(f"## {_count(len(bugs), 'suspected bug')}\n", tuple(map(_bug, bugs)), what="suspected bugs")


def _bug(bug: SuspectedBug) -> str:
    said = f"{code(bug.target)}: {code(bug.observed, 300)}, though {code(bug.contract, 300)}\n\n"
    return said + fenced(bug.repro, "python")


# --- what the tests are worth ----------------------------------------------------------------------------------------


def _worth(report: RunReport) -> Iterator[str]:
    total = tally(report.modules)
    tests = [outcome for _, outcome in _validated(report)]
    if tests:
        files = sorted({test.file for test in tests})
        cases = f" ({_count(total.cases, 'case')})" if total.cases != total.tests else ""
        yield f"## {_count(total.tests, 'test')}{cases} in {_count(len(files), 'file')}\n\n"
    yield table(("", "before", "after"), _figures(report)) + "\n"
    if tests:
        yield f"{_claims(tests)}; {_lines(tests)} a test. Run them: {code(_command(tests), 300)}\n"
    unclear = total.timed_out + total.inconclusive
    if unclear:
        yield f"\n{total.timed_out} timed out, {total.inconclusive} inconclusive: neither is a kill.\n"


def _figures(report: RunReport) -> Iterator[tuple[str, str, str]]:
    every, left = tally(report.modules), tally(unaccepted(report))
    accepted = every.mutants - left.mutants
    if every.mutants:
        yield _score("mutation score", left)
    if accepted:
        yield _score(f"with {_count(accepted, 'accepted mutant')}", every)
    lines = covered(report.modules)
    if "→" in lines:
        before, after = lines.split(" → ")
        yield f"lines covered{measured(report.modules)}", before, f"**{after}**"


def _score(what: str, total: Tally) -> tuple[str, str, str]:
    killed = total.before + total.after
    return (
        what,
        f"{total.score_text(total.before)} ({total.before} of {total.scored})",
        f"**{total.score_text(killed)}** ({killed} of {total.scored})",
    )


def _claims(tests: Sequence[ValidatedTest]) -> str:
    counted = Counter(_claim(one) for test in tests for case in test.cases for one in case.expect)
    return "Claimed: " + ", ".join(_count(count, claim) for claim, count in counted.most_common())


def _command(tests: Sequence[ValidatedTest]) -> str:
    files = sorted({test.file for test in tests})
    folders = sorted({str(PurePosixPath(file).parent) for file in files})
    return shlex.join(("python", "-m", "pytest", *(files if len(files) <= _FILES else folders)))


def _claim(one: Expectation) -> str:
    subject = getattr(one, "subject", None)
    return "state" if subject and subject.of != "result" else _CLAIMS[one.kind]


def _lines(tests: Sequence[ValidatedTest]) -> str:
    return f"{sum(len(test.text.splitlines()) for test in tests) / len(tests):.1f} lines"


# --- one line a test -------------------------------------------------------------------------------------------------


def _validated(report: RunReport) -> list[tuple[ModuleOutcome, ValidatedTest]]:
    return [(module, one) for module in report.modules for one in module.outcomes if isinstance(one, ValidatedTest)]


def _tests(report: RunReport) -> Iterator[Section]:
    """Those that kill the most on their own first."""
    found = sorted(_validated(report), key=lambda pair: -len(pair[1].kills))
    rows = tuple(row(_test(module, test)) for module, test in found)
    head = row(("test", "what the code does", "mutants that only it kills", "see for yourself")) + row(["---"] * 4)
    head = head.rstrip("\n")
    if rows:
        yield Section(head, rows[:_SHOWN], what="tests")
    if rows[_SHOWN:]:
        yield Section(head, rows[_SHOWN:], f"{_count(len(rows) - _SHOWN, 'more test')}", "tests")


def _test(module: ModuleOutcome, test: ValidatedTest) -> tuple[str, str, str, str]:
    own = [verdict for name in test.kills if (verdict := final(module).get(name))]
    return (
        code(f"{PurePosixPath(test.file).name}::{test.name}"),
        _behaviour(test.cases, module.module),
        _kills(own),
        code(own[0].replay) if own and own[0].replay else "",
    )


def _behaviour(cases: Sequence[CallCase], module: str) -> str:
    more = f" and {_count(len(cases) - 1, 'case')} more" if len(cases) > 1 else ""
    case = cases[0]
    try:
        return f"{code(called(case.setup, case.input, module))} {'; '.join(outcomes(case.expect, module, code))}{more}"
    except UnspokenError:
        return code(case.target) + more


def _kills(own: Sequence[Verdict]) -> str:
    named = ", ".join(f"{change(one.mutant, code)} on line {one.mutant.line}" for one in own[:_KILLS])
    more = f" and {len(own) - _KILLS} more" if len(own) > _KILLS else ""
    return f"{len(own)}: {named}{more}" if own else ""


# --- what lives ------------------------------------------------------------------------------------------------------


def _survivors(report: RunReport) -> Iterator[Section]:
    living = [verdict for module in unaccepted(report) for verdict in alive(module)]
    if living:
        parts = tuple(map(_survivor, living))
        yield Section("", parts, f"{_count(len(living), 'mutant')} that no test kills", "survivors")


def _survivor(verdict: Verdict) -> str:
    result = verdict.result
    ran = f"{_count(result.tests, 'test')} ran it and passed" if isinstance(result, Survived) else "no test runs it"
    return f"{code(verdict.mutant.symbol)} line {verdict.mutant.line}: {ran}; {code(verdict.replay)}\n\n{fenced(verdict.diff, 'diff')}\n"


# --- what it cost ----------------------------------------------------------------------------------------------------


def _ground(report: RunReport) -> Iterator[str]:
    if report.unsafe:
        yield "**No sandbox was used**: the code under test could have forged any verdict.\n\n"
    if report.note:
        yield f"{code(report.note, 300)}\n\n"
    yield f"{report.cpu_s:.0f} s of CPU, {report.wall_s:.0f} s on the clock. Controls: {controls_line(report)}.\n"
    yield f"QTest {code(report.qtest)}, seed {code(report.seed)}, Python {code(report.python)}, run {code(report.run)}.\n"


def _count(number: int, what: str) -> str:
    plural = {"class": "classes", "output": "outputs", "state": "states"}.get(what, f"{what}s")
    return f"{number} {what if number == 1 else plural}"

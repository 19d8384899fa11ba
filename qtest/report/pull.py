"""What a reviewer reads in a pull request: bugs first, then what the tests are worth, each in a line, then what still lives."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from qtest.records.case import Expectation
from qtest.records.delivery import PullText
from qtest.records.outcome import ValidatedTest
from qtest.records.report import RunReport
from qtest.report.markdown import Section, code, page, table
from qtest.report.proven import count, survivors, suspected, suspicions, tests, validated
from qtest.report.tally import Tally, alive, controls_line, covered, measured, tally

_FILES = 3  # named in a command; of more their folders
_CLAIMS = {
    "equals": "value", "is": "value", "approximately": "value", "is nan": "value", "is instance": "class", "has shape": "shape",
    "raises": "exception", "warns": "warning", "outputs": "output", "holds": "relation",
}  # fmt: skip


def text(report: RunReport) -> PullText:
    return PullText(title=_title(report), body=page(_sections(report), _where(report)))


def _title(report: RunReport) -> str:
    """Nothing of the target is in it: titles cannot be escaped."""
    total, bugs = tally(report.modules), len(suspicions(report.modules))
    said = []
    if total.tests:
        verb = "kills" if total.tests == 1 else "kill"
        said.append(f"{count(total.tests, 'test')} that {verb} {count(total.after, 'mutant')} no test noticed")
    if bugs:
        said.append(count(bugs, "suspected bug"))
    return f"QTest: {' and '.join(said) or 'nothing to add'}"


def _where(report: RunReport) -> str:
    return f"`report.html` of run {code(report.run or report.out)}"


def _sections(report: RunReport) -> Iterator[Section]:
    yield from suspected(report.modules)
    yield Section(parts=tuple(_worth(report)), what="figures")
    yield from tests(report.modules)
    yield from survivors([verdict for module in report.modules for verdict in alive(module)])
    yield Section(parts=tuple(_ground(report)))


# --- what the tests are worth ----------------------------------------------------------------------------------------


def _worth(report: RunReport) -> Iterator[str]:
    total = tally(report.modules)
    kept = [outcome for _, outcome in validated(report.modules)]
    if kept:
        files = sorted({test.file for test in kept})
        cases = f" ({count(total.cases, 'case')})" if total.cases != total.tests else ""
        yield f"## {count(total.tests, 'test')}{cases} in {count(len(files), 'file')}\n\n"
    yield table(("", "before", "after"), _figures(report)) + "\n"
    if kept:
        yield f"{_claims(kept)}; {_lines(kept)} a test. Run them: {code(_command(kept), 300)}; "
        yield "see each fail on its mutants: `qtest verify`\n"
        yield from _places(report)
    unclear = total.timed_out + total.inconclusive
    if unclear:
        yield f"\n{total.timed_out} timed out, {total.inconclusive} inconclusive: neither is a kill.\n"


def _places(report: RunReport) -> Iterator[str]:
    """Where they stand, where that is not a new file for want of another."""
    for file in (module.file for module in report.modules if module.file):
        if file.host:
            yield f"\nAdded to {code(file.path)}; what stood there is unchanged.\n"
        elif file.apart:
            yield f"\n{code(file.path)} is a file of its own: {code(file.apart, 200)}\n"


def _figures(report: RunReport) -> Iterator[tuple[str, str, str]]:
    total = tally(report.modules)
    if total.mutants:
        yield _score("mutation score", total)
    if total.accepted:
        yield _score(f"with {count(total.accepted, 'accepted mutant')}", total.whole)
    lines = covered(report.modules)
    before, _, after = lines.partition(" → ")
    if after not in ("", before):
        yield f"lines covered{measured(report.modules)}", before, f"**{after}**"


def _score(what: str, total: Tally) -> tuple[str, str, str]:
    killed = total.before + total.after
    return (
        what,
        f"{total.score_text(total.before)} ({total.before} of {total.scored})",
        f"**{total.score_text(killed)}** ({killed} of {total.scored})",
    )


def _claims(kept: Sequence[ValidatedTest]) -> str:
    counted = Counter(_claim(one) for test in kept for case in test.cases for one in case.expect)
    return "Claimed: " + ", ".join(count(number, claim) for claim, number in counted.most_common())


def _command(kept: Sequence[ValidatedTest]) -> str:
    files = sorted({test.file for test in kept})
    folders = sorted({str(PurePosixPath(file).parent) for file in files})
    return shlex.join(("python", "-m", "pytest", *(files if len(files) <= _FILES else folders)))


def _claim(one: Expectation) -> str:
    subject = getattr(one, "subject", None)
    return "state" if subject and subject.of != "result" else _CLAIMS[one.kind]


def _lines(kept: Sequence[ValidatedTest]) -> str:
    return f"{sum(len(test.text.splitlines()) for test in kept) / len(kept):.1f} lines"


# --- what it cost ----------------------------------------------------------------------------------------------------


def _ground(report: RunReport) -> Iterator[str]:
    if report.unsafe:
        yield "**No sandbox was used**: the code under test could have forged any verdict.\n\n"
    if report.note:
        yield f"{code(report.note, 300)}\n\n"
    yield f"{report.cpu_s:.0f} s of CPU, {report.wall_s:.0f} s on the clock. Controls: {controls_line(report)}.\n"
    yield f"QTest {code(report.qtest)}, seed {code(report.seed)}, Python {code(report.python)}, run {code(report.run)}.\n"

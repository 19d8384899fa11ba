"""What `qtest verify` says on the terminal: what is not as it was, each with why; and the count of the rest."""

from collections import Counter
from collections.abc import Iterator

from qtest.records.verified import CheckedTest, TestStatus, VerifyReport
from qtest.report.text import visible

_ORDER: tuple[TestStatus, ...] = ("proven", "lost its kill", "red", "its code is gone", "deleted", "unclear")
_WORDS = {"proven": "proven again", "lost its kill": "lost a kill"}


def lines(report: VerifyReport) -> Iterator[str]:
    for test in report.tests:
        if test.status != "proven":
            yield from _told(test)
    counts = Counter(test.status for test in report.tests)
    said = ", ".join(f"{counts[status]} {_WORDS.get(status, status)}" for status in _ORDER if counts[status])
    count = len(report.tests)
    yield f"{count} shipped test{'' if count == 1 else 's'}: {said or 'nothing to prove'}"
    if report.declined:
        yield f"{report.declined} declined, not looked at"


def _told(test: CheckedTest) -> Iterator[str]:
    yield f"{visible(test.status).upper()}  {visible(test.file)}::{visible(test.name)}: {visible(test.why)}"
    for kill in test.kills:
        if kill.status == "lost":
            yield f"    {visible(kill.path)} line {kill.line}, {visible(kill.symbol)}: {visible(kill.why)}"
            yield from (f"    {visible(line)}" for line in kill.diff.split("\n")[2:])

"""What `qtest maintain` says on the terminal: for each test that is red whether the code changed or the test was wrong."""

from collections.abc import Iterator

from qtest.records.maintained import Care, Change, MaintainReport
from qtest.report.text import visible


def lines(report: MaintainReport) -> Iterator[str]:
    for care in report.cares:
        yield from _told(care)
    yield f"{report.green} shipped tests need nothing" if report.green != 1 else "1 shipped test needs nothing"
    healing = [care for care in report.cares if care.status in ("healed", "retired")]
    if healing and not report.wrote:
        yield "nothing was written; --write does what says HEALED and RETIRED"
    if any(care.status == "behaviour changed" for care in report.cares):
        yield "a test of changed behaviour stays as it is: mend the code, or if the change is meant, delete the test and run `qtest run` again"
    yield from (f"wrote {visible(path)}" for path in report.written)


def _told(care: Care) -> Iterator[str]:
    name = f"{care.file}::{care.test}" if care.test else care.file
    yield f"{care.status.upper()}  {visible(name)}"
    if care.status == "behaviour changed" and care.was:
        yield f"    {visible(care.call)}"
        yield f"      was: {visible(care.was)}"
        yield f"      is:  {visible(care.now)}"
    if care.status != "behaviour changed" or not care.was or not care.changes:
        yield f"    {visible(care.why)}"
    for change in care.changes:
        yield from _changed(change)
    yield from (f"    -{visible(line)}" for line in care.old.splitlines())
    yield from (f"    +{visible(line)}" for line in care.new.splitlines())


def _changed(change: Change) -> Iterator[str]:
    if not change.commits:
        yield f"    {visible(change.symbol)} was changed, and that is not committed"
    for commit in change.commits:
        yield f"    {visible(change.symbol)} was changed by {commit.sha[:12]} {visible(commit.subject)}"

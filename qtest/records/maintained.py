"""What has to be done about generated tests that the code has outgrown, and what was done."""

from typing import Literal

from qtest.records.record import Record
from qtest.records.source import Commit

CareStatus = Literal["healed", "behaviour changed", "retired", "needs a person"]


class Change(Record):
    """A function that is not what it was when the test was made, and the commits that changed it, newest first; none where the change is
    not committed or there is no history."""

    symbol: str
    commits: tuple[Commit, ...] = ()


class Care(Record):
    """Of one test, or of a whole file where its imports are `healed`. `node` is the first that is red, `call` what it calls, `was` and `now` what came and comes of
    it. `old` and `new` are the lines that differ."""

    file: str
    test: str = ""
    status: CareStatus
    why: str
    node: str = ""
    call: str = ""
    was: str = ""
    now: str = ""
    changes: tuple[Change, ...] = ()
    old: str = ""
    new: str = ""


class MaintainReport(Record):
    """`green` counts tests with which nothing is wrong. `written` are the files that were changed; none when it was only asked."""

    qtest: str
    target: str
    green: int
    cares: tuple[Care, ...] = ()
    written: tuple[str, ...] = ()
    wrote: bool = False

    @property
    def open(self) -> tuple[Care, ...]:
        """What is still to be done, by a person or by `--write`."""
        return tuple(care for care in self.cares if not (self.wrote and care.status in ("healed", "retired")))

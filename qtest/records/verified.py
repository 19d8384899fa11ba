"""What became of shipped tests since they were proven."""

from typing import Literal

from qtest.records.record import Record

KillStatus = Literal["killed", "lost", "gone", "unclear"]
TestStatus = Literal["proven", "lost its kill", "red", "its code is gone", "deleted", "unclear"]


class CheckedKill(Record):
    """A recorded mutant today: `line` is where it stands now, as recorded when it is gone. `why` says what happened instead of a kill."""

    mutant: str
    path: str
    symbol: str
    line: int
    diff: str
    status: KillStatus
    why: str = ""


class CheckedTest(Record):
    """`why` is one line; empty for what is proven again."""

    file: str
    name: str
    target: str
    status: TestStatus
    why: str = ""
    kills: tuple[CheckedKill, ...] = ()


class VerifyReport(Record):
    """`tests` in the order of the proof; `declined` are not among them."""

    qtest: str
    target: str
    python: str
    tests: tuple[CheckedTest, ...]
    declined: int = 0
    wall_s: float = 0.0

    @property
    def broken(self) -> tuple[CheckedTest, ...]:
        """Those for which the answer is no."""
        return tuple(test for test in self.tests if test.status in ("lost its kill", "red"))

"""The mutation score: what share of the mutants with a clear end is killed, and how sure that is."""

from collections.abc import Iterable
from dataclasses import dataclass

from qtest.records.mutant import Verdict

DOUBTFUL_SHARE = 0.02  # of all mutants; with more unclear ends the score is an interval


@dataclass(frozen=True)
class Score:
    killed: int = 0
    survived: int = 0
    no_coverage: int = 0
    timed_out: int = 0
    inconclusive: int = 0

    @property
    def counted(self) -> int:
        return self.killed + self.survived + self.no_coverage

    @property
    def unclear(self) -> int:
        return self.timed_out + self.inconclusive

    @property
    def value(self) -> float | None:
        """None when no mutant has a clear end: nothing executed is never green."""
        return self.killed / self.counted if self.counted else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """From none of the unclear ones dead to all of them; both ends the score itself when few are unclear."""
        if self.value is None:
            return None
        total = self.counted + self.unclear
        if self.unclear <= DOUBTFUL_SHARE * total:
            return self.value, self.value
        return self.killed / total, (self.killed + self.unclear) / total


def score(verdicts: Iterable[Verdict]) -> Score:
    """Of verdicts on different mutants; controls are never among them."""
    counts = dict.fromkeys(("killed", "survived", "no coverage", "timed out", "inconclusive"), 0)
    for verdict in verdicts:
        if not verdict.mutant.control:
            counts[verdict.result.status] += 1
    return Score(*counts.values())

"""The mutation score: what share of the mutants with a clear end is killed, and how sure that is."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from qtest.records.mutant import Verdict

DOUBTFUL_SHARE = 0.02  # of all mutants; with more unclear ends the score is an interval
SURE = 1.959964  # standard deviations: 95 %


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
        if not verdict.mutant.control and verdict.result.status != "refused":
            counts[verdict.result.status] += 1
    return Score(*counts.values())


def confidence(told: Score, unseen: int) -> tuple[float, float] | None:
    """Where the score of all mutants lies, 95 % sure, when `unseen` others were not drawn; unclear ends widen it as they widen the
    score itself. None when there is no score."""
    if told.interval is None:
        return None
    doubtful = told.unclear if told.interval[0] != told.interval[1] else 0
    seen = told.counted + doubtful
    low, _ = wilson(told.killed, seen, seen + unseen)
    _, high = wilson(told.killed + doubtful, seen, seen + unseen)
    return low, high


def wilson(hits: int, drawn: int, total: int) -> tuple[float, float]:
    """The score interval of Wilson (1927) for a share of `total` things of which `drawn` were looked at, each with an equal chance;
    drawing without putting back makes a sample worth more, and the whole of them leaves no doubt."""
    share = hits / drawn
    if drawn >= total:
        return share, share
    worth = drawn * (total - 1) / (total - drawn)
    square = SURE**2 / worth
    middle = share + square / 2
    half = SURE * math.sqrt(share * (1 - share) / worth + square / (4 * worth))
    return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))

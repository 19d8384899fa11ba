"""What a search has used, and whether its share is used up."""

from collections.abc import Callable, Iterable

from qtest.records.outcome import Effort
from qtest.records.plan import Budget
from qtest.records.workbench import Observation

SEARCHING = 0.65  # of the share; the rest is for choosing, shrinking and confirming
SEARCHING_FIRST = 0.4  # where mutants of what runs at import come after it
IMPORTING = 0.8  # until then those are tried
SHRINKING = 0.9
_NO_BOUND_S = 60.0


class Spending:
    """Counts from its making: warming the module up before is no searching, and a slow import would leave nothing of a short share."""

    def __init__(self, share: Budget, clock: Callable[[], float]) -> None:
        self._share, self._clock = share, clock
        self._begun = clock()
        self.evaluations = self.candidates = 0
        self.cpu_s = 0.0

    def count(self, observations: Iterable[Observation], *, candidates: int) -> None:
        self.candidates += candidates
        for observation in observations:
            self.spend(observation.runs, observation.cpu_us)

    def spend(self, runs: int, cpu_us: int) -> None:
        self.evaluations += runs
        self.cpu_s += cpu_us / 1e6

    def over(self, part: float) -> bool:
        """Whether that part of the share is used up."""
        if self._share.evaluations is not None:
            return self.evaluations >= part * self._share.evaluations
        bound = self._share.wall_s if self._share.wall_s is not None else _NO_BOUND_S
        return self._clock() - self._begun >= part * bound

    def effort(self, started: float, stopped: str) -> Effort:
        return Effort(
            evaluations=self.evaluations,
            candidates=self.candidates,
            wall_s=self._clock() - started,
            cpu_s=self.cpu_s,
            stopped=stopped,
        )

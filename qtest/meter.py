"""Counts what a run has done so far, keeps its budget, and says both to whoever listens."""

from collections.abc import Callable
from dataclasses import dataclass, field

from qtest.records.mutant import Killed, NoCoverage, Survived
from qtest.records.outcome import Draft, ModuleOutcome, ValidatedTest
from qtest.records.plan import Brief, Budget
from qtest.records.progress import Progress, StageName

FIRST_SHARE = 0.3  # of a module's time goes to its search, before the run has shown what proving takes: gates run twice for each module
SHARES = (0.15, 0.6)  # bounds of what the run has shown
LEAST_S = 2.0  # of search for any module while there is time: a shorter one finds little


@dataclass
class Meter:
    """`clock` in seconds, monotonic. The budget counts from `ready`."""

    clock: Callable[[], float]
    listen: Callable[[Progress], None]
    budget: Budget
    started: float = field(init=False)
    ready_at: float | None = None
    first_test_at: float | None = None
    total: int = 0
    done: int = 0
    kept: int = 0
    killed: int = 0
    alive: int = 0
    evaluations: int = 0
    planned_s: float = 0.0
    searched_s: float = 0.0
    cut: bool = False

    def __post_init__(self) -> None:
        self.started = self.clock()

    def say(self, stage: StageName, module: str = "", note: str = "") -> None:
        self.listen(
            Progress(
                stage=stage,
                module=module,
                done=self.done,
                total=self.total,
                kept=self.kept,
                killed=self.killed,
                alive=self.alive,
                evaluations=self.evaluations,
                elapsed_s=self.clock() - self.started,
                left_s=self.left_s(),
                note=note,
            )
        )

    def ready(self) -> None:
        self.ready_at = self.clock()

    def left_s(self) -> float | None:
        if self.budget.wall_s is None or self.ready_at is None:
            return self.budget.wall_s
        return max(0.0, self.budget.wall_s - (self.clock() - self.ready_at))

    def allot(self, brief: Brief) -> Budget:
        """What is left, divided by the plan's shares of this module and of those to come: what one leaves, the next have."""
        left = self.left_s()
        share = brief.share.wall_s
        if left is None or share is None or self.budget.wall_s is None:
            return brief.share
        to_come = max(self.budget.wall_s - self.planned_s, share, 1e-9)
        self.planned_s += share
        seconds = left * min(1.0, share / to_come) * self._search_share()
        if left < LEAST_S:
            self.cut = True
            return Budget(wall_s=0.0)
        return Budget(wall_s=max(seconds, LEAST_S))

    def _search_share(self) -> float:
        """The search's part of all time spent on modules so far."""
        if self.ready_at is None or not self.searched_s:
            return FIRST_SHARE
        least, most = SHARES
        return max(least, min(most, self.searched_s / max(self.clock() - self.ready_at, self.searched_s)))

    def drafted(self, draft: Draft) -> None:
        self.searched_s += draft.effort.wall_s
        self.evaluations += draft.effort.evaluations
        self.alive += sum(isinstance(verdict.result, Survived | NoCoverage) for verdict in draft.before)

    def closed(self, outcome: ModuleOutcome) -> None:
        tests = sum(len(test.nodes) for test in outcome.outcomes if isinstance(test, ValidatedTest))
        if tests and self.first_test_at is None:
            self.first_test_at = self.clock()
        dead = sum(isinstance(verdict.result, Killed) for verdict in outcome.after)
        self.done += 1
        self.kept += tests
        self.killed += dead
        self.alive -= dead

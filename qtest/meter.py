"""Counts what a run has done so far, keeps its budget, and says both to whoever listens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from qtest.records.mutant import Killed, NoCoverage, Survived
from qtest.records.outcome import Draft, ModuleOutcome, ValidatedTest
from qtest.records.plan import Brief, Budget
from qtest.records.progress import Progress, StageName

FIRST_SHARE = 0.3  # of a module's time goes to its search, before the run has shown what proving takes: gates run twice for each module
SHARES = (0.15, 0.6)  # bounds of what the run has shown
LEAST_S = 2.0  # of search for any module while there is time: a shorter one finds little


@dataclass
class Meter:
    """`clock` in seconds, monotonic. The budget counts from `ready`. `writers` modules are written side by side, each by a thread
    that asks for its part and says what it took."""

    clock: Callable[[], float]
    listen: Callable[[Progress], None]
    budget: Budget
    writers: int = 1
    started: float = field(init=False)
    ready_at: float | None = None
    first_test_at: float | None = None
    total: int = 0
    done: int = 0
    kept: int = 0
    killed: int = 0
    alive: int = 0
    evaluations: int = 0
    searched_s: float = 0.0
    spent_s: float = 0.0
    cut: bool = False
    _asked: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

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
        with self._lock:
            to_come = max(self.budget.wall_s - sum(self._asked.values()), share, 1e-9)
            waiting = max(1, self.total - len(self._asked))
            self._asked[brief.module.name] = share
            if left < LEAST_S + self._proving_s():
                self.cut = True
                return Budget(wall_s=0.0)
            part = min(1.0, min(self.writers, waiting) * share / to_come)
            return Budget(wall_s=max(left * part * self._search_share(), LEAST_S))

    def _search_share(self) -> float:
        """The search's part of all time spent on modules so far."""
        if not self.searched_s:
            return FIRST_SHARE
        least, most = SHARES
        return max(least, min(most, self.searched_s / max(self.spent_s, self.searched_s)))

    def _proving_s(self) -> float:
        """What a module takes beside its search, by those that are closed."""
        return max(0.0, self.spent_s - self.searched_s) / self.done if self.done else 0.0

    def drafted(self, brief: Brief, draft: Draft, took_s: float) -> None:
        with self._lock:
            self._asked.setdefault(brief.module.name, brief.share.wall_s or 0.0)
            self.spent_s += took_s
            self.searched_s += draft.effort.wall_s
            self.evaluations += draft.effort.evaluations
            self.alive += sum(isinstance(verdict.result, Survived | NoCoverage) for verdict in draft.before)

    def closed(self, outcome: ModuleOutcome, took_s: float) -> None:
        tests = sum(len(test.nodes) for test in outcome.outcomes if isinstance(test, ValidatedTest))
        if tests and self.first_test_at is None:
            self.first_test_at = self.clock()
        dead = sum(isinstance(verdict.result, Killed) for verdict in outcome.after)
        with self._lock:
            self.spent_s += took_s
            self.done += 1
            self.kept += tests
            self.killed += dead
            self.alive -= dead

"""Counts what a run has done so far, keeps its budget, and says both to whoever listens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from qtest.records.mutant import Killed, NoCoverage, Survived
from qtest.records.outcome import Draft, ModuleOutcome, ValidatedTest
from qtest.records.plan import Brief, Budget
from qtest.records.progress import Progress, StageName

LEAST_S = 2.0  # of search for any module while there is time: a shorter one finds little
SEARCH = (0.3, 0.6)  # bounds of the search's part of a module's time: what is found must still be proven
# What proving a module takes before the run has shown it, in seconds: gates run twice, by two workers.
MODULE_S, SWAPPED_S, IMPORTED_S = 4.0, 0.02, 0.1
SCALES = (0.5, 8.0)  # bounds of what the run has shown


@dataclass
class _Work:
    """What one module was expected to take to prove, what it took in all, and its search's part."""

    expected_s: float
    took_s: float = 0.0
    searched_s: float = 0.0
    closed: bool = False


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
    tokens: int = 0
    cost_usd: float = 0.0
    cut: bool = False
    _planned_s: float = 0.0
    _work: dict[str, _Work] = field(default_factory=dict)
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
                tokens=self.tokens,
                cost_usd=self.cost_usd,
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
        """For the search. What is left, divided by the plan's shares of this module and of those to come, less what proving takes: what
        one leaves, the next have."""
        left, share = self.left_s(), brief.share.wall_s
        if left is None or share is None or self.budget.wall_s is None:
            return brief.share
        with self._lock:
            to_come = max(self.budget.wall_s - self._planned_s, share, 1e-9)
            waiting = max(1, self.total - len(self._work))
            proving_s = self._scale() * self._opened(brief).expected_s
            if left < LEAST_S + proving_s / 2 and self.done:
                self.cut = True
                return Budget(wall_s=0.0)
            slot = left * min(1.0, min(self.writers, waiting) * share / to_come)
            least, most = (part * slot for part in SEARCH)
            return Budget(wall_s=max(LEAST_S, least, min(most, slot - proving_s)))

    def drafted(self, brief: Brief, draft: Draft, took_s: float, *, remembered: bool = False) -> None:
        """What was `remembered` tells nothing of what work takes."""
        with self._lock:
            work = self._opened(brief)
            work.took_s += took_s
            work.searched_s = 0.0 if remembered else draft.effort.wall_s
            if not remembered:
                self.evaluations += draft.effort.evaluations
                self.tokens += draft.effort.tokens
                self.cost_usd += draft.effort.cost_usd
            self.alive += sum(isinstance(verdict.result, Survived | NoCoverage) for verdict in draft.before)

    def closed(self, outcome: ModuleOutcome, took_s: float) -> None:
        tests = sum(len(test.nodes) for test in outcome.outcomes if isinstance(test, ValidatedTest))
        if tests and self.first_test_at is None:
            self.first_test_at = self.clock()
        dead = sum(isinstance(verdict.result, Killed) for verdict in outcome.after)
        with self._lock:
            work = self._work.get(outcome.module)
            if work is not None:
                work.took_s += took_s
                work.closed = True
            self.done += 1
            self.kept += tests
            self.killed += dead
            self.alive -= dead

    def times(self) -> dict[str, float | None]:
        """In seconds from the start, as a RunReport names them."""
        return {
            "wall_s": self.clock() - self.started,
            "ready_s": (self.ready_at or self.started) - self.started,
            "first_test_s": self.first_test_at - self.started if self.first_test_at else None,
        }

    def _opened(self, brief: Brief) -> _Work:
        """Its share is no longer to come, whether it asked for it or not."""
        name = brief.module.name
        if name not in self._work:
            self._planned_s += brief.share.wall_s or 0.0
            imported = sum(mutant.runs_at == "import" for mutant in brief.mutants)
            swapped = len(brief.mutants) - imported
            self._work[name] = _Work(MODULE_S + SWAPPED_S * swapped + IMPORTED_S * imported)
        return self._work[name]

    def _scale(self) -> float:
        """How much longer proving takes here than expected, by the modules that were searched and are closed."""
        known = [work for work in self._work.values() if work.closed and work.searched_s]
        if not known:
            return 1.0
        least, most = SCALES
        shown = sum(work.took_s - work.searched_s for work in known) / sum(work.expected_s for work in known)
        return max(least, min(most, shown))

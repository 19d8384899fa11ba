"""The search: calls made up, tried on the code and on its mutants, and varied while that kills something new."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from qtest.config import SearchSettings
from qtest.errors import QTestError
from qtest.generate.search.archive import Archive
from qtest.generate.search.bugs import Suspicions
from qtest.generate.search.cases import case_of
from qtest.generate.search.chance import settled
from qtest.generate.search.choose import Choice
from qtest.generate.search.claims import Claims
from qtest.generate.search.climb import Climb
from qtest.generate.search.code import Code
from qtest.generate.search.evolve import Evolver
from qtest.generate.search.hearing import Hearing
from qtest.generate.search.imports import Imports
from qtest.generate.search.making import Maker
from qtest.generate.search.minimise import Proven, merged
from qtest.generate.search.pools import Pools
from qtest.generate.search.reasons import reason
from qtest.generate.search.relations import Relations
from qtest.generate.search.sources import Sources
from qtest.generate.search.spending import SEARCHING, SEARCHING_FIRST, Spending
from qtest.generate.search.trial import Trial
from qtest.generate.search.tries import Tries
from qtest.generate.search.using import Uses
from qtest.ports import Explorer, Workbench
from qtest.records.baseline import Setting
from qtest.records.case import CallCase
from qtest.records.mutant import Mutant
from qtest.records.outcome import Effort, Failure, Feedback, Rejection, SuspectedBug
from qtest.records.plan import Brief
from qtest.records.record import digest_of
from qtest.records.workbench import ModuleLoad, Observation

Proposal = CallCase | SuspectedBug | Rejection | Failure | Effort


@dataclass(frozen=True)
class SearchGenerator:
    """Answers the port `Generator`. `setting_of` gives where a project's code runs."""

    workbench: Workbench
    setting_of: Callable[[str], Setting]
    settings: SearchSettings
    clock: Callable[[], float]
    name: str = "search"
    rounds: int = 1

    def propose(self, brief: Brief, feedback: Feedback) -> Iterable[Proposal]:
        if not brief.mutants:
            yield Effort(stopped="no mutant is alive")
            return
        started = self.clock()
        try:
            with self.warmed(brief) as explorer:
                if explorer.loaded.problem:
                    yield Rejection(target=brief.module.name, stage="explore", reason=explorer.loaded.problem)
                    yield Effort(wall_s=self.clock() - started, stopped=explorer.loaded.problem)
                    return
                yield from Search(self, brief, explorer, started).run()
        except QTestError as error:
            yield Failure(target=brief.module.name, reason=f"search: {error}")

    @contextmanager
    def warmed(self, brief: Brief) -> Iterator[Explorer]:
        """The module with its mutants, loaded. Raises WorkerLost, SandboxError."""
        load = ModuleLoad(
            module=brief.module.name,
            path=brief.module.path,
            siblings=tuple(sibling.path for sibling in brief.siblings),
            mutants=brief.mutants,
            seed=_seed(brief.seed),
        )
        with closing(self.workbench.explorer(self.setting_of(brief.project), load)) as explorer:
            yield explorer


class Search:
    """One module's search, put together from its parts."""

    def __init__(self, generator: SearchGenerator, brief: Brief, explorer: Explorer, started: float) -> None:
        self._settings, self._brief, self._started = generator.settings, brief, started
        states = {state.mutant: state.state for state in explorer.loaded.mutants}
        unfit = {mutant for mutant, state in states.items() if state != "swappable"}
        self._at_import = {mutant for mutant, state in states.items() if state == "fresh import"}
        self._mutants = tuple(mutant.id for mutant in brief.mutants if mutant.id not in unfit and not mutant.control)
        self._home = {mutant.id: mutant.symbol for mutant in brief.mutants}
        rng = random.Random(_seed(brief.seed + brief.module.name))
        self._code = Code(brief)
        maker = Maker(self._code, Pools(brief, rng), rng)
        self._pools = maker.pools
        sources = Sources(brief, self._code, maker, rng)
        self._targets = sources.targets
        evolver = Evolver(self._code, maker, sources, rng)
        self._archive = Archive(self._mutants, rng)
        self._suspicions = Suspicions(self._code)
        self._spending = Spending(brief.share, generator.clock)
        self._tries = Tries(explorer, brief.module.name, self._spending)
        self._hearing = Hearing(self._code, self._pools, self._targets, self._tries, self._home)
        self._climb = Climb(
            self._code,
            sources,
            Uses(self._code, maker),
            evolver,
            self._archive,
            self._tries,
            self._hearing,
            self._suspicions,
            self._spending,
            self._home,
            rng,
            generator.settings.batch,
            SEARCHING_FIRST if self._at_import else SEARCHING,
        )
        self._choice = Choice(
            self._archive,
            self._tries,
            self._hearing,
            self._spending,
            self._pools.spoken,
            generator.settings.batch,
        )
        self._relations = Relations(self._code, self._archive, self._tries, self._hearing, self._spending)
        self._imports = Imports(
            self._code,
            sources,
            self._archive,
            self._tries,
            self._hearing,
            self._spending,
            brief.source,
            generator.settings.batch,
        )

    @property
    def mutants(self) -> tuple[str, ...]:
        """Those that a call can show: not what runs while the module is imported."""
        return self._mutants

    @property
    def calls(self) -> dict[str, int]:
        """How many were made up, by target."""
        return {one.target: one.calls for one in self._tries.tried()}

    @property
    def cpu_s(self) -> float:
        return self._spending.cpu_s

    def examples(self) -> list[tuple[Trial, Observation]]:
        """Calls that do something which none before did. Raises QTestError."""
        self._climb.seed()
        self._climb.climb(self._settings.stall_s)
        return [(entry.trial, entry.observation) for entry in self._archive.corpus]

    def told_apart(self) -> list[tuple[str, Proven]]:
        """The plainest call for each mutant that some call tells from the code, in the order of the mutants. Raises QTestError."""
        self._climb.seed()
        self._climb.climb(self._settings.stall_s)
        found = self._choice.fewest(self._choice.matrix(self._mutants))
        able = ((mutant, [item for item in found if mutant in item.kills]) for mutant in self._mutants)
        return [(mutant, min(items, key=lambda item: item.cost)) for mutant, items in able if items]

    def unstable(self, items: Iterable[Proven]) -> set[tuple[object, ...]]:
        """Identities of those that are not the same in fresh processes."""
        trials = list({item.trial.identity: item.trial for item in items}.values())
        return {identity for identity, why in self._tries.again(trials).items() if why}

    def run(self) -> Iterator[Proposal]:
        stopped = "the explorer was lost"
        try:
            self._climb.seed()
            stopped = self._climb.climb(self._settings.stall_s)
            called = [*self._choice.matrix(self._mutants), *self._relations.found(self._mutants)]
            found = merged([*called, *self._imports.found(self._unshown())])
            fewest = self._choice.fewest(found)
            cases = self._confirmed(
                Claims(self._code, self._tries.observe, self._pools.producers).plainer(fewest, found)
            )
            bugs = self._bugs()
        except QTestError as error:
            yield Failure(target=self._brief.module.name, reason=f"search: {error}")
            yield self._effort(stopped)
            return
        yield from cases
        yield from bugs
        yield from self._rejections({case.target for case in cases})
        yield self._effort(stopped)

    def _unshown(self) -> list[Mutant]:
        """What no call has shown: it runs at import, or may."""
        wanted = self._at_import | set(self._archive.alive)
        return [mutant for mutant in self._brief.mutants if mutant.id in wanted and not mutant.control]

    def _effort(self, stopped: str) -> Effort:
        return self._spending.effort(self._started, stopped).model_copy(update={"tried": self._tries.tried()})

    def _while_there_is_time(
        self, trials: Sequence[Trial], alive: Sequence[str]
    ) -> Sequence[tuple[Trial, Observation]]:
        return [] if self._spending.over(1.0) else self._tries.observe(trials, alive)

    def _confirmed(self, chosen: Sequence[Proven]) -> list[CallCase]:
        """Those that are the same in fresh processes, by themselves or once chance is taken out."""
        found = self._tries.again([item.trial for item in chosen])
        varying = [item for item in chosen if found[item.trial.identity]]
        for item in varying:
            self._tries.reject(item.trial.target, found[item.trial.identity])
        same = [item for item in chosen if not found[item.trial.identity]]
        drawn = varying if self._code.draws else ()
        kept = [*same, *settled(drawn, self._tries, self._hearing)]
        return [case_of(item, self._code, self._brief) for item in kept]

    def _bugs(self) -> list[SuspectedBug]:
        found = self._tries.again(self._suspicions.trials())
        return list(self._suspicions.confirmed(key for key, why in found.items() if not why))

    def _rejections(self, tested: set[str]) -> Iterator[Rejection]:
        """One for each target without a test, saying what stood in the way; and one for each way that work was lost."""
        for target in self._targets:
            if target in tested:
                continue
            why, count = reason(target, self._archive, self._home, self._tries.rejected)
            if target in self._hearing.passed:
                why, count = "private, tested through the public functions that reach it", 1
            yield Rejection(target=target, stage="explore", reason=why, count=count)
        for why, count in self._tries.lost.most_common():
            told = f"mutants of what runs at import were not tried: {why}"
            yield Rejection(target=self._brief.module.name, stage="explore", reason=told, count=count)


def _seed(text: str) -> int:
    return int(digest_of(text)[:12], 16)

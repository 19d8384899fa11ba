"""Trying: what people wrote first, then one call of each target, then variations of what reaches living mutants."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from qtest.generate.search.archive import Archive, Entry
from qtest.generate.search.bugs import Suspicions
from qtest.generate.search.code import Code
from qtest.generate.search.evolve import Evolver
from qtest.generate.search.hearing import Hearing
from qtest.generate.search.reading import Reading
from qtest.generate.search.sources import Sources
from qtest.generate.search.spending import Spending
from qtest.generate.search.trial import Trial
from qtest.generate.search.tries import Tries
from qtest.generate.search.using import Uses
from qtest.records.workbench import Observation

_FRESH = 0.15
_FOLLOWING = 0.2  # of a batch uses what calls gave back
_AT_LEAST = 4  # trials of a small batch
_READ = 0.1  # of the children look at what their parent has changed
_FORGOTTEN = 0.15  # of a batch goes to targets whose own mutants nothing has reached


class Climb:
    """`home` gives each mutant's symbol; `part` of the share may be used."""

    def __init__(
        self,
        code: Code,
        sources: Sources,
        uses: Uses,
        evolver: Evolver,
        archive: Archive,
        tries: Tries,
        hearing: Hearing,
        suspicions: Suspicions,
        spending: Spending,
        home: Mapping[str, str],
        rng: random.Random,
        batch: int,
        part: float,
    ) -> None:
        self._code, self._sources, self._evolver, self._archive = code, sources, evolver, archive
        self._tries, self._hearing, self._suspicions, self._spending = tries, hearing, suspicions, spending
        self._home, self._rng, self._size, self._part = home, rng, batch, part
        self._reading = Reading(code)
        self._uses = uses
        self._following: list[Trial] = []
        self._turn = 0
        self._quiet_s = 0.0
        self._waiting: list[Trial] = []

    def seed(self) -> None:
        self._try(list(_in_turns(self._sources.written())))
        targets = sorted(self._sources.targets, key=self._hearing.private.__contains__)
        # one call of each before many of one: what hangs must not use up the time of those after it
        self._try([trial for target in targets for trial in self._sources.fresh(target, options=0.0)])
        for target in targets:
            if self._spending.over(self._part / 2):
                break
            if target not in self._hearing.passed:
                trials = list(self._sources.systematic(target))
                self._try(trials[:2])
                self._try([looked for trial in trials[:2] for looked in self._reading.after(trial)])
                self._try(trials[2:])

    def climb(self, stall_s: float) -> str:
        """Until the share is used up, or nothing new comes: why it stopped."""
        if not self._sources.targets:
            return "there is no target"
        least = 20 * len(self._sources.targets) + 10 * self._size
        while not self._spending.over(self._part):
            if not self._archive.alive:
                return "no mutant is alive"
            if self._quiet_s > stall_s and self._spending.candidates > least:
                return "nothing new was killed"
            before = self._spending.candidates
            self._try(list(self._batch()))
            if self._spending.candidates == before:
                return "there was nothing new to try"
        return "the budget is spent"

    def _batch(self) -> Iterator[Trial]:
        most = max(_AT_LEAST, int(_FOLLOWING * self._size))
        yield from self._following[:most]
        del self._following[:most]
        for trial in self._waiting:
            yield from self._sources.hurried(trial)
        self._waiting = []
        forgotten = self._forgotten()
        for number in range(2 * self._size):  # about half of the children have been tried before
            if number < _FORGOTTEN * self._size and forgotten:
                yield from self._sources.fresh(self._rng.choice(forgotten))
            elif number < (_FRESH + _FORGOTTEN) * self._size:
                yield from self._sources.fresh(self._next_target())
            else:
                parent = self._archive.parent()
                if parent is None:
                    yield from self._sources.fresh(self._next_target())
                else:
                    yield self._child(parent)

    def _child(self, parent: Entry) -> Trial:
        if self._rng.random() < _READ:
            looked = list(self._reading.after(parent.trial))
            if looked:
                return self._rng.choice(looked)
        mates = [entry.trial for entry in self._archive.corpus[-200:] if entry.trial.target == parent.trial.target]
        return self._evolver.child(parent.trial, parent.observation.compared, mates)

    def _next_target(self) -> str:
        self._turn += 1
        passed = self._hearing.passed
        targets = [target for target in self._sources.targets if target not in passed] or self._sources.targets
        return targets[self._turn % len(targets)]

    def _forgotten(self) -> list[str]:
        reached = {self._home[mutant] for mutant in self._archive.reached}
        waiting = {self._home[mutant] for mutant in self._archive.alive} - reached
        passed = self._hearing.passed
        own = [target for target in self._sources.targets if target in waiting and target not in passed]
        if own or not waiting:
            return own
        callers = {name.rpartition(":")[2].rpartition(".")[2] for name in waiting}
        return [
            target
            for target in self._sources.targets
            if any(call.rpartition(".")[2] in callers for call in self._code.symbols[target].calls)
        ]

    def _try(self, trials: Sequence[Trial]) -> None:
        new = [trial for trial in trials if self._archive.is_new(trial)]
        for at in range(0, len(new), self._size):
            if self._spending.over(self._part):
                return
            for trial, observation in self._tries.observe(
                list(self._bearable(new[at : at + self._size])), self._archive.asked()
            ):
                self._learn(trial, observation)

    def _bearable(self, trials: Sequence[Trial]) -> Iterator[Trial]:
        """Of targets whose calls only hang, one: another input may end."""
        dreaded: set[str] = set()
        for trial in trials:
            if trial.target not in dreaded:
                yield trial
            if self._archive.dreaded(trial.target):
                dreaded.add(trial.target)

    def _learn(self, trial: Trial, observation: Observation) -> None:
        if self._hearing.is_abuse(trial, observation) or self._hearing.is_detour(trial):
            return
        for private in self._hearing.newly_passed(trial, observation):
            self._archive.forget(private)
        if observation.kills and self._hearing.said(trial, observation).why:
            observation = observation.model_copy(update={"kills": ()})  # no test could show them
        new = self._archive.take(trial, observation)
        if self._archive.misunderstood(trial.target):
            self._code.doubt(trial.target)
        self._quiet_s = 0.0 if new else self._quiet_s + observation.cpu_us / 1e6
        self._following += self._uses.of(trial, observation)
        if observation.status == "ok":
            self._suspicions.look(trial, observation)
            self._hearing.note(trial, observation)
        elif observation.detail.startswith("it waits for ") and observation.detail.endswith(" s"):
            self._waiting.append(trial)
        elif observation.detail.endswith(": nothing about it can be seen"):
            self._hearing.note_maker(trial, observation)


def _in_turns(trials: Iterable[Trial]) -> Iterator[Trial]:
    """The first of each target, then the second of each: should time run out, each has had some."""
    by_target: dict[str, list[Trial]] = {}
    for trial in trials:
        by_target.setdefault(trial.target, []).append(trial)
    for turn in zip_longest(*by_target.values()):
        yield from (trial for trial in turn if trial is not None)

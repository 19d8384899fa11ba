"""What was tried and is worth keeping: trials with a new kill or a new feature, and why the others came to nothing."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from qtest.generate.search.trial import Trial
from qtest.records.workbench import Observation

_RECENT = 24
_MOST = 4000
_COSTLY = ("timeout", "slow", "died")
_PATIENCE = 3
_MISTYPED = ("raised TypeError implicitly", "raised AttributeError implicitly")
_MISUNDERSTOOD = 8  # calls, all of which end in these
_SURE = 12  # calls that reach a mutant and do not kill it, before it is tried less and less often


@dataclass(frozen=True, slots=True)
class Entry:
    trial: Trial
    observation: Observation

    @property
    def kills(self) -> tuple[str, ...]:
        return self.observation.kills


class Archive:
    """`mutants` are those that a call can show, `alive` those of them that nothing has killed yet, in order; `reached` those that
    something has reached."""

    def __init__(self, mutants: Iterable[str], rng: random.Random) -> None:
        self.alive: dict[str, None] = dict.fromkeys(mutants)
        self.mutants = frozenset(self.alive)
        self.corpus: list[Entry] = []
        self.endings: dict[str, Counter[str]] = {}
        self.tried: set[tuple[object, ...]] = set()
        self.reached: set[str] = set()
        self._vain: Counter[str] = Counter()
        self._features: set[int] = set()
        self._shown: set[tuple[str, str]] = set()
        self._reaching: dict[str, list[int]] = {}
        self._rng = rng

    def is_new(self, trial: Trial) -> bool:
        if trial.identity in self.tried:
            return False
        self.tried.add(trial.identity)
        return True

    def asked(self) -> tuple[str, ...]:
        """Mutants for the next calls to be tried on, in order: those that many have reached in vain only now and then, or the few that
        every call reaches and none can kill would take all the time."""
        return tuple(mutant for mutant in self.alive if self._rng.random() * self._vain[mutant] < _SURE)

    def take(self, trial: Trial, observation: Observation) -> bool:
        """Whether it killed something nothing else had."""
        ending = _ok(observation) if observation.status == "ok" else _ended(observation)
        self.endings.setdefault(trial.target, Counter())[ending] += 1
        if observation.status != "ok":
            return False
        fresh_kills = [mutant for mutant in observation.kills if mutant in self.alive]
        fresh_features = [feature for feature in observation.features if feature not in self._features]
        shown = (trial.target, observation.key)
        told = trial.origin != "search" and shown not in self._shown
        if (fresh_kills or fresh_features or told) and len(self.corpus) < _MOST:
            self._features.update(fresh_features)
            self._shown.add(shown)
            number = len(self.corpus)
            self.corpus.append(Entry(trial, observation))
            for mutant in observation.reached:
                self._reaching.setdefault(mutant, []).append(number)
        self.reached.update(observation.reached)
        self._vain.update(observation.reached)
        for mutant in fresh_kills:
            del self.alive[mutant]
        return bool(fresh_kills)

    def dreaded(self, target: str) -> bool:
        """Its calls only spend time: every one has hung."""
        endings = self.endings.get(target, Counter())
        return endings.total() >= _PATIENCE and all(ending in _COSTLY for ending in endings)

    def misunderstood(self, target: str) -> bool:
        """Every call of it was given something of a wrong type."""
        endings = self.endings.get(target, Counter())
        return endings.total() >= _MISUNDERSTOOD and all(ending in _MISTYPED for ending in endings)

    def forget(self, target: str) -> None:
        """What only made-up calls of it have killed is alive again: another way to it is wanted."""
        kept = {mutant for entry in self.corpus if not _made_up(entry, target) for mutant in entry.kills}
        own = [mutant for entry in self.corpus if _made_up(entry, target) for mutant in entry.kills]
        self.alive.update(dict.fromkeys(mutant for mutant in own if mutant not in kept))

    def parent(self) -> Entry | None:
        """Mostly one that reaches a survivor; recent ones are favoured."""
        if not self.corpus:
            return None
        if self._rng.random() < 0.7:
            hot = [mutant for mutant in self.alive if mutant in self._reaching]
            if hot:
                return self.corpus[self._late(self._reaching[self._rng.choice(hot)])]
        return self._rng.choice(self.corpus[-_RECENT:] if self._rng.random() < 0.5 else self.corpus)

    def _late(self, numbers: list[int]) -> int:
        return self._rng.choice(numbers[-_RECENT:] if self._rng.random() < 0.7 else numbers)


def _made_up(entry: Entry, target: str) -> bool:
    return entry.trial.target == target and entry.trial.origin == "search"


def _ended(observation: Observation) -> str:
    if observation.status == "denied":
        return f"not allowed: {observation.detail}"
    return observation.detail if observation.status == "unsupported" and observation.detail else observation.status


def _ok(observation: Observation) -> str:
    if not observation.raised:
        return "ok"
    return f"raised {observation.raised.partition(':')[2]}" + ("" if observation.explicit else " implicitly")

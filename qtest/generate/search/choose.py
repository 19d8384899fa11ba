"""Choosing: the fewest and plainest of what was tried that kill as much, each made smaller while it still does."""

from collections import Counter
from collections.abc import Iterable, Sequence

from qtest.generate.search.archive import Archive
from qtest.generate.search.hearing import Hearing
from qtest.generate.search.minimise import Proven, cover, smaller, split, unique_kills
from qtest.generate.search.spending import SHRINKING, Spending
from qtest.generate.search.tries import Tries

_ROUNDS = 5  # of shrinking
_SPLITS = 3
_MATRIX = 600  # of the corpus
_MOST, _LEAST = 40, 8  # tests of one function


class Choice:
    """`spoken` are words that people wrote."""

    def __init__(
        self,
        archive: Archive,
        tries: Tries,
        hearing: Hearing,
        spending: Spending,
        spoken: Iterable[str],
        batch: int,
    ) -> None:
        self._archive, self._tries, self._hearing, self._spending = archive, tries, hearing, spending
        self._spoken, self._size = spoken, batch

    def matrix(self, mutants: Sequence[str]) -> list[Proven]:
        """All that was worth keeping, with all that it kills."""
        useful = [entry for entry in self._archive.corpus if entry.kills or entry.trial.origin != "search"]
        entries = [entry for entry in useful if not self._hearing.is_detour(entry.trial)][:_MATRIX]
        found: list[Proven] = []
        for at in range(0, len(entries), self._size):
            part = entries[at : at + self._size]
            if self._spending.over(SHRINKING):
                observed = [(entry.trial, entry.observation) for entry in part]
            else:
                observed = self._tries.observe([entry.trial for entry in part], mutants)
            found += [proven for trial, seen in observed if (proven := self._hearing.proven(trial, seen))]
        return found

    def fewest(self, found: Sequence[Proven]) -> list[Proven]:
        shown: dict[str, set[str]] = {}
        for item in found:
            shown.setdefault(item.trial.target, set()).update(item.kills)
        chosen = self._shrunk(cover(found, lambda target: max(_LEAST, min(_MOST, len(shown[target]) // 3))))
        for _ in range(_SPLITS):
            apart = self._apart(chosen)
            if len(apart) == len(chosen):
                break
            chosen = apart
        return self._shrunk(chosen)

    def _apart(self, chosen: list[Proven]) -> list[Proven]:
        """A test that calls something for its effect on the way, and needs it only to notice what that call itself would show, becomes two."""
        ideas = {at: halves for at, item in enumerate(chosen) if (halves := split(item.trial))}
        alive = tuple(sorted({mutant for item in chosen for mutant in item.kills}))
        trials = [] if self._spending.over(SHRINKING) else [trial for halves in ideas.values() for trial in halves]
        seen = {
            trial.identity: proven
            for trial, observation in self._tries.observe(trials, alive)
            if (proven := self._hearing.proven(trial, observation))
        }
        told = list(chosen)
        for at, (without, alone) in ideas.items():
            rest, other = seen.get(without.identity), seen.get(alone.identity)
            if rest is None or other is None:
                continue
            needed = unique_kills(told)[at]
            if needed <= rest.kills | other.kills and rest.kills & needed and other.kills & needed:
                told[at] = rest
                told.append(other)
        return told

    def _shrunk(self, chosen: list[Proven]) -> list[Proven]:
        for _ in range(_ROUNDS):
            if self._spending.over(SHRINKING):
                break
            changed = self._shrink_once(chosen)
            if changed == chosen:
                break
            chosen = changed
        return chosen

    def _shrink_once(self, chosen: list[Proven]) -> list[Proven]:
        """One after the other, so that no two give up a mutant that each left to the other."""
        best = list(chosen)
        shown = Counter(mutant for item in best for mutant in item.kills)
        for at, item in enumerate(best):
            if self._spending.over(SHRINKING):
                break
            needed = frozenset(mutant for mutant in item.kills if shown[mutant] == 1)
            if item.trial.origin != "search" or not needed:
                continue
            found = self._smaller(item, needed)
            if found is not None:
                best[at] = found
                shown.update(found.kills)
                shown.subtract(item.kills)
        return best

    def _smaller(self, item: Proven, needed: frozenset[str]) -> Proven | None:
        """The plainest that still kills what is needed of it. All are tried on that alone, the plainest then on all that the item kills."""
        seen = self._tries.observe(smaller(item.trial, tuple(self._spoken)), sorted(needed))
        able = [
            proven for trial, one in seen if (proven := self._hearing.proven(trial, one)) and needed <= proven.kills
        ]
        best = min(able, key=lambda proven: proven.cost, default=item)
        if best.cost >= item.cost:
            return None
        ((trial, observation),) = self._tries.observe([best.trial], sorted(item.kills))
        found = self._hearing.proven(trial, observation)
        return found if found is not None and needed <= found.kills else None

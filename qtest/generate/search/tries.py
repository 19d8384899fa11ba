"""Trials on the warm module: written out as candidates, run, and counted."""

from collections import Counter
from collections.abc import Mapping, Sequence

from qtest.generate.search.spending import Spending
from qtest.generate.search.trial import Trial, candidate
from qtest.ports import Explorer
from qtest.records.outcome import Tried
from qtest.records.workbench import Candidate, Observation

_LONGEST = 160  # characters of an example
_UNWRITTEN = "a value it needs cannot be written"


class Tries:
    """`rejected` says by target, and how often, why what was tried can be no test; `lost`, and of how many mutants that an import runs,
    why they could not be tried."""

    def __init__(self, explorer: Explorer, module: str, spending: Spending) -> None:
        self._explorer, self._module, self._spending = explorer, module, spending
        self.rejected: dict[str, Counter[str]] = {}
        self.lost: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = {}

    def reject(self, target: str, why: str) -> None:
        self.rejected.setdefault(target, Counter())[why] += 1

    def observe(self, trials: Sequence[Trial], alive: Sequence[str]) -> list[tuple[Trial, Observation]]:
        """Those that can be written, in order, each tried on the code and on the living mutants it reaches."""
        ready = self._written(trials)
        if not ready:
            return []
        observations = self._explorer.explore([found for _, found in ready], alive)
        self._spending.count(observations, candidates=len(ready))
        for trial, one in ready:
            self._note(trial.target, one)
        return [(trial, observation) for (trial, _), observation in zip(ready, observations, strict=True)]

    def imported(self, trials: Sequence[Trial], mutants: Mapping[str, Sequence[int]]) -> dict[int, set[str]]:
        """By a trial's place, the mutants that it tells from the code where they run while the module is imported. `mutants` names,
        for each, the places of the trials to ask."""
        ready = [
            found
            for trial, number in zip(trials, range(len(trials)), strict=True)
            if (found := candidate(trial, number, self._module))
        ]
        kills: dict[int, set[str]] = {}
        for told in self._explorer.imported(ready, mutants):
            self._spending.spend(told.runs, told.cpu_us)
            if told.lost:
                self.lost[told.lost] += 1
            for number in told.differs:
                kills.setdefault(number, set()).add(told.mutant)
        return kills

    def again(self, trials: Sequence[Trial]) -> dict[tuple[object, ...], str]:
        """By trial's identity: nothing, or why it is not the same in fresh processes."""
        ready = self._written(trials)
        found = {trial.identity: _UNWRITTEN for trial in trials}
        if not ready:
            return found
        observations = self._explorer.confirm([one for _, one in ready])
        self._spending.count(observations, candidates=0)
        for (trial, _), observation in zip(ready, observations, strict=True):
            ok = observation.status == "ok"
            found[trial.identity] = "" if ok else f"{observation.status}: {observation.detail}"
        return found

    def tried(self) -> tuple[Tried, ...]:
        return tuple(
            Tried(target=target, calls=calls, examples=tuple(dict.fromkeys(self._examples[target])))
            for target, calls in sorted(self._calls.items())
        )

    def _note(self, target: str, one: Candidate) -> None:
        """Every call is counted; the 1st, 2nd, 4th, 8th and so on is kept as an example."""
        self._calls[target] += 1
        count = self._calls[target]
        if count & (count - 1) == 0:
            self._examples.setdefault(target, []).append("; ".join((*one.setup, one.expr))[:_LONGEST])

    def _written(self, trials: Sequence[Trial]) -> list[tuple[Trial, Candidate]]:
        ready = []
        for number, trial in enumerate(trials):
            found = candidate(trial, number, self._module)
            if found is None:
                self.reject(trial.target, _UNWRITTEN)
            else:
                ready.append((trial, found))
        return ready

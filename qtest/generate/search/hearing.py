"""What of a trial's result a test may claim, and which trials make no test at all."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from qtest.generate.search.code import Code, owner_of
from qtest.generate.search.fit import strays
from qtest.generate.search.minimise import Proven
from qtest.generate.search.oracle import Said, result_of, said, value_of, waited_for
from qtest.generate.search.pools import Pools
from qtest.generate.search.promises import documented, of_protocol
from qtest.generate.search.trial import Trial
from qtest.generate.search.tries import Tries
from qtest.records.case import Call, Construct, Consume, Expression
from qtest.records.workbench import Observation


class Hearing:
    """Learns as it goes which calls are lazy, and which private functions a public call has reached (`passed`)."""

    def __init__(self, code: Code, pools: Pools, targets: Iterable[str], tries: Tries, home: Mapping[str, str]) -> None:
        self._code, self._pools, self._tries, self._home = code, pools, tries, home
        self._lazy: set[str] = set()
        self.private = {target for target in targets if not code.symbols[target].public}
        self.passed: set[str] = set()

    def is_abuse(self, trial: Trial, observation: Observation) -> bool:
        """A reviewer would send it back: what the annotations forbid is handed over, and the code does not itself refuse it."""
        return not observation.explicit and strays(trial, self._code)

    def is_detour(self, trial: Trial) -> bool:
        """A made-up call of a private function that tests reach by a public one."""
        return trial.target in self.passed and trial.origin == "search"

    def newly_passed(self, trial: Trial, observation: Observation) -> list[str]:
        """Private functions that this public call is the first to reach."""
        if trial.target in self.private:
            return []
        homes = {self._home[mutant] for mutant in observation.reached}
        homes |= {owner_of(home) for home in homes}
        found = sorted((homes & self.private) - self.passed)
        self.passed.update(found)
        return found

    def note(self, trial: Trial, observation: Observation) -> None:
        """What this result teaches: which calls are lazy, where objects of a class come from, and values to hand on."""
        form = result_of(observation)
        if form is None:
            return
        value = value_of(form) if self._pools.wants_from(trial.target) else None
        if value is not None:
            self._pools.returned(trial.target, value)
        if form.get("kind") == "iterator" and not waited_for(observation):
            self._lazy.add(trial.target)
        if form.get("kind") in ("object", "subclass", "construct") and not waited_for(observation):
            self.note_maker(trial, observation)

    def note_maker(self, trial: Trial, observation: Observation) -> None:
        """Of an object that a test may not be able to look at, but can use."""
        if self._code.is_class(observation.returned) and not trial.setup and _makes(trial.input):
            self._pools.produce(observation.returned, trial.input)

    def proven(self, trial: Trial, observation: Observation) -> Proven | None:
        if observation.status != "ok" or not observation.kills or self.is_abuse(trial, observation):
            return None
        heard = self.said(trial, observation)
        if heard.why:
            self._tries.reject(trial.target, heard.why)
            return None
        return Proven(trial, heard, frozenset(observation.kills), observation.seen, self._pools.spoken)

    def plain(self, trial: Trial, observation: Observation) -> Proven | None:
        """As an example of what the target does, whatever it kills."""
        heard = self.said(trial, observation)
        return None if heard.why else Proven(trial, heard, frozenset(), observation.seen, self._pools.spoken)

    def said(self, trial: Trial, observation: Observation) -> Said:
        heard = said(trial, observation, lambda error: self._promises(trial, error))
        if observation.raised and trial.target in self._lazy and heard.input is trial.input:
            return replace(heard, input=Consume(trial.input)) if isinstance(trial.input, Call) else heard
        return heard

    def _promises(self, trial: Trial, error: str) -> bool:
        near = (self._code.symbols.get(name) for name in (trial.target, owner_of(trial.target)))
        return of_protocol(trial.input, error) or documented(near, error)


def _makes(expression: Expression) -> bool:
    return isinstance(expression, Construct) or (isinstance(expression, Call) and not expression.awaited)

"""The search: calls made up, tried on the code and on its mutants, and varied while that kills something new."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from qtest.config import SearchSettings
from qtest.errors import QTestError
from qtest.generate.search.archive import Archive, Entry
from qtest.generate.search.bugs import Suspicions
from qtest.generate.search.claims import Claims
from qtest.generate.search.code import Code, owner_of
from qtest.generate.search.evolve import Evolver
from qtest.generate.search.fit import strays
from qtest.generate.search.making import Maker, parameters_of
from qtest.generate.search.minimise import Proven, cover, smaller, unique_kills
from qtest.generate.search.oracle import Said, result_of, said
from qtest.generate.search.pools import Pools
from qtest.generate.search.promises import documented, of_protocol
from qtest.generate.search.sources import Sources
from qtest.generate.search.trial import Trial, candidate
from qtest.ports import Explorer, Language, Workbench
from qtest.records.baseline import Setting
from qtest.records.case import Call, CallCase, Construct, Consume, Expression, Isolation, Provenance, expression_to_json
from qtest.records.outcome import Effort, Failure, GateReport, Rejection, SuspectedBug
from qtest.records.plan import Brief
from qtest.records.record import digest_of
from qtest.records.system import Symbol
from qtest.records.workbench import ModuleLoad, Observation

Proposal = CallCase | SuspectedBug | Rejection | Failure | Effort
Progress = Callable[[str, int], None]

_SEARCHING = 0.65  # of the budget; the rest is for choosing, shrinking and confirming
_SHRINKING = 0.9
_FRESH = 0.15
_FORGOTTEN = 0.15  # of a batch goes to targets whose own mutants nothing has reached
_ROUNDS = 5  # of shrinking
_MATRIX = 600  # of the corpus
_MOST, _LEAST = 40, 8  # tests of one function
_EXTRA = 12  # tests for mutants that only a fresh import can show
_NO_BOUND_S = 60.0


@dataclass(frozen=True)
class SearchGenerator:
    """Answers the port `Generator`. `setting_of` gives where a project's code runs."""

    workbench: Workbench
    setting_of: Callable[[str], Setting]
    language: Language
    settings: SearchSettings
    clock: Callable[[], float]
    progress: Progress | None = None
    name: str = "search"

    def propose(self, brief: Brief, feedback: Sequence[GateReport]) -> Iterable[Proposal]:
        if not brief.mutants:
            yield Effort(stopped="no mutant is alive")
            return
        started = self.clock()
        load = ModuleLoad(
            module=brief.module.name,
            path=brief.module.path,
            siblings=tuple(sibling.path for sibling in brief.siblings),
            mutants=brief.mutants,
            seed=_seed(brief.seed),
        )
        try:
            explorer = self.workbench.explorer(self.setting_of(brief.project), load)
        except QTestError as error:
            yield Failure(target=brief.module.name, reason=f"search: {error}")
            return
        try:
            if explorer.loaded.problem:
                yield Rejection(target=brief.module.name, stage="explore", reason=explorer.loaded.problem)
                yield Effort(wall_s=self.clock() - started, stopped=explorer.loaded.problem)
                return
            yield from _Search(self, brief, explorer, started).run()
        finally:
            explorer.close()


class _Search:
    def __init__(self, generator: SearchGenerator, brief: Brief, explorer: Explorer, started: float) -> None:
        self._generator, self._brief, self._explorer, self._started = generator, brief, explorer, started
        self._rng = random.Random(_seed(brief.seed + brief.module.name))
        self._module = brief.module.name
        code = Code(brief)
        maker = Maker(code, Pools(brief, self._rng), self._rng)
        self._code, self._pools = code, maker.pools
        self._sources = Sources(brief, code, maker, self._rng)
        self._evolver = Evolver(code, maker, self._sources, self._rng)
        dropped = {state.mutant for state in explorer.loaded.mutants if state.state != "swappable"}
        self._mutants = tuple(mutant.id for mutant in brief.mutants if mutant.id not in dropped and not mutant.control)
        self._imported = sum(1 for state in explorer.loaded.mutants if state.state == "fresh import")
        self._home = {mutant.id: mutant.symbol for mutant in brief.mutants}
        self._archive = Archive(self._mutants, self._rng)
        self._suspicions = Suspicions(code)
        self._lazy: set[str] = set()
        self._private = {target for target in self._sources.targets if not code.symbols[target].public}
        self._passed: set[str] = set()  # private ones that a public call has reached
        self._rejected: dict[str, Counter[str]] = {}
        self._evaluations = self._candidates = self._turn = 0
        self._cpu_s = self._quiet_s = 0.0
        self._stopped = "the budget is spent"

    def run(self) -> Iterator[Proposal]:
        self._begun = (
            self._generator.clock()
        )  # making the module warm is no searching: a slow import would leave nothing of a short share
        try:
            self._seed_corpus()
            self._climb()
            found = self._matrix()
            chosen = cover(found, self._cap)
            shrunk = self._shrunk([*chosen, *self._extra(chosen)])
            cases = self._confirmed(self._plainly(shrunk, found))
            bugs = self._bugs()
        except QTestError as error:
            yield Failure(target=self._module, reason=f"search: {error}")
            yield self._effort()
            return
        yield from cases
        yield from bugs
        yield from self._rejections({case.target for case in cases})
        yield self._effort()

    # --- trying ------------------------------------------------------------------------------------------------------

    def _seed_corpus(self) -> None:
        self._try(list(self._sources.written()))
        targets = sorted(self._sources.targets, key=self._private.__contains__)
        # one call of each before many of one: what hangs must not use up the time of those after it
        self._try([trial for target in targets for trial in self._sources.fresh(target, options=0.0)])
        for target in targets:
            if self._spent(_SEARCHING / 2):
                break
            if target not in self._passed:
                trials = list(self._sources.systematic(target))
                self._try(trials[:2])
                self._try(trials[2:])

    def _climb(self) -> None:
        if not self._sources.targets:
            self._stopped = "there is no target"
            return
        least = 20 * len(self._sources.targets) + 10 * self._generator.settings.batch
        while not self._spent(_SEARCHING):
            if not self._archive.alive and not self._imported:
                self._stopped = "no mutant is alive"
                return
            if self._quiet_s > self._generator.settings.stall_s and self._candidates > least:
                self._stopped = "nothing new was killed"
                return
            before = self._candidates
            self._try(list(self._batch()))
            if self._candidates == before:
                self._stopped = "there was nothing new to try"
                return

    def _batch(self) -> Iterator[Trial]:
        size = self._generator.settings.batch
        forgotten = self._forgotten()
        for number in range(2 * size):  # about half of the children have been tried before
            if number < _FORGOTTEN * size and forgotten:
                yield from self._sources.fresh(self._rng.choice(forgotten))
            elif number < (_FRESH + _FORGOTTEN) * size:
                yield from self._sources.fresh(self._next_target())
            else:
                parent = self._archive.parent()
                if parent is None:
                    yield from self._sources.fresh(self._next_target())
                else:
                    yield self._child(parent)

    def _child(self, parent: Entry) -> Trial:
        mates = [entry.trial for entry in self._archive.corpus[-200:] if entry.trial.target == parent.trial.target]
        return self._evolver.child(parent.trial, parent.observation.compared, mates)

    def _next_target(self) -> str:
        self._turn += 1
        targets = [target for target in self._sources.targets if target not in self._passed] or self._sources.targets
        return targets[self._turn % len(targets)]

    def _forgotten(self) -> list[str]:
        reached = {self._home[mutant] for mutant in self._archive.reached}
        waiting = {self._home[mutant] for mutant in self._archive.alive} - reached
        own = [target for target in self._sources.targets if target in waiting and target not in self._passed]
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
        size = self._generator.settings.batch
        for at in range(0, len(new), size):
            if self._spent(_SEARCHING):
                return
            self._explore(list(self._bearable(new[at : at + size])))

    def _bearable(self, trials: Sequence[Trial]) -> Iterator[Trial]:
        """Of targets whose calls only hang, one: another input may end."""
        dreaded: set[str] = set()
        for trial in trials:
            if trial.target not in dreaded:
                yield trial
            if self._archive.dreaded(trial.target):
                dreaded.add(trial.target)

    def _explore(self, trials: Sequence[Trial]) -> None:
        for trial, observation in self._observe(trials, tuple(self._archive.alive)):
            if self._is_abuse(trial, observation) or self._is_detour(trial):
                continue
            self._pass_through(trial, observation)
            if observation.kills and self._said(trial, observation).why:
                observation = observation.model_copy(update={"kills": ()})  # no test could show them
            new = self._archive.take(trial, observation)
            self._quiet_s = 0.0 if new else self._quiet_s + observation.cpu_us / 1e6
            if observation.status != "ok":
                continue
            self._suspicions.look(trial, observation)
            self._note(trial, observation)
        if self._generator.progress is not None:
            self._generator.progress(self._module, self._evaluations)

    def _is_detour(self, trial: Trial) -> bool:
        """A made-up call of a private function that tests reach by a public one."""
        return trial.target in self._passed and trial.origin == "search"

    def _pass_through(self, trial: Trial, observation: Observation) -> None:
        if trial.target in self._private:
            return
        homes = {self._home[mutant] for mutant in observation.reached}
        homes |= {owner_of(home) for home in homes}
        for private in sorted((homes & self._private) - self._passed):
            self._passed.add(private)
            self._archive.forget(private)

    def _note(self, trial: Trial, observation: Observation) -> None:
        """What this result teaches: which calls are lazy, and where objects of a class come from."""
        form = result_of(observation)
        if form is None:
            return
        if form.get("kind") == "iterator":
            self._lazy.add(trial.target)
        made = observation.returned
        is_object = form.get("kind") in ("object", "subclass", "construct") and self._code.is_class(made)
        if is_object and not trial.setup and isinstance(trial.input, Call | Construct) and not _awaited(trial.input):
            self._pools.produce(made, trial.input)

    def _observe(self, trials: Sequence[Trial], alive: Sequence[str]) -> list[tuple[Trial, Observation]]:
        drawn = [(trial, candidate(trial, number, self._module)) for number, trial in enumerate(trials)]
        ready = [(trial, found) for trial, found in drawn if found is not None]
        for trial, found in drawn:
            if found is None:
                self._reject(trial.target, "a value it needs cannot be written")
        if not ready:
            return []
        observations = self._explorer.explore([found for _, found in ready], alive)
        self._candidates += len(ready)
        self._evaluations += sum(observation.runs for observation in observations)
        self._cpu_s += sum(observation.cpu_us for observation in observations) / 1e6
        return [(trial, observation) for (trial, _), observation in zip(ready, observations, strict=True)]

    # --- choosing ----------------------------------------------------------------------------------------------------

    def _matrix(self) -> list[Proven]:
        """All that was worth keeping, with all that it kills."""
        useful = [entry for entry in self._archive.corpus if entry.kills or entry.trial.origin != "search"]
        entries = [entry for entry in useful if not self._is_detour(entry.trial)][:_MATRIX]
        found: list[Proven] = []
        size = self._generator.settings.batch
        for at in range(0, len(entries), size):
            part = [entry.trial for entry in entries[at : at + size]]
            if self._spent(_SHRINKING):
                observed = [(entry.trial, entry.observation) for entry in entries[at : at + size]]
            else:
                observed = self._observe(part, self._mutants)
            found += [proven for trial, observation in observed if (proven := self._proven(trial, observation))]
        return found

    def _plainly(self, chosen: Sequence[Proven], found: Sequence[Proven]) -> list[Proven]:
        """What is said of objects, said as a person would."""
        return Claims(self._code, self._observe, self._pools.producers).plainer(chosen, found)

    def _is_abuse(self, trial: Trial, observation: Observation) -> bool:
        """A reviewer would send it back: what the annotations forbid is handed over, and the code does not itself refuse it."""
        return not observation.explicit and strays(trial, self._code)

    def _proven(self, trial: Trial, observation: Observation) -> Proven | None:
        if observation.status != "ok" or not observation.kills or self._is_abuse(trial, observation):
            return None
        heard = self._said(trial, observation)
        if heard.why:
            self._reject(trial.target, heard.why)
            return None
        return Proven(trial, heard, frozenset(observation.kills), observation.seen, self._pools.spoken)

    def _said(self, trial: Trial, observation: Observation) -> Said:
        heard = said(trial, observation, lambda error: self._promises(trial, error))
        raises = bool(observation.raised)
        if raises and trial.target in self._lazy and isinstance(trial.input, Call):
            return replace(heard, input=Consume(trial.input))
        return heard

    def _promises(self, trial: Trial, error: str) -> bool:
        near = (self._code.symbols.get(name) for name in (trial.target, owner_of(trial.target)))
        return of_protocol(trial.input, error) or documented(near, error)

    def _cap(self, target: str) -> int:
        own = sum(1 for symbol in self._home.values() if symbol == target)
        return max(_LEAST, min(_MOST, own // 3))

    def _extra(self, chosen: Sequence[Proven]) -> list[Proven]:
        """Mutants of code that runs at import cannot be tried here: plain examples of every target may show them."""
        if not self._imported:
            return []
        taken = {item.trial.identity for item in chosen}
        counts = Counter(item.trial.target for item in chosen)
        found: list[Proven] = []
        order = sorted(self._archive.corpus, key=lambda entry: (entry.trial.origin == "search", not entry.kills))
        for entry in order:
            if len(found) == _EXTRA:
                break
            if (
                self._is_detour(entry.trial)
                or entry.trial.identity in taken
                or counts[entry.trial.target] >= 3
                or entry.observation.raised
            ):
                continue
            heard = self._said(entry.trial, entry.observation)
            if not heard.why:
                counts[entry.trial.target] += 1
                found.append(Proven(entry.trial, heard, frozenset(), entry.observation.seen, self._pools.spoken))
        return found

    # --- shrinking ---------------------------------------------------------------------------------------------------

    def _shrunk(self, chosen: list[Proven]) -> list[Proven]:
        for _ in range(_ROUNDS):
            if self._spent(_SHRINKING):
                break
            changed = self._shrink_once(chosen)
            if changed == chosen:
                break
            chosen = changed
        return chosen

    def _shrink_once(self, chosen: list[Proven]) -> list[Proven]:
        needed = unique_kills(chosen)
        ideas = [
            (at, trial)
            for at, item in enumerate(chosen)
            if item.trial.origin == "search" and needed[at]
            for trial in smaller(item.trial, tuple(self._pools.spoken))
        ]
        alive = tuple(sorted({mutant for item in chosen for mutant in item.kills}))
        best = list(chosen)
        size = 4 * self._generator.settings.batch
        for start in range(0, len(ideas), size):
            if self._spent(_SHRINKING):
                break
            part = ideas[start : start + size]
            owners = {trial.identity: at for at, trial in part}
            for trial, observation in self._observe([trial for _, trial in part], alive):
                at = owners[trial.identity]
                proven = self._proven(trial, observation)
                if proven is not None and needed[at] <= proven.kills and proven.cost < best[at].cost:
                    best[at] = proven
        return best

    # --- proving -----------------------------------------------------------------------------------------------------

    def _confirmed(self, chosen: Sequence[Proven]) -> list[CallCase]:
        stable = self._stable([item.trial for item in chosen])
        kept = []
        for item in chosen:
            why = stable.get(item.trial.identity, "a value it needs cannot be written")
            if why:
                self._reject(item.trial.target, why)
            else:
                kept.append(self._case(item))
        return kept

    def _stable(self, trials: Sequence[Trial]) -> dict[tuple[object, ...], str]:
        """By trial: nothing, or why it is not the same in fresh processes."""
        drawn = [(trial, candidate(trial, number, self._module)) for number, trial in enumerate(trials)]
        ready = [(trial, found) for trial, found in drawn if found is not None]
        if not ready:
            return {}
        observations = self._explorer.confirm([found for _, found in ready])
        self._evaluations += sum(observation.runs for observation in observations)
        return {
            trial.identity: "" if observation.status == "ok" else f"{observation.status}: {observation.detail}"
            for (trial, _), observation in zip(ready, observations, strict=True)
        }

    def _case(self, item: Proven) -> CallCase:
        trial, heard = item.trial, item.said
        names = self._names(heard.input, trial.target)
        text = "|".join(
            (
                self._module,
                trial.target,
                *(repr(step) for step in trial.setup),
                expression_to_json(heard.input),
                repr(heard.expect),
            )
        )
        symbol = self._code.symbols.get(trial.target)
        return CallCase(
            id=digest_of(text)[:16],
            target=trial.target,
            setup=trial.setup,
            input=heard.input,
            expect=heard.expect,
            parameters=names,
            isolation=Isolation(restored=self._restored(symbol)),
            provenance=Provenance(generator="search", origin=trial.origin, source=trial.source, seed=self._brief.seed),
        )

    def _restored(self, symbol: Symbol | None) -> tuple[str, ...]:
        constants = set(self._brief.module.constants)
        writes = symbol.writes if symbol is not None else ()
        return tuple(f"{self._module}:{name}" for name in writes if name in constants)

    def _names(self, given: Expression, target: str) -> tuple[str, ...]:
        """Of the parameters that positional arguments land on."""
        if isinstance(given, Consume):
            return self._names(given.source, target)
        if not isinstance(given, Call | Construct):
            return ()
        symbol = (
            self._code.maker(given.symbol) if isinstance(given, Construct) else self._code.symbols.get(given.symbol)
        )
        if symbol is None:
            return tuple(item.name for item in self._code.fields(given.symbol)) if isinstance(given, Construct) else ()
        plain = [item for item in parameters_of(symbol) if item.kind in ("positional only", "positional or keyword")]
        count = sum(1 for argument in given.arguments if not argument.name)
        return tuple(item.name for item in plain)[:count]

    def _bugs(self) -> list[SuspectedBug]:
        trials = self._suspicions.trials()
        stable = self._stable(trials) if trials else {}
        return list(self._suspicions.confirmed(key for key, why in stable.items() if not why))

    # --- the other exits ---------------------------------------------------------------------------------------------

    def _reject(self, target: str, why: str) -> None:
        self._rejected.setdefault(target, Counter())[why] += 1

    def _rejections(self, tested: set[str]) -> Iterator[Rejection]:
        """One for each target without a test, saying what stood in the way."""
        for target in self._sources.targets:
            if target in tested:
                continue
            reason, count = self._why(target)
            yield Rejection(target=target, stage="explore", reason=reason, count=count)

    def _why(self, target: str) -> tuple[str, int]:
        if target in self._passed:
            return "private, tested through the public functions that reach it", 1
        own = [mutant for mutant, symbol in self._home.items() if symbol == target]
        endings = self._archive.endings.get(target, Counter())
        total = sum(endings.values())
        if not total:
            return "no call of it could be made up within the budget", 1
        good = sum(count for ending, count in endings.items() if _is_result(ending))
        if not good:
            worst, count = endings.most_common(1)[0]
            return f"all {_calls(total)} came to nothing, most of them: {worst}", count
        if own and not any(mutant in self._archive.alive for mutant in own):
            return "tests of other functions kill all its mutants", 1
        if not own:
            return "it has no mutant of its own that is alive", 1
        reasons = self._rejected.get(target)
        if reasons:
            reason, count = reasons.most_common(1)[0]
            return reason, count
        if not any(mutant in self._archive.reached for mutant in own):
            return f"{_calls(total)} never reached a living mutant", total
        return f"{_calls(total)} killed no mutant that others leave alive", total

    def _effort(self) -> Effort:
        return Effort(
            evaluations=self._evaluations,
            candidates=self._candidates,
            wall_s=self._generator.clock() - self._started,
            cpu_s=self._cpu_s,
            stopped=self._stopped,
        )

    def _spent(self, part: float) -> bool:
        share = self._brief.share
        if share.evaluations is not None:
            return self._evaluations >= part * share.evaluations
        bound = share.wall_s if share.wall_s is not None else _NO_BOUND_S
        return self._generator.clock() - self._begun >= part * bound


def _is_result(ending: str) -> bool:
    return ending == "ok" or (ending.startswith("raised") and not ending.endswith("implicitly"))


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"


def _awaited(expression: Expression) -> bool:
    return isinstance(expression, Call) and expression.awaited


def _seed(text: str) -> int:
    return int(digest_of(text)[:12], 16)

"""A module made warm in a sandboxed session, and candidates tried on it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from qtest.adapters.conversation import Conversation
from qtest.errors import WorkerLost
from qtest.languages.python.toolchain import PythonToolchain
from qtest.ports import Sandbox, Session
from qtest.records.baseline import Setting
from qtest.records.workbench import Candidate, Imported, Loaded, ModuleLoad, Observation

LOAD_S = 120.0
BATCH_S = 900.0
_MISSING = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")
RESTARTS = 5  # of the whole session; a worker inside it is replaced by its supervisor
# Fresh processes that a result must be the same in: hash seed, time zone, seconds the clock is moved.
SURROUNDINGS = ((7, "Asia/Kolkata", 34_585_200.0), (1234, "America/Los_Angeles", -12_345_678.0))


class SandboxExplorer:
    """Answers the port `Explorer`."""

    def __init__(self, sandbox: Sandbox, toolchain: PythonToolchain, setting: Setting, load: ModuleLoad) -> None:
        self._sandbox, self._toolchain, self._setting, self._load = sandbox, toolchain, setting, load
        self._bench: _Bench | None = _Bench(self, load)
        self._loaded = _advised(self._bench.loaded)
        self._lost = 0

    @property
    def loaded(self) -> Loaded:
        return self._loaded

    def explore(self, candidates: Sequence[Candidate], alive: Sequence[str]) -> tuple[Observation, ...]:
        if not candidates:
            return ()
        if self._loaded.problem:
            return tuple(_lost(candidate, self._loaded.problem) for candidate in candidates)
        try:
            if self._bench is None:
                self._bench = _Bench(self, self._load)
            return self._bench.explore(candidates, alive)
        except WorkerLost as error:
            self._drop()
            self._lost += 1
            if self._lost > RESTARTS:
                raise
            if len(candidates) == 1:
                return (_lost(candidates[0], str(error)),)
            middle = len(candidates) // 2
            return (*self.explore(candidates[:middle], alive), *self.explore(candidates[middle:], alive))

    def imported(self, candidates: Sequence[Candidate], mutants: Mapping[str, Sequence[int]]) -> tuple[Imported, ...]:
        if not candidates or not mutants or self._loaded.problem:
            return ()
        try:
            if self._bench is None:
                self._bench = _Bench(self, self._load)
            return self._bench.imported(candidates, mutants)
        except WorkerLost as error:
            self._drop()
            self._lost += 1
            if self._lost > RESTARTS:
                raise
            return tuple(Imported(mutant=mutant, lost=str(error)[:300]) for mutant in mutants)

    def confirm(self, candidates: Sequence[Candidate]) -> tuple[Observation, ...]:
        """In two fresh processes, the second in the opposite order; `unstable` where a key is not the same in both."""
        rounds = []
        for number, (hash_seed, zone, shift_s) in enumerate(SURROUNDINGS):
            order = list(candidates) if number == 0 else list(reversed(candidates))
            bench = _Bench(
                self,
                self._load.model_copy(update={"mutants": ()}),
                hash_seed=hash_seed,
                zone=zone,
                plain=True,
                shift_s=shift_s,
            )
            try:
                rounds.append({observation.candidate: observation for observation in bench.explore(order, ())})
            finally:
                bench.close()
        return tuple(_agreed(candidate, [found[candidate.id] for found in rounds]) for candidate in candidates)

    def close(self) -> None:
        self._drop()

    def open_session(self) -> Session:
        return self._sandbox.open(self._toolchain.spec(self._setting))

    def command(self, hash_seed: int, zone: str, **more: Any) -> tuple[str, ...]:
        return (
            "/usr/bin/env",
            f"PYTHONHASHSEED={hash_seed}",
            f"TZ={zone}",
            *self._toolchain.probe(self._setting, "explore", **more),
        )

    def _drop(self) -> None:
        if self._bench is not None:
            self._bench.close()
        self._bench = None


class _Bench:
    """One session, one supervisor."""

    def __init__(
        self, owner: SandboxExplorer, load: ModuleLoad, *, hash_seed: int = 0, zone: str = "UTC", **more: Any
    ) -> None:
        self._session = owner.open_session()
        try:
            worker = self._session.worker(owner.command(hash_seed, zone, **more))
            self._talk = Conversation(worker)
            try:
                self.loaded = _read_loaded(self._talk.ask({"load": load.model_dump(mode="json")}, LOAD_S))
            except WorkerLost as error:
                said = worker.errors().strip().splitlines()
                raise WorkerLost(f"{error}: {said[-1][:200]}" if said else str(error)) from error
        except BaseException:
            self._session.close()
            raise

    def explore(self, candidates: Sequence[Candidate], alive: Sequence[str]) -> tuple[Observation, ...]:
        order = {"candidates": [candidate.model_dump(mode="json") for candidate in candidates], "alive": list(alive)}
        reply = self._talk.ask({"explore": order}, BATCH_S)
        try:
            found = tuple(Observation.model_validate(item) for item in reply["observations"])
        except (ValidationError, KeyError, TypeError) as error:
            raise WorkerLost(f"the explorer's answer is not one: {error}") from error
        if [observation.candidate for observation in found] != [candidate.id for candidate in candidates]:
            raise WorkerLost("the explorer answered for other candidates")
        return found

    def imported(self, candidates: Sequence[Candidate], mutants: Mapping[str, Sequence[int]]) -> tuple[Imported, ...]:
        named = {mutant: list(numbers) for mutant, numbers in mutants.items()}
        order = {"candidates": [candidate.model_dump(mode="json") for candidate in candidates], "mutants": named}
        reply = self._talk.ask({"imported": order}, BATCH_S)
        try:
            return tuple(Imported.model_validate(item) for item in reply["imported"])
        except (ValidationError, KeyError, TypeError) as error:
            raise WorkerLost(f"the explorer's answer is not one: {error}") from error

    def close(self) -> None:
        self._session.close()


def _read_loaded(reply: dict[str, Any]) -> Loaded:
    try:
        return Loaded.model_validate(reply["loaded"])
    except (ValidationError, KeyError) as error:
        raise WorkerLost(f"the explorer's answer is not one: {error}") from error


def _advised(loaded: Loaded) -> Loaded:
    """What is missing in the environment is said with what to do about it."""
    missing = _MISSING.search(loaded.problem)
    if missing is None:
        return loaded
    advice = f"{missing.group(1)} is not in the environment: declare it as a dependency, or make an environment that has it and give it with --python"
    return loaded.model_copy(update={"problem": f"{loaded.problem}; {advice}"})


def _lost(candidate: Candidate, why: str) -> Observation:
    return Observation(candidate=candidate.id, status="died", detail=why[:300])


def _agreed(candidate: Candidate, found: Sequence[Observation]) -> Observation:
    bad = next((observation for observation in found if observation.status != "ok"), None)
    if bad is not None:
        return bad if bad.status != "ok" else bad.model_copy(update={"status": "unstable"})
    if len({observation.key for observation in found}) > 1:
        return found[0].model_copy(
            update={
                "status": "unstable",
                "detail": "it differs between processes: hash seed, time zone, clock, or order",
            }
        )
    return found[0]

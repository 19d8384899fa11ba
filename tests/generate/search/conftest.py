"""A bench for the search: small modules and edits of them, run in this process, judged by the probe's own rules."""

import contextlib
import importlib
import json
import random
import sys
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import pytest

from qtest.config import SearchSettings
from qtest.generate.search.claims import Claims
from qtest.generate.search.code import Code
from qtest.generate.search.generator import SearchGenerator
from qtest.generate.search.minimise import Proven
from qtest.generate.search.oracle import said
from qtest.generate.search.trial import Trial, candidate
from qtest.languages.python.parse import parse
from qtest.languages.python.toolchain import PROBE
from qtest.records.mutant import Mutant
from qtest.records.outcome import Feedback
from qtest.records.plan import Brief, Budget, Risk, Target
from qtest.records.source import Project
from qtest.records.workbench import Candidate, Imported, Loaded, MutantState, Observation

PROJECT = Project(root="", language="python", name="m", layout="flat", import_roots=("",))


@pytest.fixture(scope="session")
def observe() -> Iterator[Any]:
    package = types.ModuleType("_qtest_probe")
    package.__path__ = [str(PROBE)]
    before = set(sys.modules)
    sys.modules["_qtest_probe"] = package
    yield importlib.import_module("_qtest_probe.observe")
    for name in set(sys.modules) - before:
        if name.startswith("_qtest_probe"):
            del sys.modules[name]


class Bench:
    """Answers the port `Explorer` for a module `m`. Mutants are edits: a text, and the text in its place. Those `at_import` are only shown
    by an import."""

    def __init__(
        self,
        source: str,
        mutants: Mapping[str, tuple[str, str]],
        observe: Any,
        at_import: Collection[str] = (),
        lost: str = "",
    ) -> None:
        assert all(source.count(before) == 1 for before, _ in mutants.values())
        self.source, self.mutants, self._observe, self._at_import = source, mutants, observe, at_import
        self._lost = lost
        self._chance = 0
        self.loaded = Loaded(mutants=tuple(MutantState(mutant=name, state="fresh import") for name in at_import))
        self._inspection: Any = importlib.import_module("_qtest_probe.inspection")
        self._given: tuple[str, Any] = ("", None)
        self.module = parse(source, "m.py", PROJECT)
        self.code = Code(self.brief())

    def brief(self, **more: Any) -> Brief:
        symbols = self.module.symbols
        targets = (Target(symbol=s.id, module="m", level="unit", risk=Risk(score=0, reasons=())) for s in symbols)
        return Brief(module=self.module, source=self.source, project="", targets=tuple(targets), **more)

    def explore(self, candidates: Sequence[Candidate], alive: Sequence[str]) -> tuple[Observation, ...]:
        shown = [name for name in alive if name not in self._at_import]
        return tuple(self.observation(one, shown) for one in candidates)

    def imported(self, candidates: Sequence[Candidate], mutants: Mapping[str, Sequence[int]]) -> tuple[Imported, ...]:
        if self._lost:
            return tuple(Imported(mutant=name, lost=self._lost) for name in mutants)
        numbered = {one.id: one for one in candidates}
        return tuple(
            Imported(
                mutant=name,
                differs=tuple(at for at in asked if name in self.observation(numbered[at], [name]).kills),
                runs=len(asked),
            )
            for name, asked in mutants.items()
            if name in self._at_import
        )

    def confirm(self, candidates: Sequence[Candidate]) -> tuple[Observation, ...]:
        """Twice, with chance at another place each time."""
        return tuple(self._agreed(one) for one in candidates)

    def _agreed(self, drawn: Candidate) -> Observation:
        keys = set()
        for self._chance in (1, 2):
            found = self.observation(drawn, ())
            keys.add(found.key)
        self._chance = 0
        return found if len(keys) == 1 else found.model_copy(update={"status": "unstable", "detail": "two runs differ"})

    def close(self) -> None: ...

    def tried(self, trials: Sequence[Trial], mutants: Sequence[str]) -> list[tuple[Trial, Observation]]:
        return [(trial, self.observation(_drawn(trial), mutants)) for trial in trials]

    def proven(self, trial: Trial) -> Proven:
        ((_, found),) = self.tried([trial], list(self.mutants))
        return Proven(trial, said(trial, found), frozenset(found.kills), found.seen)

    def plainer(self, *trials: Trial, found: Sequence[Trial] = ()) -> list[Proven]:
        chosen = [self.proven(trial) for trial in trials]
        return Claims(self.code, self.tried, {}).plainer(chosen, [*chosen, *map(self.proven, found)])

    def observation(self, drawn: Candidate, mutants: Sequence[str]) -> Observation:
        try:
            form, key = self._run(drawn, self.source)
        except Exception as error:
            why, (returned, takes) = repr(error), self._given
            return Observation(
                candidate=drawn.id, status="unsupported", detail=why, returned=returned, takes=takes, runs=1
            )
        edits = {name: self.mutants[name] for name in mutants}
        stopped = {name: self.source.replace(before, "int('stop')") for name, (before, _) in edits.items()}
        raised = form.get("raised", {})
        return Observation(
            candidate=drawn.id,
            status="ok",
            seen=json.dumps(form),
            key=key,
            raised=raised.get("type", ""),
            explicit=raised.get("explicit", False),
            returned=form.get("result", {}).get("symbol", ""),
            reached=tuple(name for name, text in stopped.items() if self._key(drawn, text) != key),
            kills=tuple(name for name, edit in edits.items() if self._key(drawn, self.source.replace(*edit)) != key),
            runs=1 + len(edits),
        )

    def _key(self, drawn: Candidate, source: str) -> str:
        try:
            return self._run(drawn, source)[1]
        except Exception as error:
            return repr(error)

    def _run(self, drawn: Candidate, source: str) -> tuple[dict[str, Any], str]:
        random.seed(self._chance)
        sys.modules["m"] = module = types.ModuleType("m")
        form: dict[str, Any] = {}
        self._given = ("", None)
        try:
            exec(compile(source, "m.py", "exec"), module.__dict__)
            names: dict[str, Any] = {}
            exec("\n".join((*drawn.imports, *drawn.setup)), names)
            before = self._watched(drawn.watch, names)
            try:
                value = eval(drawn.expr, names)
                self._given = (self._observe.symbol(type(value)), self._inspection.takes(value))
                form["result"] = self._observe.seen(value)
            except self._observe.Unsupported:
                raise
            except Exception as error:
                form["raised"] = _raised(error, source, self._observe)
            after = self._watched(before, names)
            form["watch"] = {name: seen for name, seen in after.items() if seen != before[name]}
        finally:
            del sys.modules["m"]
        return form, self._observe.key(form)

    def _watched(self, names: Iterable[str], values: Mapping[str, Any]) -> dict[str, Any]:
        found = {}
        for name in names:
            with contextlib.suppress(self._observe.Unsupported):
                found[name] = self._observe.seen(values[name])
        return found


def _raised(error: Exception, source: str, observe: Any) -> dict[str, Any]:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    ours = trace is not None and trace.tb_frame.f_code.co_filename == "m.py"
    explicit = ours and trace is not None and source.splitlines()[trace.tb_lineno - 1].strip().startswith("raise")
    line = trace.tb_lineno if ours and trace is not None else 0
    told = {"type": observe.symbol(type(error)), "explicit": explicit, "inside": True, "line": line}
    return {**told, "message": str(error) if explicit else None}


def _drawn(trial: Trial) -> Candidate:
    found = candidate(trial, 0, "m")
    assert found is not None
    return found


def mutant(name: str, symbol: str, start: int = 0, length: int = 0) -> Mutant:
    edit: dict[str, Any] = {
        "start": start,
        "end": start + length,
        "original": "",
        "replacement": "",
        "line": 1,
        "end_line": 1,
    }
    return Mutant(id=name, path="m.py", file_digest="", symbol=symbol, operator="", **edit)


class Warm:
    """Answers the port `Workbench` with one bench."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def explorer(self, setting: Any, load: Any) -> Bench:
        return self._bench


Searched = Callable[..., list[Any]]


@pytest.fixture
def searched(observe: Any) -> Searched:
    """All that a search of a few hundred evaluations proposes. `homes` gives each mutant's symbol."""

    def run(
        source: str,
        mutants: Mapping[str, tuple[str, str]],
        homes: Mapping[str, str],
        at_import: Mapping[str, str] | None = None,
        lost: str = "",
    ) -> list[Any]:
        """`at_import` are mutants that only an import shows, by name, each with the text of the source it stands at. `lost` says why
        their process was."""
        bench = Bench(source, mutants, observe, at_import or (), lost)
        warm: Any = Warm(bench)
        generator = SearchGenerator(
            workbench=warm,
            setting_of=lambda project: cast("Any", project),
            settings=SearchSettings(batch=8, stall_s=1000.0),
            clock=lambda: 0.0,
        )
        starts = {name: (source.index(text), len(text)) for name, text in (at_import or {}).items()}
        live = tuple(mutant(name, f"m:{homes.get(name, '')}", *starts.get(name, (0, 0))) for name in mutants)
        return list(generator.propose(bench.brief(mutants=live, share=Budget(evaluations=600)), Feedback()))

    return run


@pytest.fixture
def bench(observe: Any) -> Callable[[str, Mapping[str, tuple[str, str]]], Bench]:
    return lambda source, mutants: Bench(source, mutants, observe)

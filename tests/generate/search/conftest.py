"""A bench for the search: small modules and edits of them, run in this process, judged by the probe's own rules."""

import importlib
import json
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from qtest.records.plan import Brief, Budget, Risk, Target
from qtest.records.source import Project
from qtest.records.workbench import Candidate, Loaded, Observation

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
    """Answers the port `Explorer` for a module `m`. Mutants are edits: a text, and the text in its place."""

    loaded = Loaded()

    def __init__(self, source: str, mutants: Mapping[str, tuple[str, str]], observe: Any) -> None:
        assert all(source.count(before) == 1 for before, _ in mutants.values())
        self.source, self.mutants, self._observe = source, mutants, observe
        self._inspection: Any = importlib.import_module("_qtest_probe.inspection")
        self._given: tuple[str, Any] = ("", None)
        self.module = parse(source, "m.py", PROJECT)
        self.code = Code(self.brief())

    def brief(self, **more: Any) -> Brief:
        symbols = self.module.symbols
        targets = (Target(symbol=s.id, module="m", level="unit", risk=Risk(score=0, reasons=())) for s in symbols)
        return Brief(module=self.module, source=self.source, project="", targets=tuple(targets), **more)

    def explore(self, candidates: Sequence[Candidate], alive: Sequence[str]) -> tuple[Observation, ...]:
        return tuple(self.observation(one, alive) for one in candidates)

    def confirm(self, candidates: Sequence[Candidate]) -> tuple[Observation, ...]:
        return self.explore(candidates, ())

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
        sys.modules["m"] = module = types.ModuleType("m")
        form: dict[str, Any] = {}
        self._given = ("", None)
        try:
            exec(compile(source, "m.py", "exec"), module.__dict__)
            names: dict[str, Any] = {}
            exec("\n".join((*drawn.imports, *drawn.setup)), names)
            before = {name: self._observe.seen(names[name]) for name in drawn.watch}
            try:
                value = eval(drawn.expr, names)
                self._given = (self._observe.symbol(type(value)), self._inspection.takes(value))
                form["result"] = self._observe.seen(value)
            except self._observe.Unsupported:
                raise
            except Exception as error:
                form["raised"] = _raised(error, source, self._observe)
            after = {name: self._observe.seen(names[name]) for name in drawn.watch}
            form["watch"] = {name: seen for name, seen in after.items() if seen != before[name]}
        finally:
            del sys.modules["m"]
        return form, self._observe.key(form)


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


def mutant(name: str, symbol: str) -> Mutant:
    edit: dict[str, Any] = {"start": 0, "end": 0, "original": "", "replacement": "", "line": 1, "end_line": 1}
    return Mutant(id=name, path="m.py", file_digest="", symbol=symbol, operator="", **edit)


class Warm:
    """Answers the port `Workbench` with one bench."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def explorer(self, setting: Any, load: Any) -> Bench:
        return self._bench


Searched = Callable[[str, Mapping[str, tuple[str, str]], Mapping[str, str]], list[Any]]


@pytest.fixture
def searched(observe: Any) -> Searched:
    """All that a search of a few hundred evaluations proposes. The last argument gives each mutant's symbol."""

    def run(source: str, mutants: Mapping[str, tuple[str, str]], homes: Mapping[str, str]) -> list[Any]:
        bench = Bench(source, mutants, observe)
        warm: Any = Warm(bench)
        generator = SearchGenerator(
            workbench=warm,
            setting_of=lambda project: cast("Any", project),
            settings=SearchSettings(batch=8, stall_s=1000.0),
            clock=lambda: 0.0,
        )
        live = tuple(mutant(name, f"m:{home}") for name, home in homes.items())
        return list(generator.propose(bench.brief(mutants=live, share=Budget(evaluations=600)), ()))

    return run


@pytest.fixture
def bench(observe: Any) -> Callable[[str, Mapping[str, tuple[str, str]]], Bench]:
    return lambda source, mutants: Bench(source, mutants, observe)

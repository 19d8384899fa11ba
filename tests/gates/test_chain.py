"""All gates of a file, as they are handed out together."""

import json
from collections.abc import Sequence

import pytest

from gates import chain
from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.config import GateSettings, MutationSettings, RuntimeSettings
from qtest.fakes import FakeSandbox, FakeWorkbench, MemoryStore
from qtest.languages.python.mutate import mutate
from qtest.ports import Gate
from qtest.records.baseline import FileLines, Setting, SuiteRun, TestCoverage
from qtest.records.file import TestFile
from qtest.records.sandbox import Completed

NODES = ("tests/test_m.py::test_a", "tests/test_m.py::test_b")
TEXT = "def f(a):\n    return a + 1\n"
MUTANTS = mutate(TEXT, "m.py", "m")
SETTINGS = GateSettings(runtime=RuntimeSettings(runs=4), mutation=MutationSettings(batch=1))


def answer(command: Sequence[str]) -> Completed:
    """Checkers that find the planted error alone, and runs in which both tests pass."""
    if command[0] == "/usr/bin/env":
        tests = [{"node": node, "outcome": "passed"} for node in NODES]
        return Completed(code=0, stdout=json.dumps({"tests": tests, "complete": True}))
    blames = "planted" in command[-1] and "-c" not in command
    return Completed(code=1, stderr="no such name") if blames else Completed(code=0)


@pytest.fixture
def sandbox() -> FakeSandbox:
    return FakeSandbox(answer)


@pytest.fixture
def workbench() -> FakeWorkbench:
    """In which every mutant but those that change nothing is killed by both tests."""
    lines = (FileLines(path="m.py", lines=(2,)),)
    return FakeWorkbench(
        measured=SuiteRun(
            tests=tuple(TestCoverage(node=node, outcome="passed", lines=lines) for node in NODES), complete=True
        ),
        kills={mutant.id: NODES for mutant in MUTANTS if mutant.control != "no-op"},
    )


@pytest.fixture
def gates(sandbox: FakeSandbox, workbench: FakeWorkbench, setting: Setting) -> dict[str, Gate]:
    executor = InlineExecutor((LocalTools(sandbox, workbench, MemoryStore()),))
    return {gate.name: gate for gate in chain(executor, setting, MUTANTS, TEXT, SETTINGS)}


def test_the_cheapest_gate_is_first(gates: dict[str, Gate]) -> None:
    assert list(gates) == ["compile", "runtime", "mutation"]


@pytest.mark.parametrize("name", ["compile", "runtime", "mutation"])
def test_each_gate_reports_under_its_name_of_a_good_file_that_it_passes(
    gates: dict[str, Gate], file: TestFile, name: str
) -> None:
    report = gates[name].check(file)
    assert (report.gate, report.result) == (name, "passed")


def test_the_runtime_gate_runs_a_file_as_often_as_the_settings_say(
    gates: dict[str, Gate], file: TestFile, sandbox: FakeSandbox
) -> None:
    gates["runtime"].check(file)
    assert len(sandbox.sessions) == 4


def test_the_mutation_gate_judges_the_mutants_in_batches_as_the_settings_say(
    gates: dict[str, Gate], file: TestFile, workbench: FakeWorkbench
) -> None:
    report = gates["mutation"].check(file)
    assert {verdict.mutant for verdict in report.evidence} == {one for one in MUTANTS if not one.control}
    assert max(workbench.batches) == 1
    assert "+    return None" in "\n".join(verdict.diff for verdict in report.evidence)

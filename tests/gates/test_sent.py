"""Gates whose checks a worker makes: what they say, and what the worker keeps for the next file."""

import json
from collections.abc import Sequence
from dataclasses import FrozenInstanceError, replace

import pytest

from gates.checkers import Checkers
from gates.sent import Check, SentGate, compiled, repeated
from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.config import RuntimeSettings
from qtest.errors import QTestError
from qtest.fakes import FakeSandbox, FakeWorkbench, MemoryStore
from qtest.ports import Tools
from qtest.records.baseline import Setting
from qtest.records.file import TestFile
from qtest.records.outcome import GateReport
from qtest.records.sandbox import Completed

A, B = "tests/test_m.py::test_a", "tests/test_m.py::test_b"


def answer(command: Sequence[str]) -> Completed:
    """Checkers that find the planted error alone, and runs in which both tests pass."""
    if command[0] == "/usr/bin/env":
        tests = [{"node": node, "outcome": "passed"} for node in (A, B)]
        return Completed(code=0, stdout=json.dumps({"tests": tests, "complete": True}))
    blames = "planted" in command[-1] and "-c" not in command
    return Completed(code=1, stderr="no such name") if blames else Completed(code=0)


@pytest.fixture
def sandbox() -> FakeSandbox:
    return FakeSandbox(answer)


@pytest.fixture
def tools(sandbox: FakeSandbox) -> LocalTools:
    return LocalTools(sandbox, FakeWorkbench(), MemoryStore())


@pytest.fixture
def gate(tools: LocalTools, setting: Setting) -> SentGate:
    return SentGate("compile", compiled, InlineExecutor((tools,)), setting, RuntimeSettings(runs=2))


def test_it_cannot_be_changed(gate: SentGate) -> None:
    with pytest.raises(FrozenInstanceError):
        gate.name = "other"  # type: ignore[misc]


def test_a_worker_checks_that_a_file_is_well_formed(gate: SentGate, file: TestFile, sandbox: FakeSandbox) -> None:
    report = gate.check(file)
    assert (report.gate, report.result) == ("compile", "passed")
    assert sandbox.asked[-1][-1] == "/tree/tests/test_m.py"


def test_a_worker_keeps_its_checkers_for_the_next_file(
    gate: SentGate, file: TestFile, sandbox: FakeSandbox, tools: LocalTools
) -> None:
    gate.check(file)
    gate.check(file)
    (session,) = sandbox.sessions
    assert tools.kept(Checkers, lambda: Checkers(FakeSandbox(answer), tools.toolchain)).sandbox is sandbox
    tools.close()
    assert session.closed


def test_the_checkers_of_a_worker_can_read_what_they_need(
    gate: SentGate, file: TestFile, sandbox: FakeSandbox, tools: LocalTools
) -> None:
    gate.check(file)
    assert set(tools.toolchain.own_paths) <= set(sandbox.specs[0].readable)


def test_a_worker_runs_a_file_as_often_as_the_settings_say(
    gate: SentGate, file: TestFile, sandbox: FakeSandbox
) -> None:
    report = replace(gate, name="runtime", work=repeated).check(file)
    assert (report.gate, report.result, len(sandbox.sessions)) == ("runtime", "passed", 2)


def test_what_breaks_at_the_worker_is_an_error_here(gate: SentGate, file: TestFile) -> None:
    def broken(tools: Tools, check: Check) -> GateReport:
        raise QTestError("no room")

    with pytest.raises(QTestError, match=r"^no room$"):
        replace(gate, work=broken).check(file)

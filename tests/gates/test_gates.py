"""What the gates say of a file, by what they see."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gates import Checkers, CompileGate, MutationGate, RuntimeGate
from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.adapters.store import FolderStore
from qtest.config import MutationSettings, RuntimeSettings
from qtest.errors import QTestError
from qtest.fakes import FakeSandbox, FakeWorkbench
from qtest.languages.python.mutate import mutate
from qtest.languages.python.toolchain import PythonToolchain
from qtest.records.baseline import Environment, FileLines, Setting, SuiteRun, TestCoverage
from qtest.records.file import RenderedTest, TestFile
from qtest.records.mutant import Mutant
from qtest.records.outcome import GateReport
from qtest.records.sandbox import Completed
from qtest.records.source import Project

PROJECT = Project(root="", language="python", name="m", layout="module", import_roots=("",), packages=("m",))
SETTING = Setting(
    folder="/tree", project=PROJECT, environment=Environment(python="py", version="3.11", origin="", readable=())
)
NAMES = ("test_a", "test_b")
FILE = TestFile(
    path="tests/test_m.py",
    text="def test_a(): ...\ndef test_b(): ...\n",
    language="python",
    module="m",
    tests=tuple(
        RenderedTest(name=name, nodes=(name,), cases=(), line=number, end_line=number)
        for number, name in enumerate(NAMES, 1)
    ),
)
A, B = (f"{FILE.path}::{name}" for name in NAMES)
TEXT = "def f(a):\n    return a + 1\n"
MUTANTS = mutate(TEXT, "m.py", "m")

# --- mutation -----------------------------------------------------------------------------------------------------------


def checked(kills: dict[str, tuple[str, ...]], tmp_path: Path, mutants: Sequence[Mutant] = MUTANTS) -> GateReport:
    lines = (FileLines(path="m.py", lines=(2,)),)
    measured = SuiteRun(
        tests=tuple(TestCoverage(node=node, outcome="passed", lines=lines) for node in (A, B)), complete=True
    )
    raising = {mutant.id: (A,) for mutant in MUTANTS if mutant.control == "raise"}
    workbench = FakeWorkbench(measured=measured, kills={**raising, **kills})
    tools = LocalTools(FakeSandbox(lambda _: Completed(code=0)), workbench, FolderStore(tmp_path))
    gate = MutationGate(InlineExecutor((tools,)), SETTING, mutants, TEXT, MutationSettings())
    return gate.check(FILE)


def victims() -> list[str]:
    return [mutant.id for mutant in MUTANTS if not mutant.control]


def test_a_file_passes_when_each_test_kills_something(tmp_path: Path) -> None:
    report = checked({victims()[0]: (A,), victims()[1]: (B,)}, tmp_path)
    assert (report.result, report.findings) == ("passed", ())


def test_a_test_that_kills_nothing_is_a_finding(tmp_path: Path) -> None:
    report = checked({victims()[0]: (A,)}, tmp_path)
    assert (report.result, [finding.node for finding in report.findings]) == ("failed", [B])


def test_the_evidence_is_the_whole_matrix(tmp_path: Path) -> None:
    report = checked({victims()[0]: (A, B)}, tmp_path)
    first = next(verdict for verdict in report.evidence if verdict.mutant.id == victims()[0])
    assert first.result.status == "killed"
    assert first.result.by == (A, B)
    assert first.suite == "generated"


# --- runtime ------------------------------------------------------------------------------------------------------------

Outcomes = Callable[[dict[str, object]], dict[str, str]]


def ran(outcomes: Outcomes) -> tuple[GateReport, list[dict[str, object]]]:
    """`outcomes` says what happens to each test under the given shuffle, hash seed, zone and nodes."""
    ways: list[dict[str, object]] = []

    def answer(command: Sequence[str]) -> Completed:
        if command[0] == "/bin/sh":
            return Completed(code=0)
        way = json.loads(command[-1])
        way["seed"] = command[1].partition("=")[2]
        way["zone"] = command[2].partition("=")[2]
        ways.append(way)
        told = {node: what for node, what in outcomes(way).items() if not way["nodes"] or node in way["nodes"]}
        tests = [{"node": node, "outcome": what, "reason": what} for node, what in told.items()]
        return Completed(code=0, stdout=json.dumps({"tests": tests, "complete": True}))

    gate = RuntimeGate(FakeSandbox(answer), PythonToolchain(), SETTING, RuntimeSettings())
    return gate.check(FILE), ways


def test_a_file_that_always_passes_is_run_three_times_in_different_ways() -> None:
    report, ways = ran(lambda way: {A: "passed", B: "passed"})
    assert (report.result, report.findings) == ("passed", ())
    assert len({(way["shuffle"], way["seed"], way["zone"]) for way in ways}) == len(ways) == 3
    assert len({way["zone"] for way in ways}) == 3


def test_a_test_that_is_not_collected_is_a_finding() -> None:
    report, _ = ran(lambda way: {A: "passed"})
    assert (report.result, [finding.node for finding in report.findings]) == ("failed", [B])


def test_a_skipped_test_does_not_pass() -> None:
    report, _ = ran(lambda way: {A: "skipped", B: "passed"})
    assert [finding.node for finding in report.findings] == [A]


@pytest.mark.parametrize(
    ("cause", "fails"),
    [
        ("wrong", lambda way: True),
        ("shared state", lambda way: not way["nodes"]),
        ("hash seed", lambda way: way["seed"] == "2"),
        ("time", lambda way: way["zone"] == "Asia/Kolkata"),
        ("order", lambda way: way["shuffle"] == 1),
    ],
)
def test_the_cause_of_a_failure_is_found_by_changing_one_thing(
    cause: str, fails: Callable[[dict[str, object]], bool]
) -> None:
    report, _ = ran(lambda way: {A: "failed" if fails(way) else "passed", B: "passed"})
    assert report.result == "failed"
    assert [(finding.node, finding.cause) for finding in report.findings] == [(A, cause)]


def test_a_file_that_does_not_run_to_its_end_does_not_pass() -> None:
    def answer(command: Sequence[str]) -> Completed:
        return Completed(code=0) if command[0] == "/bin/sh" else Completed(limit="wall", wall_s=9)

    report = RuntimeGate(FakeSandbox(answer), PythonToolchain(), SETTING, RuntimeSettings()).check(FILE)
    assert report.result != "passed"
    assert report.findings


# --- compile ------------------------------------------------------------------------------------------------------------

RUFF = json.dumps([{"code": "F821", "message": "undefined name", "location": {"row": 2}}])


def compiled(on_file: Completed, on_planted: Completed) -> CompileGate:
    def answer(command: Sequence[str]) -> Completed:
        if command[0] == "/bin/sh" or "-c" in command:
            return Completed(code=0)
        return on_planted if "planted" in command[-1] else on_file

    return CompileGate(Checkers(FakeSandbox(answer), PythonToolchain()), SETTING)


FOUND = Completed(code=1, stdout=RUFF)


def test_a_clean_file_passes() -> None:
    assert compiled(Completed(code=0), FOUND).check(FILE).result == "passed"


def test_a_finding_has_its_line() -> None:
    report = compiled(FOUND, FOUND).check(FILE)
    assert (report.result, report.findings[0].line) == ("failed", 2)


@pytest.mark.parametrize(
    "ended",
    [
        Completed(code=2, stderr="it crashed"),
        Completed(limit="wall"),
        Completed(signal=9),
        Completed(code=1, stdout="x"),
    ],
    ids=["crash", "hang", "signal", "noise"],
)
def test_a_checker_that_breaks_never_lets_a_file_pass(ended: Completed) -> None:
    assert compiled(ended, FOUND).check(FILE).result != "passed"


def test_a_blind_checker_is_found_out_by_a_planted_error() -> None:
    with pytest.raises(QTestError, match="blind"):
        compiled(Completed(code=0), Completed(code=0)).check(FILE)

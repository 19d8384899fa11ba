"""What the mutation gate says of a file, by the mutants that its tests kill."""

import time
from collections.abc import Callable
from dataclasses import FrozenInstanceError

import pytest

from gates import MutationGate
from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.config import MutationSettings
from qtest.errors import QTestError
from qtest.fakes import FakeSandbox, FakeWorkbench, MemoryStore
from qtest.languages.python.mutate import mutate
from qtest.records.baseline import FileCoverage, FileLines, Setting, SuiteRun, TestCoverage
from qtest.records.file import TestFile
from qtest.records.mutant import Controls, MutantRun
from qtest.records.sandbox import Completed

A, B = "tests/test_m.py::test_a", "tests/test_m.py::test_b"
TEXT = "def f(a):\n    return a + 1\n"
MUTANTS = mutate(TEXT, "m.py", "m")
VICTIMS = [mutant.id for mutant in MUTANTS if not mutant.control]
LINES = (FileLines(path="m.py", lines=(2,)),)
MEASURED = SuiteRun(
    tests=tuple(TestCoverage(node=node, outcome="passed", lines=LINES) for node in (A, B)), complete=True
)
Killing = dict[str, tuple[str, ...]]
Gate = Callable[[FakeWorkbench], MutationGate]


def bench(kills: Killing | None = None, measured: SuiteRun = MEASURED) -> FakeWorkbench:
    """One whose `raise` controls die, as they should."""
    raising = {mutant.id: (A,) for mutant in MUTANTS if mutant.control == "raise"}
    return FakeWorkbench(measured=measured, kills={**raising, **(kills or {})})


@pytest.fixture
def gate(setting: Setting) -> Gate:
    def made(workbench: FakeWorkbench) -> MutationGate:
        tools = LocalTools(FakeSandbox(lambda _: Completed(code=0)), workbench, MemoryStore())
        return MutationGate(InlineExecutor((tools,)), setting, MUTANTS, TEXT, MutationSettings(batch=2))

    return made


def test_it_has_a_name_and_cannot_be_changed(gate: Gate) -> None:
    one = gate(bench())
    assert one.name == "mutation"
    with pytest.raises(FrozenInstanceError):
        one.text = ""  # type: ignore[misc]


def test_a_file_passes_when_each_test_kills_something(gate: Gate, file: TestFile) -> None:
    report = gate(bench({VICTIMS[0]: (A,), VICTIMS[1]: (B,)})).check(file)
    assert (report.gate, report.result, report.findings) == ("mutation", "passed", ())


def test_a_test_that_kills_nothing_is_a_finding(gate: Gate, file: TestFile) -> None:
    report = gate(bench({VICTIMS[0]: (A,)})).check(file)
    assert report.result == "failed"
    assert [(finding.text, finding.node) for finding in report.findings] == [("kills no mutant", B)]


def test_a_test_that_did_not_pass_is_neither_asked_nor_blamed(gate: Gate, file: TestFile) -> None:
    failed = TestCoverage(node=B, outcome="failed", lines=LINES)
    workbench = bench({VICTIMS[0]: (A,)}, MEASURED.model_copy(update={"tests": (MEASURED.tests[0], failed)}))
    assert gate(workbench).check(file).findings == ()
    assert {order.tests for order in workbench.orders} == {(A,)}


@pytest.mark.parametrize(("host", "asked"), [("", {A, B, f"{A}_of_theirs"}), ("x = 1\n", {A, B})])
def test_of_a_file_with_a_host_only_our_own_tests_are_asked(
    gate: Gate, file: TestFile, host: str, asked: set[str]
) -> None:
    theirs = TestCoverage(node=f"{A}_of_theirs", outcome="passed", lines=LINES)
    workbench = bench(measured=MEASURED.model_copy(update={"tests": (*MEASURED.tests, theirs)}))
    gate(workbench).check(file.model_copy(update={"host": host}))
    assert {node for order in workbench.orders for node in order.tests} == asked


def test_the_evidence_is_the_whole_matrix_of_this_file(gate: Gate, file: TestFile) -> None:
    report = gate(bench({VICTIMS[0]: (A, B)})).check(file)
    first = next(verdict for verdict in report.evidence if verdict.mutant.id == VICTIMS[0])
    assert first.result.status == "killed"
    assert first.result.by == (A, B)
    assert (first.suite, first.file) == ("generated", file.path)


def test_another_text_of_the_file_has_verdicts_of_its_own(gate: Gate, file: TestFile) -> None:
    one, other = (
        gate(bench()).check(file.model_copy(update={"text": text})).evidence[0].id for text in ("a = 1", "a = 2")
    )
    assert one != other


def test_the_file_is_laid_over_the_tree_and_only_its_tests_are_measured(gate: Gate, file: TestFile) -> None:
    workbench = bench()
    gate(workbench).check(file)
    assert workbench.files[0] == (file.path,)
    assert {setting.written for setting in workbench.settings} == {(file.written(),)}


def test_mutants_are_sent_in_batches_as_the_settings_say(gate: Gate, file: TestFile) -> None:
    workbench = bench()
    gate(workbench).check(file)
    assert max(workbench.batches) == 2 < len(VICTIMS)


def test_a_file_that_cannot_be_measured_is_an_error_with_the_reason(gate: Gate, file: TestFile) -> None:
    workbench = bench(measured=SuiteRun(tests=MEASURED.tests, problem="it ran out of memory"))
    with pytest.raises(QTestError) as caught:
        gate(workbench).check(file)
    assert str(caught.value) == "tests/test_m.py could not be measured: it ran out of memory"


def test_controls_are_told(gate: Gate, file: TestFile) -> None:
    assert gate(bench()).check(file).controls == Controls(no_op_alive=1, no_op_total=1, raise_dead=1, raise_total=1)


def test_edits_that_are_no_mutants_are_told(gate: Gate, file: TestFile) -> None:
    workbench = bench()
    workbench.runs[VICTIMS[0]] = MutantRun(mutant=VICTIMS[0], note="same code")
    assert gate(workbench).check(file).equivalent == (VICTIMS[0],)


def test_coverage_is_of_the_mutants_source_only(gate: Gate, file: TestFile) -> None:
    ours, other = (FileCoverage(path=path, statements=(1, 2), executed=(2,)) for path in ("m.py", "other.py"))
    workbench = bench(measured=MEASURED.model_copy(update={"files": (other, ours)}))
    assert gate(workbench).check(file).coverage == (ours,)


def test_the_time_it_took_and_the_cpu_of_its_mutants_are_told(gate: Gate, file: TestFile) -> None:
    workbench = bench()
    workbench.runs.update({name: MutantRun(mutant=name, note="lost", cpu_s=0.5) for name in VICTIMS[:2]})
    started = time.monotonic()
    report = gate(workbench).check(file)
    assert 0 < report.wall_s <= time.monotonic() - started
    assert report.cpu_s == 1.0

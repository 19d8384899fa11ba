"""What is said of a suite before anything is judged by it."""

from collections.abc import Sequence

from qtest.fakes import FakeSandbox, FakeWorkbench
from qtest.languages.python.toolchain import PythonToolchain
from qtest.measure.baseline import measure
from qtest.records.baseline import Environment, FileLines, Setting, Suite, SuiteRun, TestCoverage
from qtest.records.sandbox import Completed
from qtest.records.source import Project

PROJECT = Project(
    root="", language="python", name="m", layout="module", import_roots=("",), packages=("m",), test_paths=("tests",)
)
SETTING = Setting(
    folder="/tree", project=PROJECT, environment=Environment(python="py", version="3.11", origin="", readable=())
)


def one(node: str, outcome: str = "passed", *lines: int) -> TestCoverage:
    covered = (FileLines(path="m.py", lines=lines),) if lines else ()
    return TestCoverage.model_validate({"node": node, "outcome": outcome, "reason": outcome, "lines": covered})


def run_of(*tests: TestCoverage) -> SuiteRun:
    return SuiteRun(tests=tests, complete=True)


def suite_of(runs: Sequence[SuiteRun], measured: SuiteRun, turned: SuiteRun | None = None) -> tuple[Suite, FakeSandbox]:
    left = list(runs)
    sandbox = FakeSandbox(lambda _: Completed(code=0, stdout=left.pop(0).to_json()))
    workbench = FakeWorkbench(measured=measured, turned=turned)
    return measure(SETTING, PythonToolchain(), sandbox, workbench).suite, sandbox


def test_a_green_suite_is_green_three_times_of_three() -> None:
    good = run_of(one("a"), one("b"))
    suite, sandbox = suite_of([good] * 3, good)
    assert (suite.runs, suite.green_runs, suite.usable, suite.reason) == (3, 3, ("a", "b"), "")
    assert len(sandbox.sessions) == 3
    assert all(session.closed for session in sandbox.sessions)


def test_the_three_runs_have_different_hash_seeds() -> None:
    good = run_of(one("a"))
    _, sandbox = suite_of([good] * 3, good)
    assert len({part for command in sandbox.asked for part in command if part.startswith("PYTHONHASHSEED=")}) == 3


def test_a_red_test_is_named_and_the_others_judge() -> None:
    red = run_of(one("a"), one("b", "failed"))
    suite, _ = suite_of([red] * 3, red)
    assert (suite.green_runs, suite.usable, [test.node for test in suite.unusable]) == (0, ("a",), ["b"])
    assert "b" in suite.reason


def test_a_test_that_fails_once_is_not_usable() -> None:
    good, bad = run_of(one("a"), one("b")), run_of(one("a"), one("b", "failed"))
    suite, _ = suite_of([good, bad, good], good)
    assert (suite.green_runs, suite.usable) == (2, ("a",))


def test_a_test_that_fails_only_while_measured_is_not_usable() -> None:
    good = run_of(one("a"), one("b"))
    suite, _ = suite_of([good] * 3, run_of(one("a"), one("b", "error")))
    assert suite.usable == ("a",)


def test_a_test_whose_name_depends_on_the_hash_seed_is_usable() -> None:
    here, elsewhere = run_of(one("a"), one("b[set0]")), run_of(one("a"), one("b[set1]"))
    suite, _ = suite_of([here, elsewhere, elsewhere], here)
    assert (suite.usable, suite.unusable) == (("a", "b[set0]"), ())


def test_a_skipped_test_neither_judges_nor_is_a_fault() -> None:
    run = run_of(one("a"), one("b", "skipped"))
    suite, _ = suite_of([run] * 3, run)
    assert (suite.usable, suite.unusable, suite.reason) == (("a",), (), "")


def test_a_suite_that_does_not_end_is_told_so_and_asked_once() -> None:
    sandbox = FakeSandbox(lambda _: Completed(limit="wall", wall_s=300))
    suite = measure(SETTING, PythonToolchain(), sandbox, FakeWorkbench()).suite
    assert suite.empty
    assert suite.reason == "it did not end within 300 s"
    assert len(sandbox.asked) == 1


def test_a_project_without_tests_is_not_run() -> None:
    sandbox = FakeSandbox(lambda _: Completed(code=1))
    bare = SETTING.model_copy(update={"project": PROJECT.model_copy(update={"test_paths": ()})})
    found = measure(bare, PythonToolchain(), sandbox, FakeWorkbench())
    assert (found.suite.empty, found.problem, sandbox.asked) == (True, "", [])


def test_lines_that_other_tests_execute_in_reverse_are_lasting() -> None:
    forward = run_of(one("a", "passed", 1, 2, 3), one("b", "passed", 1))
    turned = run_of(one("b", "passed", 1, 2), one("a", "passed", 1, 3))
    suite, _ = suite_of([forward] * 3, forward, turned)
    assert suite.measured.lasting == (FileLines(path="m.py", lines=(2,)),)


def test_all_lines_may_be_lasting_when_the_reverse_run_breaks() -> None:
    forward = run_of(one("a", "passed", 1, 2))
    suite, _ = suite_of([forward] * 3, forward, SuiteRun(problem="it hung"))
    assert suite.measured.lasting == (FileLines(path="m.py", lines=(1, 2)),)


def test_all_lines_may_be_lasting_when_a_test_needs_the_ones_before_it() -> None:
    forward = run_of(one("a", "passed", 1), one("b", "passed", 2))
    turned = run_of(one("b", "failed", 2), one("a", "passed", 1))
    suite, _ = suite_of([forward] * 3, forward, turned)
    assert suite.measured.lasting == (FileLines(path="m.py", lines=(1, 2)),)

"""The pure parts of the benchmark of generated tests."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.generation import results
from benchmarks.generation.environments import Environment
from benchmarks.generation.judge import counted, failing, percentages, verdict
from benchmarks.generation.mutants import sample
from benchmarks.generation.process import Ran, clean_environment, run
from benchmarks.generation.reruns import rerun
from benchmarks.generation.store import Store
from benchmarks.generation.subjects import Subject
from benchmarks.generation.tools import only_test_file, read_report


class Here(Environment):
    """The Python that runs these tests."""

    @property
    def python(self) -> Path:
        return Path(sys.executable)


@pytest.mark.parametrize(
    ("code", "timed_out", "output", "expected"),
    [
        (0, False, "3 passed in 0.1s", "survived"),
        (1, False, "FAILED t.py::a\n1 failed, 2 passed in 0.1s", "killed"),
        (1, False, "ERROR t.py::a\n2 passed, 1 error in 0.1s", "broken"),
        (2, False, "1 error in 0.1s", "broken"),
        (3, False, "INTERNALERROR", "errors"),
        (-11, False, "", "errors"),
        (-9, True, "1 failed", "timeouts"),
    ],
)
def test_a_failed_test_or_an_import_that_breaks_kills(code: int, timed_out: bool, output: str, expected: str) -> None:
    assert verdict(code, timed_out, output) == expected


def test_a_count_is_read_from_the_last_line_only() -> None:
    assert counted("9 failed\n\n1 failed, 12 passed in 0.2s\n", "passed") == 12
    assert counted("9 failed\n12 passed in 0.2s\n", "failed") == 0


def test_an_expected_failure_is_not_a_failure() -> None:
    assert counted("2 passed, 1 xfailed in 0.2s", "failed") == 0


def test_failing_tests_are_named_whole() -> None:
    output = "FAILED test_a.py::test_1[a b] - assert 1 == 2\nERROR test_a.py::test_2\nFAILED test_a.py::test_1[a b]\n"
    assert failing(output) == ("test_a.py::test_1[a b]", "test_a.py::test_2")


def test_a_module_without_branches_has_no_branch_figure() -> None:
    totals = {"covered_lines": 1, "num_statements": 3, "covered_branches": 0, "num_branches": 0}
    assert percentages(json.dumps({"totals": totals})) == (33.3, None)


def test_a_sample_is_the_same_each_time_and_in_file_order() -> None:
    mutants = [f"{number:03}" for number in range(300)]
    chosen = sample(mutants, 20)
    assert chosen == sample(mutants, 20) == sorted(chosen)
    assert len(set(chosen)) == 20


def test_few_mutants_are_all_taken() -> None:
    assert sample(["a", "b"], 2) == ["a", "b"]


def test_a_stored_step_is_not_done_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.once("rows", ("a/b", 1), lambda: {"x": 1}) == {"x": 1}
    assert store.once("rows", ("a/b", 1), lambda: {"x": 2}) == {"x": 1}
    assert list(store.all("rows")) == [{"x": 1}]


def test_a_step_that_raises_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(ZeroDivisionError):
        store.once("rows", ("a",), lambda: 1 // 0)
    assert list(store.all("rows")) == []


def test_the_cost_of_a_grandchild_is_counted(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.2: pass"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    ran = run([sys.executable, "-c", code], cwd=tmp_path, env=clean_environment(), timeout_s=60, log=tmp_path / "log")
    assert (ran.code, ran.timed_out) == (0, False)
    assert ran.cpu_s >= 0.2


def test_a_command_past_its_limit_is_ended(tmp_path: Path) -> None:
    code = "import time; time.sleep(600)"
    ran = run([sys.executable, "-c", code], cwd=tmp_path, env=clean_environment(), timeout_s=0.1, log=tmp_path / "log")
    assert (ran.code, ran.timed_out) == (-9, True)


def test_a_test_file_is_found_whatever_its_name(tmp_path: Path) -> None:
    assert only_test_file(tmp_path) == ("", "")
    (tmp_path / "test_last_part.py").write_text("x = 1\n", "utf-8")
    assert only_test_file(tmp_path) == ("test_last_part.py", "x = 1\n")


def test_two_test_files_are_not_one(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").touch()
    (tmp_path / "test_b.py").touch()
    with pytest.raises(RuntimeError, match="2 files"):
        only_test_file(tmp_path)


def test_a_report_without_a_file_says_why(tmp_path: Path) -> None:
    outcome = {"exit": "failure", "reason": "search: broke"}
    report = {
        "revision": {"version": "1.2"},
        "cpu_s": 9.0,
        "modules": [{"module": "a.b", "file": None, "outcomes": [outcome]}],
    }
    made = read_report(report, tmp_path, Subject("a", "a.b"), Ran(0, False, 5.0, 3.0, 1.0, ""), 0.0)
    assert (made.tests, made.note, made.version, made.cpu_s) == ("", "search: broke", "1.2", 9.0)


def test_a_report_with_rejections_alone_gives_the_first(tmp_path: Path) -> None:
    outcomes = [{"exit": "rejection", "reason": f"importing it fails: {name}"} for name in ("x", "y")]
    report = {"revision": None, "modules": [{"module": "a.b", "file": None, "outcomes": outcomes}]}
    made = read_report(report, tmp_path, Subject("a", "a.b"), Ran(0, False, 5.0, 3.0, 1.0, ""), 0.0)
    assert made.note == "importing it fails: x"


def test_a_generated_file_is_read_from_the_output_folder(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_b.py").write_text("def test(): assert True\n", "utf-8")
    report = {"revision": {"version": "1.2"}, "modules": [{"module": "a.b", "file": {"path": "tests/test_b.py"}}]}
    made = read_report(report, tmp_path, Subject("a", "a.b"), Ran(0, False, 5.0, 3.0, 1.0, ""), 0.0)
    assert (made.tests, made.name, made.cpu_s) == ("def test(): assert True\n", "test_b.py", 3.0)


@pytest.mark.parametrize(
    ("text", "green", "failed"),
    [
        ("def test_a():\n    assert True\n", 3, ()),
        ("def test_a():\n    assert False\n", 0, ("test_t.py::test_a",)),
        (
            "seen = []\ndef test_a():\n    seen.append(1)\ndef test_b():\n    assert seen\n",
            None,
            ("test_t.py::test_b",),
        ),
    ],
    ids=["always", "never", "by order"],
)
def test_shuffled_reruns_tell_what_passes_every_time(text: str, green: int | None, failed: tuple[str, ...]) -> None:
    times = 3 if green is not None else 12
    found = rerun({"test_t.py": text}, Here(Path()), times, 2)
    assert found.failed == failed
    assert found.green == green if green is not None else 0 < found.green < times


def _row(tool: str, killed: int, version: str = "1.0") -> dict[str, Any]:
    return {
        "module": "m",
        "seed": 0,
        "tool": tool,
        "given": "60 s",
        "killed": killed,
        "mutants": 50,
        "version": version,
    }


def test_a_loss_is_called_one() -> None:
    assert list(results.ratios([_row("qtest", 10), _row("pynguin", 40)])) == [
        "- m, seed 0, 60 s to 60 s: score 20.0 to 80.0, ratio 0.25, QTest behind"
    ]


def test_a_ratio_to_nothing_is_no_number() -> None:
    assert "ratio no number, QTest ahead" in "".join(results.ratios([_row("qtest", 10), _row("pynguin", 0)]))


def test_different_releases_are_not_compared() -> None:
    assert "not compared" in "".join(results.ratios([_row("qtest", 10, "1.1"), _row("pynguin", 40)]))

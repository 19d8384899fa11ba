"""The commands as a user calls them, on a small project, with the interpreter that runs these tests."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qtest.cli import main
from qtest.ports import Sandbox

pytestmark = pytest.mark.sandbox

SAMPLE = Path(__file__).parents[1] / "samples" / "textkit"


@pytest.fixture(scope="module")
def project(sandboxed: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path_factory.mktemp("commands") / "textkit"))


def generate(project: Path, out: Path) -> Path:
    arguments = ["--standalone", "--evaluations", "2000", "--python", sys.executable, "--out", str(out)]
    assert main(["run", str(project), "--inline", *arguments]) == 0
    return out


@pytest.fixture(scope="module")
def out(project: Path) -> Path:
    return generate(project, project.parent / "out")


def generated(out: Path) -> dict[str, str]:
    return {str(path.relative_to(out)): path.read_text() for path in sorted(out.rglob("test_*.py"))}


def verdicts(out: Path, status: str) -> list[str]:
    rows = (json.loads(line) for line in (out / "qtest-report" / "verdicts.jsonl").read_text().splitlines())
    return [row["id"] for row in rows if row["result"]["status"] == status]


def test_the_tests_that_ship_pass_where_they_lie_without_us(project: Path, out: Path) -> None:
    files = generated(out)
    assert files
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    done = subprocess.run(command, cwd=out, env={"PYTHONPATH": str(project)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert re.search(r"\b[1-9]\d* passed", done.stdout)


def test_nothing_is_written_into_the_project(project: Path, out: Path) -> None:
    there = {path.relative_to(project) for path in project.rglob("*") if "__pycache__" not in path.parts}
    assert there == {path.relative_to(SAMPLE) for path in SAMPLE.rglob("*") if "__pycache__" not in path.parts}


def test_the_same_seed_and_work_give_the_same_files(project: Path, out: Path) -> None:
    assert generated(generate(project, project.parent / "again")) == generated(out)


@pytest.mark.parametrize(("status", "said"), [("killed", "this run: killed"), ("survived", "this run: not killed")])
def test_a_verdict_is_replayed_to_the_same_end(
    out: Path, capsys: pytest.CaptureFixture[str], status: str, said: str
) -> None:
    assert main(["replay", verdicts(out, status)[0], "--from", str(out)]) == 0
    assert f"recorded: {status}; {said}" in capsys.readouterr().out


def test_a_sample_is_the_same_for_the_same_seed(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def drawn() -> str:
        assert main(["sample", str(out), "--seed", "a", "-n", "2"]) == 0
        return capsys.readouterr().out

    assert drawn() == drawn() != ""


def test_the_doctor_names_what_it_found(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", str(project), "--python", sys.executable]) == 0
    said = capsys.readouterr().out
    assert all(word in said for word in ("sandbox", "interpreter", "test command", "suite", "coverage"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "/no/such/path"], "there is no such path"),
        (["run", str(SAMPLE / "pyproject.toml")], "expected"),
        (["replay", "0123", "--from", "/no/such/out"], "/no/such/out"),
        (["sample", "/no/such/out", "--seed", "a"], "/no/such/out"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.strip().splitlines()) == 1

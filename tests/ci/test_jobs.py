"""How the tests of a project are run on a runner: as the project itself runs them, and so that they do run."""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from qtest.arguments import parser
from qtest.cli import main
from qtest.commands import ci

if TYPE_CHECKING:
    CAPTURED = pytest.CaptureFixture[str]
Laid = Callable[[Mapping[str, str]], Path]

COMMANDS = {
    "pytest": ["python -m coverage run --branch -m pytest"],
    "unittest": ["python -m coverage run --branch --parallel-mode -m unittest discover -s tests"],
    "unittest-package": ["python -m coverage run --branch --parallel-mode -m unittest discover -t . -s tests"],
    "unittest-suffix": ["python -m coverage run --branch --parallel-mode -m unittest discover -s tests -p '*_test.py'"],
    "pytest-declared": ["python -m coverage run --branch -m pytest"],
    "pytest-cov": ["python -m pytest"],
    "groups": ["python -m coverage run --branch -m pytest"],
    "requirements": ["python -m coverage run --branch -m pytest"],
    "uv": ["uv run --no-sync python -m coverage run --branch -m pytest"],
    "poetry": ["poetry run python -m coverage run --branch -m pytest"],
    "tox": ["tox run -e py"],
    "tox-named": ["tox run -e unit"],
    "tox-native": ["tox run -e py"],
    "tox-only-lints": ["python -m coverage run --branch -m pytest"],
    "nox": ['nox --session tests --force-python "$(which python)"'],
    "django": ["python -m coverage run --branch manage.py test"],
    "poetry-group": ["poetry run python -m coverage run --branch -m pytest"],
    "old-extras": ["python -m coverage run --branch -m pytest"],
    "classes": ["python -m coverage run --branch -m pytest"],
    "several": [
        "python -m coverage run --branch -m pytest",
        "python -m coverage run --branch --parallel-mode -m unittest discover -s tests",
    ],
    "no-tests": [],
}
INSTALLED = {
    "pytest-declared": ["python -m pip install coverage pytest", 'python -m pip install -e ".[test]"'],
    "pytest-cov": ["python -m pip install coverage pytest pytest-cov", "python -m pip install -e ."],
    "groups": [
        "python -m pip install coverage pytest",
        "python -m pip install --group test",
        "python -m pip install -e .",
    ],
    "requirements": ["python -m pip install coverage pytest", "python -m pip install -r requirements-dev.txt"],
    "tox": ["python -m pip install tox"],
    "old-extras": ["python -m pip install coverage pytest", 'python -m pip install -e ".[tests]"'],
    "unittest": ["python -m pip install coverage"],
}


def run(workflow: Path, step: str) -> list[str]:
    """The lines of all steps of that name."""
    jobs = yaml.safe_load(workflow.read_text())["jobs"].values()
    found = [one["run"] for job in jobs for one in job["steps"] if one.get("name") == step]
    return [line for text in found for line in text.splitlines()]


@pytest.mark.parametrize("name", COMMANDS)
def test_tests_are_run_as_the_project_runs_them(name: str, workflows: Mapping[str, Path]) -> None:
    assert run(workflows[name], "Run the tests") == COMMANDS[name]


@pytest.mark.parametrize("name", INSTALLED)
def test_what_the_tests_need_is_installed(name: str, workflows: Mapping[str, Path]) -> None:
    assert run(workflows[name], "Install") == INSTALLED[name]


@pytest.mark.parametrize("name", ["pytest", "unittest", "unittest-package", "unittest-suffix"])
def test_the_lines_run_in_a_shell_and_leave_the_coverage(
    name: str, workflows: Mapping[str, Path], projects: Mapping[str, Mapping[str, str]], laid: Laid
) -> None:
    folder = laid(projects[name])
    lines = [*run(workflows[name], "Run the tests"), *run(workflows[name], "Collect coverage")]
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    command = [shutil.which("bash") or "bash", "-e", "-c", "\n".join(lines)]
    done = subprocess.run(command, cwd=folder, env={"PATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout or "Ran 1 test" in done.stderr
    assert 'filename="shop.py" complexity="0" line-rate="1"' in (folder / "coverage.xml").read_text()


def test_each_project_of_a_tree_has_a_job_in_its_own_folder(workflows: Mapping[str, Path]) -> None:
    jobs = yaml.safe_load(workflows["several"].read_text())["jobs"]
    where = {name: job["defaults"]["run"]["working-directory"] for name, job in jobs.items() if "defaults" in job}
    assert where == {"pytest-1": "a", "unittest-2": "b-2"}
    assert "a/coverage.xml" in str(jobs["pytest-1"])


def test_the_python_is_the_one_that_the_project_asks_for(workflows: Mapping[str, Path]) -> None:
    assert "python-version-file: pyproject.toml" in workflows["groups"].read_text()
    assert "python-version-file" not in workflows["pytest"].read_text()


@pytest.mark.parametrize("folder", ["${{ github.token }}", "a;id", "a b", "a'b", "-x"])
def test_a_name_that_would_be_run_is_refused(folder: str, laid: Laid, capsys: "CAPTURED") -> None:
    files = {"pyproject.toml": '[project]\nname = "x"\nversion = "1"\n', "shop.py": "x = 1\n", "tests/test_x.py": ""}
    tree = laid({f"{folder}/{name}": text for name, text in files.items()})
    assert main(["ci", str(tree)]) == 2
    assert "cannot stand in a workflow" in capsys.readouterr().err
    assert not (tree / ".github").exists()


@pytest.mark.parametrize("requirement", ["qtest; rm -rf /", "${{ secrets.X }}", "--index-url=http://evil", 'a"b', ""])
def test_a_requirement_that_is_more_than_one_is_refused(requirement: str, laid: Laid, capsys: "CAPTURED") -> None:
    assert main(["ci", str(laid({"shop.py": "x = 1\n"})), f"--qtest={requirement}"]) == 2
    assert "expected one requirement" in capsys.readouterr().err


def test_what_a_person_wrote_or_changed_is_not_touched_and_ours_is_renewed(laid: Laid, capsys: "CAPTURED") -> None:
    tree = laid({"shop.py": "x = 1\n"})
    path = tree / ".github/workflows/qtest.yml"
    assert main(["ci", str(tree)]) == 0
    ours = path.read_text()
    assert main(["ci", str(tree), "--qtest", "qtest==9"]) == 0
    assert "qtest==9" in path.read_text()
    for theirs in ("name: mine\n", ours.replace("60", "90"), ""):
        path.write_text(theirs)
        assert main(["ci", str(tree)]) == 2
        assert "it was not touched" in capsys.readouterr().err
        assert path.read_text() == theirs


def test_a_folder_whose_workflows_nobody_reads_is_told(laid: Laid, capsys: "CAPTURED") -> None:
    tree = laid({"shop.py": "x = 1\n", ".git/HEAD": "", "inside/other.py": "x = 1\n"})
    assert main(["ci", str(tree / "inside")]) == 2
    assert f"lies in the repository {tree}" in capsys.readouterr().err


def test_a_link_is_not_written_through(laid: Laid, tmp_path: Path, capsys: "CAPTURED") -> None:
    tree = laid({"shop.py": "x = 1\n", ".github/workflows/ci.yml": "name: CI\n"})
    (tree / ".github/workflows/qtest.yml").symlink_to(tmp_path / "elsewhere.yml")
    assert main(["ci", str(tree)]) == 2
    assert "is a link" in capsys.readouterr().err
    assert not (tmp_path / "elsewhere.yml").exists()


def test_without_a_known_origin_the_repositorys_variable_says_what_to_install(
    laid: Laid, capsys: "CAPTURED", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ci, "own_requirement", lambda: "")
    tree = laid({"shop.py": "x = 1\n"})
    assert main(["ci", str(tree)]) == 0
    assert "set the repository variable QTEST_REQUIREMENT" in capsys.readouterr().out
    assert "REQUIREMENT: ${{ vars.QTEST_REQUIREMENT }}" in (tree / ".github/workflows/qtest.yml").read_text()


@pytest.mark.parametrize(
    ("told", "requirement"),
    [
        ("", ""),
        ('{"url": "file:///home/me/qtest", "dir_info": {"editable": true}}', ""),
        ('{"url": "ssh://git@host/q.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}}', ""),
        ('{"url": "https://me:x@host/q.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}}', ""),
        (
            '{"url": "https://host/q.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}}',
            "git+https://host/q.git@ab12",
        ),
    ],
)
def test_a_qtest_that_came_from_a_public_commit_names_it(told: str, requirement: str) -> None:
    assert ci.of_origin(told) == requirement


def test_the_workflow_calls_pr_check_as_it_is_called(workflows: Mapping[str, Path]) -> None:
    (line,) = run(workflows["pytest"], "Check what the pull request touches")
    words = shlex.split(line)
    assert words[0] == "$RUNNER_TEMP/qtest/bin/qtest"
    called = parser().parse_args(words[1:])
    assert (called.command, called.folder, called.since, called.comment) == ("pr-check", ".", "$BASE", True)

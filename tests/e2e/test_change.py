"""`qtest diff` and `qtest pr-check` over a small repository in git."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from qtest.cli import main

pytestmark = pytest.mark.usefixtures("sandboxed")

OLD = '''\
def fee(weight):
    """In cents."""
    if weight < 0:
        raise ValueError("too light")
    return 500 if weight <= 10 else 900


def bill(weights):
    return sum(fee(weight) for weight in weights)


def label(name):
    return name.strip().upper()
'''
NEW = OLD.replace("weight <= 10", "weight < 10").replace("def label(name)", "def label(name, mark)")
TESTS = """\
from post import bill, fee


def test_fee():
    assert fee(3) == 500
    assert fee(30) == 900


def test_bill():
    assert bill([3, 30]) == 1400
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits, `old` and the one checked out."""
    folder = tmp_path / "post"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "test_post.py").write_text(TESTS)
    (folder / "pyproject.toml").write_text('[project]\nname = "post"\nversion = "1"\n')
    for name, text in (("old", OLD), ("new", NEW)):
        (folder / "post.py").write_text(text)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", name)
        git(folder, "tag", name)
    return folder


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_diff_tells_calls_that_differ_and_signatures(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "old..new", str(repository), "--evaluations", "1500", "--json"]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    told = {(one["call"], one["before"], one["after"]) for one in report["changes"]}
    assert ("fee(10)", "gives 500", "gives 900") in told
    assert {one["target"] for one in report["changes"]} <= {"post:fee", "post:bill"}
    assert [(one["before"], one["after"]) for one in report["symbols"]] == [("label(name)", "label(name, mark)")]
    assert (report["touched"], report["reaching"]) == (["post:fee", "post:label"], ["post:bill"])


def test_a_check_tells_the_change_first_and_proposes_a_test_for_it(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    event = {"pull_request": {"number": 1, "head": {"repo": {"full_name": "ada/post"}}}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    monkeypatch.setenv("GITHUB_REPOSITORY", "org/post")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(tmp_path / "event.json"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    out = tmp_path / "out"
    arguments = ["--since", "old", "--evaluations", "6000", "--out", str(out), "--floor", "1", "--comment"]
    assert main(["pr-check", str(repository), *arguments]) == 1
    assert "not commented: a pull request from a fork" in capsys.readouterr().err
    said = (tmp_path / "summary.md").read_text()
    order = [said.index(part) for part in ("`fee(10)` was `500`, is `900`", "Do the tests notice", "to add")]
    assert order == sorted(order)
    assert "with the tests proposed below" in said
    assert "import fee" in (out / "test_post_qtest.py").read_text()


def test_a_revision_that_is_not_there_is_one_line(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["diff", "old..gone"], ["pr-check", "--since", "gone"]):
        assert main([*arguments, str(repository)]) == 2
        error = capsys.readouterr().err
        assert "gone: there is no such commit in" in error
        assert error.count("\n") == 1

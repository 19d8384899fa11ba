"""`qtest run ADDRESS --open-pr`, from an address to a pull request, as a user types it."""

import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qtest.cli import main
from qtest.ports import Sandbox
from qtest.wiring import default_cache

FIRST = {
    "pyproject.toml": '[project]\nname = "grades"\nversion = "1.0"\n',
    "grades.py": 'def grade(points):\n    return "A" if points > 90 else "B"\n',
}
SECOND = {
    "pyproject.toml": '[project]\nname = "grades"\nversion = "2.0"\n',
    "grades.py": """def grade(points):
    if points < 0:
        raise ValueError("negative")
    return "A" if points > 90 else "B"
""",
}


@dataclass(frozen=True)
class Person:
    """At a terminal in a folder of their own, with a token in the environment."""

    folder: Path
    secret: str

    def runs(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        own = {
            "QTEST_STORE": str(self.folder / "store"),
            "TMPDIR": str(self.folder / "tmp"),
            "QTEST_GIT_TOKEN": self.secret,
        }
        return subprocess.run(
            [sys.executable, "-m", "qtest", "run", *arguments],
            cwd=self.folder,
            env={name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "GITHUB_TOKEN")}
            | own,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def wrote_the_secret(self) -> list[Path]:
        everything = (path for top in (self.folder, default_cache() / "git") for path in top.rglob("*"))
        return [path for path in everything if path.is_file() and self.secret.encode() in path.read_bytes()]


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path / "person", f"s{secrets.token_hex(16)}")


@pytest.mark.sandbox
def test_an_address_becomes_one_pull_request_however_often_it_is_asked(
    sandboxed: Sandbox, hub: Any, person: Person
) -> None:
    repo = hub.state.repo("org/grades", {"robot": "write"})
    hub.state.token("robot", person.secret)
    repo.commit(FIRST, subject="Version 1.0")
    tip = repo.commit(SECOND, subject="Version 2.0")
    asked = (f"{hub.host}/org/grades", "--open-pr", "--draft", "--inline", "--evaluations", "60", "--out", "out")

    first = person.runs(*asked)
    assert first.returncode == 0, first.stderr
    assert f"pull request opened: {hub.host}/org/grades/pull/1 (grades)" in first.stdout
    (pull,) = repo.pulls
    assert pull.draft and "test_grades.py::" in pull.body
    assert repo.git("rev-parse", f"{pull.sha}^") == tip
    assert repo.read(pull.branch, "tests/test_grades.py") == (person.folder / "out/tests/test_grades.py").read_text()
    proof = repo.read(pull.branch, "qtest-proof/tests/test_grades.py.json")
    assert all(name in proof for name in ("tests/test_grades.py", "first", "diff"))

    second = person.runs(*asked, "--json")
    assert json.loads(second.stdout.splitlines()[-1])["how"] == "unchanged"
    assert len(repo.pulls) == 1
    assert person.secret not in "".join((first.stdout, first.stderr, second.stdout, second.stderr, pull.body))
    assert person.wrote_the_secret() == []


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("{hub}/org/tools", "--open-pr"), "--open-pr: there is no token for {hub}; "),
        (("pypi:six", "--open-pr"), "--open-pr: pypi:six is no repository on GitHub; expected https://host/owner/repo"),
        (("{hub}/org/tools/more", "--open-pr"), "--open-pr: {hub}/org/tools/more is no repository on GitHub"),
        (("{hub}/org/tools", "--draft"), "--draft and --base say how a pull request is opened; expected --open-pr"),
    ],
)
def test_what_cannot_end_in_a_pull_request_is_refused_at_once(
    hub: Any, arguments: Any, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("QTEST_GIT_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    code = main(["run", *(one.format(hub=hub.host) for one in arguments)])
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert line.format(hub=hub.host) in said.err and said.err.count("\n") == 1
    assert hub.asked == []


def test_a_token_that_is_not_taken_is_told_before_any_work(
    hub: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QTEST_GIT_TOKEN", "stale-secret")
    assert main(["run", f"{hub.host}/org/tools", "--open-pr", "--inline"]) == 2
    said = capsys.readouterr().err
    assert "GitHub does not take this token" in said and "stale-secret" not in said
    assert hub.asked == ["GET /repos/org/tools"]

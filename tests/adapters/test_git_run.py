"""`qtest run` on a repository that is served: tests are made, and a login is seen nowhere."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qtest.cli import main
from qtest.ports import Sandbox

if TYPE_CHECKING:
    from conftest import Made, Served

pytestmark = pytest.mark.sandbox

CODE = (Path(__file__).parents[1] / "samples" / "textkit" / "textkit" / "__init__.py").read_text()


@pytest.fixture
def shop(sandboxed: Sandbox, made: "Made", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Made":
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for name in ("QTEST_GIT_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    made.commit("Nothing yet", {"README": ""})
    made.git("checkout", "--quiet", "-b", "release")
    made.commit("The text kit", {"textkit/__init__.py": CODE, "setup.cfg": "[metadata]\nname = textkit\n"})
    made.publish()
    return made


def run(spec: str, *arguments: str) -> int:
    options = ["--standalone", "--evaluations", "200", "--inline", "--python", sys.executable, "--out", "out"]
    return main(["run", spec, "--inline", *options, *arguments])


def test_tests_are_made_from_a_branch_and_a_verdict_is_replayed_at_its_commit(
    shop: "Made", tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(f"file://{shop.bare}@release", "--only", "textkit") == 0
    report = json.loads((tmp_path / "out/qtest-report/report.json").read_text())
    assert report["files"]
    assert report["revision"]["version"] == "release"
    assert report["revision"]["sha256"] == shop.git("rev-parse", "release")
    rows = [json.loads(row) for row in (tmp_path / "out/qtest-report/verdicts.jsonl").read_text().splitlines()]
    shop.commit("Gone", {"textkit/__init__.py": "x = 1\n"})
    shop.publish()
    killed = next(row["id"] for row in rows if row["result"]["status"] == "killed")
    assert main(["replay", killed, "--from", "out"]) == 0
    assert "recorded: killed; this run: killed" in capsys.readouterr().out


def test_a_login_is_in_nothing_that_is_said_or_written(
    shop: "Made", tmp_path: Path, serve: "Callable[[Path], Served]", capfd: pytest.CaptureFixture[str]
) -> None:
    served = serve(shop.bare.parent)
    served.ask_for("somebody", "s3cret")
    spec = f"http://somebody:s3cret@{served.host}/sample.git"
    assert run(f"{spec}@release") == 0
    assert main(["doctor", f"{spec}@release", "--python", sys.executable]) in (0, 2)
    for mistaken in (
        (f"{spec}@gone",),
        (f"{spec}@release", "--in-place"),
        (spec, spec),
        (f"{spec}@release", "--floor", "2"),
    ):
        try:
            assert run(*mistaken) == 2
        except SystemExit as exit:
            assert exit.code == 2
    said = capfd.readouterr()
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 10
    assert served.wanted in served.logins
    for secret in ("s3cret", "somebody", served.wanted.removeprefix("Basic ")):
        assert secret not in said.out + said.err
        assert not [path for path in written if secret.encode() in path.read_bytes() or secret in str(path)]


def test_a_mistake_in_the_address_is_one_line_and_exit_code_2(shop: "Made", capsys: pytest.CaptureFixture[str]) -> None:
    for spec, said in ((f"file://{shop.bare}@releas", "near it are release"), (f"{shop.bare}@main", "no Python file")):
        assert run(spec) == 2
        error = capsys.readouterr().err.strip().splitlines()
        assert said in error[-1]
        assert [line for line in error if line.startswith("qtest:")] == error[-1:]

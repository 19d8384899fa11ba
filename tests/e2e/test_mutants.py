"""What a person does with `qtest mutate`, on a small project: judge, look, replay, accept, judge again."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import pytest

from qtest import mutating
from qtest.cli import main
from qtest.errors import WorkerLost
from qtest.records.mutant import Verdict
from qtest.records.mutation import MutationReport
from qtest.report.mutation.files import read

pytestmark = pytest.mark.sandbox

FILES = {
    "pyproject.toml": '[project]\nname = "till"\nversion = "1"\n',
    "till.py": (
        "LIMIT = {'low': 3}['low']\n\n\n"
        "def fee(amount):\n    if amount > 10:\n        return 2\n    return 1\n\n\n"
        "def unseen(a):\n    return a + 1\n"
    ),
    "tests/test_till.py": (
        "import names\nimport till\n\n\n"
        "def test_hello():\n    assert names.hello('b') == '\\xe9b'\n\n\n"
        "def test_fee():\n    assert till.fee(20) == 2\n\n\n"
        "def test_fee_is_high():\n    assert till.fee(20) > 1\n\n\n"
        "def test_nothing():\n    assert True\n"
    ),
}


LATIN = "# coding: latin-1\ndef hello(name):\n    return 'é' + name\n"


@pytest.fixture(scope="module")
def folder(sandboxed: None, project: Callable[[Mapping[str, str]], Path]) -> Path:
    made = project(FILES)
    (made / "names.py").write_bytes(LATIN.encode("latin-1"))
    return made


@pytest.fixture(scope="module")
def out(folder: Path) -> Path:
    return judge(folder, folder.parent / "out", "--matrix")


@pytest.fixture
def accepted(folder: Path, out: Path) -> Iterator[set[str]]:
    """Every survivor, for one test."""
    names = {verdict.stable for verdict in read(out).alive}
    assert main(["accept", *sorted(names), "--reason", "let it be", "--from", str(out)]) == 0
    yield names
    (folder / "qtest-accepted.toml").unlink()


def judge(folder: Path, out: Path, *more: str, code: int = 0) -> Path:
    arguments = ["--inline", "--fresh", "--ask", "0", "--python", sys.executable, "--out", str(out), *more]
    assert main(["mutate", str(folder), *arguments]) == code
    return out


def ended(found: MutationReport, status: str, symbol: str = "") -> Verdict:
    return next(one for one in found.verdicts if one.result.status == status and symbol in one.mutant.symbol)


def test_tests_that_kill_nothing_are_found(out: Path) -> None:
    idle = read(out).idle
    assert idle is not None
    assert idle.nothing == ("tests/test_till.py::test_nothing",)
    assert "tests/test_till.py::test_fee_is_high" in idle.nothing_own


def test_a_survivor_knows_the_tests_that_run_it(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["show", ended(read(out), "survived", "fee").stable, "--from", str(out)])
    said = capsys.readouterr().out
    assert "2 tests run this line and pass with " in said
    assert "  tests/test_till.py::test_fee_is_high\n" in said


@pytest.mark.parametrize(
    ("status", "symbol", "said"),
    [
        ("killed", "till:fee", "recorded: killed; this run: killed\n"),
        ("killed", "names:hello", "recorded: killed; this run: killed\n"),
        ("survived", "till:fee", "recorded: survived; this run: not killed\n"),
        ("no coverage", "till:unseen", "recorded: no coverage; this run: not killed\n"),
    ],
)
def test_a_verdict_is_replayed_by_two_cold_runs(
    out: Path, status: str, symbol: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", ended(read(out), status, symbol).stable, "--from", str(out)]) == 0
    assert said in capsys.readouterr().out


def test_a_replay_after_the_file_has_changed_is_refused(
    folder: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, text = folder / "till.py", FILES["till.py"]
    path.write_text(f"{text}\n\nMORE = 1\n")
    try:
        assert main(["replay", ended(read(out), "killed", "till").stable, "--from", str(out)]) == 2
    finally:
        path.write_text(text)
    assert "till.py: has changed since this verdict" in capsys.readouterr().err


def test_what_is_accepted_is_set_aside_also_for_the_floor(
    out: Path, accepted: set[str], folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge(folder, tmp_path / "out", "--floor", "1", "--json", code=0)
    found = read(tmp_path / "out")
    assert MutationReport.model_validate(json.loads(capsys.readouterr().out.splitlines()[-1])) == found
    assert (found.alive, found.stale, {entry.id for entry in found.accepted}) == ((), (), accepted)


def test_an_acceptance_lapses_with_its_statement_and_with_no_other(
    out: Path, accepted: set[str], folder: Path, tmp_path: Path
) -> None:
    text = FILES["till.py"]
    (folder / "till.py").write_text(text.replace("LIMIT =", "# more\nLIMIT =").replace("amount > 10", "amount > 11"))
    try:
        found = read(judge(folder, tmp_path / "out", "--floor", "1", code=1))
    finally:
        (folder / "till.py").write_text(text)
    changed = {one.stable for one in read(out).alive if text.splitlines()[one.mutant.line - 1] == "    if amount > 10:"}
    assert {entry.id for entry in found.stale} == changed != set()
    assert {entry.id for entry in found.accepted} == accepted - changed
    assert {one.mutant.symbol for one in found.alive} == {"till:fee"}


def test_a_broken_reviewed_file_is_one_line_and_nothing_is_judged(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = folder / "qtest-accepted.toml"
    kept.write_text("accepted = 1")
    try:
        judge(folder, tmp_path / "out", code=2)
    finally:
        kept.unlink()
    assert "qtest-accepted.toml: expected nothing but [[accepted]] tables" in capsys.readouterr().err
    assert not (tmp_path / "out" / "qtest-mutation").exists()


def test_a_mutant_that_lives_comes_with_a_call_that_shows_it(folder: Path, tmp_path: Path) -> None:
    found = read(judge(folder, tmp_path / "asked", "--only", "till.py", "--ask", "3s"))
    (module,) = (module for module in found.modules if module.path == "till.py")
    assert module.differences is not None
    alive = {verdict.mutant.id for verdict in found.alive if verdict.mutant.symbol == "till:fee"}
    shown = {one.mutant: one for one in module.differences.found}
    assert alive
    assert alive <= shown.keys()
    fee = [shown[name] for name in alive]
    assert all(one.call.startswith("fee(") and one.code.startswith("gives") and one.stable for one in fee)


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), WorkerLost("it is gone")], ids=lambda error: type(error).__name__
)
def test_what_was_judged_stands_when_the_looking_for_calls_is_cut_off(
    error: BaseException, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(mutating, "asked", cut_off)
    found = read(judge(folder, tmp_path / "cut", "--only", "till.py", "--ask", "3s"))
    assert found.verdicts
    assert [problem.path for problem in found.problems] == (["--ask"] if isinstance(error, WorkerLost) else [])

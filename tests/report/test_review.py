"""`qtest show`, `accept` and `review`, over a report on disk."""

import io
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qtest.cli import main
from qtest.records.mutant import Verdict
from qtest.records.mutation import MutationReport
from qtest.report.mutation.files import write

Reporter = Callable[..., MutationReport]


@pytest.fixture
def out(report: Reporter, tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    write(report(str(tmp_path / "shop")), tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def found(report: Reporter) -> MutationReport:
    return report()


def ended(found: MutationReport, status: str) -> Verdict:
    return next(verdict for verdict in found.verdicts if verdict.result.status == status)


def entries(out: Path) -> list[dict[str, Any]]:
    path = out.parent / "shop" / "qtest-accepted.toml"
    return tomllib.loads(path.read_text())["accepted"] if path.exists() else []


def accept(out: Path, *more: str) -> int:
    return main(["accept", *more, "--from", str(out), "--author", "Ann"])


@pytest.mark.parametrize("status", ["killed", "survived", "no coverage", "timed out", "inconclusive"])
def test_a_mutant_is_shown_with_its_change_and_its_end(
    out: Path, found: MutationReport, status: str, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = ended(found, status)
    for name in (verdict.stable, verdict.id, verdict.mutant.id):
        assert main(["show", name, "--from", str(out)]) == 0
        said = capsys.readouterr().out
        assert f"\n    @@ -{max(1, verdict.mutant.line - 4)}," in said
        assert f"\n{status}" in said
        assert f"qtest replay {verdict.stable}" in said
        assert ("qtest accept" in said) == (status in ("survived", "no coverage"))


def test_a_survivor_is_shown_with_the_tests_that_run_it(
    out: Path, found: MutationReport, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = next(one for one in found.verdicts if one.mutant.line == 8)
    main(["show", verdict.stable, "--from", str(out)])
    assert "run by:\n  test_m.py::test_refuses\n" in capsys.readouterr().out


def test_several_survivors_are_accepted_with_reason_author_and_date(out: Path, found: MutationReport) -> None:
    first, second = found.alive[0].stable, found.alive[-1].stable
    assert accept(out, first, second, "--reason", "only people read it") == 0
    assert {one["id"] for one in entries(out)} == {first, second}
    for one in entries(out):
        assert (one["reason"], one["author"]) == ("only people read it", "Ann")
        assert len(one["date"]) == 10


def test_accepting_again_replaces_the_reason(out: Path, found: MutationReport) -> None:
    name = found.alive[0].stable
    accept(out, name, "--reason", "one")
    accept(out, name, "--reason", "two")
    assert [one["reason"] for one in entries(out)] == ["two"]


def test_an_accepted_mutant_is_shown_as_such(
    out: Path, found: MutationReport, capsys: pytest.CaptureFixture[str]
) -> None:
    name = found.alive[0].stable
    accept(out, name, "--reason", "only people read it")
    main(["show", name, "--from", str(out)])
    assert "accepted: only people read it (Ann " in capsys.readouterr().out


@pytest.mark.parametrize("status", ["killed", "timed out", "inconclusive"])
def test_what_does_not_live_is_not_accepted(
    out: Path, found: MutationReport, status: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert accept(out, found.alive[0].stable, ended(found, status).stable, "--reason", "why not") == 2
    said = capsys.readouterr().err
    assert f"{ended(found, status).stable}: {status}" in said
    assert said.count("\n") == 1
    assert entries(out) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["accept", "zzzz", "--reason", "r"], "zzzz: no mutant of this run has that id"),
        (["accept", "", "--reason", "r"], "mutants start so"),
        (["accept", "zzzz", "--reason", " "], "--reason is empty"),
        (["show", "zzzz"], "zzzz: no mutant of this run has that id"),
    ],
)
def test_a_mistake_is_one_line(out: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--from", str(out)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_broken_reviewed_file_is_told_and_left_alone(
    out: Path, found: MutationReport, capsys: pytest.CaptureFixture[str]
) -> None:
    path = out.parent / "shop" / "qtest-accepted.toml"
    path.write_text("[[accepted]")
    assert accept(out, found.alive[0].stable, "--reason", "r") == 2
    assert "qtest-accepted.toml: is not TOML" in capsys.readouterr().err
    assert path.read_text() == "[[accepted]"


def reviewed(out: Path, typed: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return main(["review", "--from", str(out), "--author", "Ann"])


def test_a_review_takes_one_survivor_after_the_other(
    out: Path, found: MutationReport, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reviewed(out, "n\nx\na\nfor people\nq\n", monkeypatch) == 0
    assert [(one["id"], one["reason"]) for one in entries(out)] == [(found.alive[1].stable, "for people")]
    said = capsys.readouterr().out
    assert "--- 3 of " in said
    assert said.endswith(f"1 of {len(found.alive)} accepted in {out.parent / 'shop' / 'qtest-accepted.toml'}\n")


def test_a_review_goes_on_where_an_earlier_one_ended(
    out: Path, found: MutationReport, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reviewed(out, "a\none\n", monkeypatch)
    capsys.readouterr()
    reviewed(out, "", monkeypatch)
    said = capsys.readouterr().out
    assert said.startswith(f"--- 1 of {len(found.alive) - 1} ---\n{found.alive[1].stable}")


def test_nothing_is_accepted_without_a_reason(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reviewed(out, "a\n\nq\n", monkeypatch)
    assert entries(out) == []


def test_a_fetched_target_needs_a_file_to_write(
    report: Reporter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = report()
    write(made.model_copy(update={"revision": made.revision.model_copy(update={"kind": "pypi"})}), tmp_path)
    name = made.alive[0].stable
    assert accept(tmp_path, name, "--reason", "r") == 2
    assert "--file" in capsys.readouterr().err
    assert accept(tmp_path, name, "--reason", "r", "--file", str(tmp_path / "own.toml")) == 0
    assert tomllib.loads((tmp_path / "own.toml").read_text())["accepted"][0]["id"] == name

"""`qtest why FILE:LINE`, over a store filled by hand."""

import pytest

from qtest.adapters.home import Home
from qtest.cli import main
from qtest.records.outcome import Tried
from qtest.records.run import TestRow
from qtest.report.why import explain


def why(capsys: pytest.CaptureFixture[str], place: str, *more: str) -> str:
    assert main(["why", place, *more]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], place: str, *more: str) -> str:
    assert main(["why", place, *more]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


def test_a_line_shows_each_mutant_with_its_diff_and_who_kills_it(
    store: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    said = why(capsys, "src/pkg/money.py:5")
    assert said.startswith("src/pkg/money.py line 5, in run run-b of 1970-01-01 00:00 (completed)\n")
    assert "    -    if step <= 0:\n    +    if step < 0:" in said
    assert "no coverage under your tests: no test executes it" in said
    assert "killed by test_money.py::test_rounded (the new tests)" in said
    assert said.count("the reason that test_rounded was kept") == 1
    assert "rejection for pkg.money:rounded (explore): the result changes from call to call, 3 times" in said
    assert "reads files" not in said


def test_survivors_and_what_is_not_known_say_why(store: Home, capsys: pytest.CaptureFixture[str]) -> None:
    said = why(capsys, "src/pkg/money.py:7")
    assert "survived under the new tests: 2 tests execute it, and none fails" in said
    assert "killed by test_money.py::test_rounded (your tests)" in said
    assert "1 killed" in said.splitlines()[1]
    assert "1 survived" in said.splitlines()[1]


def test_a_line_without_mutants_says_how_its_targets_ended_and_what_is_near(
    store: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    said = why(capsys, "src/pkg/money.py:11")
    assert "no mutant was judged on line 11 (near it: 5, 7)" in said
    assert "rejection for pkg.money:secret (plan): reads files" in said


def test_a_line_that_no_target_holds_says_so(store: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no target around it" in why(capsys, "src/pkg/money.py:999")


@pytest.mark.parametrize("place", ["./src/pkg/money.py:5", "money.py:5", "/home/me/shop/src/pkg/money.py:5"])
def test_a_file_is_found_from_wherever_one_stands(store: Home, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert why(capsys, place).startswith("src/pkg/money.py line 5")


def test_an_unknown_file_names_those_near_it(store: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert "near it: src/pkg/money.py" in refused(capsys, "src/pkg/mony.py:5")
    assert "near it: src/pkg/money.py" in refused(capsys, "lib/other.py:5")


def test_a_run_that_judged_nothing_says_why(store: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no interpreter" in refused(capsys, "src/pkg/money.py:5", "--run", "run-a")
    assert "no such run" in refused(capsys, "src/pkg/money.py:5", "--run", "z")


@pytest.mark.parametrize(
    "place", ["src/pkg/money.py", "money.py:", "money.py:x", ":5", "money.py:0", "money.py:-1", ""]
)
def test_a_place_without_a_line_is_refused(store: Home, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "expected FILE:LINE" in refused(capsys, place)


def test_the_inputs_that_were_tried_are_told_for_the_targets_around_a_line() -> None:
    row = TestRow(
        run="r", test="t", target="m:f", outcome="rejection", reason="stays the same", path="m.py", line=1, end_line=9
    )
    tried = (Tried(target="m:f", calls=12, examples=("f(1)", "f(-2)")), Tried(target="m:g", calls=3, examples=("g()",)))
    said = list(explain("m.py", 5, (), (row,), tried))
    assert said[-3:] == ["the search tried 12 calls of m:f, such as", "    f(1)", "    f(-2)"]

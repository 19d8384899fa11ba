"""Tests that were shipped with their proof, through the changes that a repository sees: each is a folder of its own."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PRICES = (Path(__file__).parents[1] / "samples" / "shop" / "prices.py").read_text()
TESTS = "tests/test_prices.py"


@pytest.fixture(scope="module")
def shipped(project: Callable[..., Path], qtest_run: Callable[..., Any]) -> Path:
    """A project under git with the tests that a run wrote into it."""
    folder = project({"shop/__init__.py": "", "shop/prices.py": PRICES})
    ran = qtest_run(folder, "--in-place", "--evaluations", "150")
    assert ran.code == 0, ran.whole
    _git(folder, "init", "-q")
    _commit(folder, "Prices with tests")
    return folder


@pytest.fixture
def copy(shipped: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped, tmp_path / "project"))


def test_what_was_just_shipped_is_proven_again_and_nothing_is_written(copy: Path) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file() and ".git" not in path.parts}
    code, said = _qtest(copy, "verify", "--json")
    report = json.loads(said)
    assert code == 0, said
    assert {test["status"] for test in report["tests"]} == {"proven"}
    assert {kill["status"] for test in report["tests"] for kill in test["kills"]} == {"killed"}
    assert before == {
        path: path.read_bytes() for path in copy.rglob("*") if path.is_file() and ".git" not in path.parts
    }


def test_a_changed_behaviour_is_shown_with_both_values_and_its_commit_and_the_test_stays(copy: Path) -> None:
    _edit(copy / "shop/prices.py", "count - 5", "count - 6")
    _commit(copy, "A larger rebate")
    text = (copy / TESTS).read_bytes()
    code, said = _qtest(copy, "verify")
    assert code == 1
    assert "RED" in said
    code, said = _qtest(copy, "maintain", "--write", "--json")
    report = json.loads(said)
    changed = [care for care in report["cares"] if care["status"] == "behaviour changed"]
    assert code == 1
    assert changed and len(changed) == len(report["cares"])
    assert all(care["call"].startswith("total(") for care in changed)
    assert {float(care["was"]) - float(care["now"]) for care in changed} == {1.0}
    assert {change["symbol"] for care in changed for change in care["changes"]} == {"shop.prices:total"}
    assert {commit["subject"] for care in changed for change in care["changes"] for commit in change["commits"]} == {
        "A larger rebate"
    }
    assert (copy / TESTS).read_bytes() == text


def test_imports_of_what_moved_and_was_renamed_are_healed_and_nothing_else(copy: Path) -> None:
    _edit(copy / "shop/prices.py", "def total(", "def amount(")
    (copy / "shop/prices.py").rename(copy / "shop/costs.py")
    text = (copy / TESTS).read_text()
    code, said = _qtest(copy, "maintain", "--write")
    assert code == 0, said
    before, after = text.splitlines(), (copy / TESTS).read_text().splitlines()
    assert [line for line in after if line not in before] == ["from shop.costs import label, amount as total"]
    assert [line for line in before if line not in after] == ["from shop.prices import label, total"]
    (step,) = json.loads((copy / "qtest-proof.json").read_text())["trail"]
    assert "shop.prices:total is now shop.costs:amount" in step["why"]
    code, said = _qtest(copy, "verify")
    assert code == 0, said


def test_tests_of_a_function_that_is_gone_would_be_taken_out_but_nothing_is_written_unasked(copy: Path) -> None:
    source = (copy / "shop/prices.py").read_text()
    (copy / "shop/prices.py").write_text(source.partition("\n\ndef label")[0])
    before = [(copy / name).read_bytes() for name in (TESTS, "qtest-proof.json")]
    code, said = _qtest(copy, "maintain", "--json")
    report = json.loads(said)
    assert code == 1, said
    assert {(care["status"], care["why"]) for care in report["cares"]} == {("retired", "shop.prices:label is gone")}
    assert report["green"] > 0
    assert [(copy / name).read_bytes() for name in (TESTS, "qtest-proof.json")] == before


def test_an_assertion_that_was_weakened_is_said_to_have_lost_its_kill(copy: Path) -> None:
    tests = copy / TESTS
    text = tests.read_text()
    weaker = re.sub(r"(?m)^(    assert .*) == .*[^(\[{]$", r"\1 is not None", text)
    assert weaker != text
    tests.write_text(weaker)
    code, said = _qtest(copy, "verify")
    assert code == 1
    assert "LOST ITS KILL" in said
    assert "it passes on the mutant" in said


def test_a_test_that_a_person_deleted_is_not_proposed_again(copy: Path, qtest_run: Callable[..., Any]) -> None:
    proof = json.loads((copy / "qtest-proof.json").read_text())
    gone = next(test for test in proof["files"][0]["tests"] if test["target"] == "shop.prices:label")
    lines = (copy / TESTS).read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"def {gone['name']}("))
    end = next((n for n in range(start + 1, len(lines)) if lines[n][:1] not in ("", " ")), len(lines))
    while start and lines[start - 1].startswith((" ", "@", ")")):
        start -= 1
    (copy / TESTS).write_text("\n".join([*lines[:start], *lines[end:]]) + "\n")
    ran = qtest_run(copy, "--in-place", "--evaluations", "150")
    assert ran.code == 0, ran.whole
    rejected = [one for one in ran.module("shop.prices")["outcomes"] if one.get("stage") == "declined"]
    assert {one["reason"] for one in rejected} == {f"{gone['name']} was deleted, no reason was given"}
    now = json.loads((copy / "qtest-proof.json").read_text())
    assert [item["claims"] for item in now["declined"]] == [gone["claims"]]
    assert not {claim for file in now["files"] for test in file["tests"] for claim in test["claims"]} & set(
        gone["claims"]
    )


def _qtest(folder: Path, command: str, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "qtest", command, ".", *arguments],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout or done.stderr


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def _commit(folder: Path, subject: str) -> None:
    _git(folder, "add", "-A")
    _git(folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", subject)


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)

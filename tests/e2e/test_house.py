"""Tests that go into a module of tests which people wrote, and what becomes of them there."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PRICES = (Path(__file__).parents[1] / "samples" / "shop" / "prices.py").read_text()
TESTS = '''"""What a price is."""
from shop.prices import total


class TestTotal:
    def test_one(self) :
        assert total( 3, 1 ) == 3   # as I write it


if __name__ == "__main__":
    print("no tests are run by me")
'''


@pytest.fixture(scope="module")
def folder(project: Callable[..., Path], qtest_run: Callable[..., Any]) -> Path:
    files = {"shop/__init__.py": "", "shop/prices.py": PRICES, "tests/test_prices.py": TESTS}
    folder = project(files)
    ran = qtest_run(folder, "--in-place", "--evaluations", "150")
    assert ran.code == 0, ran.whole
    return folder


def test_they_stand_among_what_people_wrote_which_stays_as_it_is(folder: Path) -> None:
    text = (folder / "tests/test_prices.py").read_text()
    signs = iter(text)
    assert all(sign in signs for sign in TESTS)
    assert "class TestLabel:" in text and text.endswith(TESTS.partition("\n\n\nif")[2])
    assert [path.name for path in (folder / "tests").glob("*.py")] == ["test_prices.py"]
    assert _qtest(folder, "verify")[0] == 0


def test_those_of_a_function_that_is_gone_are_taken_out_and_nothing_else(folder: Path) -> None:
    text, source = (folder / "tests/test_prices.py").read_text(), folder / "shop/prices.py"
    source.write_text(PRICES.partition("\n\ndef label")[0])
    code, said = _qtest(folder, "maintain", "--write", "--json")
    assert code == 0, said
    assert {care["status"] for care in json.loads(said)["cares"]} == {"retired"}
    left = (folder / "tests/test_prices.py").read_text()
    assert "label" not in left and "Label" not in left
    lines = iter(text.splitlines())
    assert all(line in lines for line in left.splitlines() if not line.startswith("from "))
    signs = iter(left)
    assert all(sign in signs for sign in TESTS)


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


BASKET = """\
class Basket:
    def __init__(self, most=3):
        self.most = most
        self.things = []

    def put(self, thing):
        if len(self.things) >= self.most:
            raise ValueError("full")
        self.things.append(thing)
        return len(self.things)
"""
CONFTEST = """\
import pytest
from shop.basket import Basket


@pytest.fixture
def empty_basket():
    return Basket()
"""


def test_a_fixture_of_the_project_gives_what_a_test_would_make(
    project: Callable[..., Path], qtest_run: Callable[..., Any]
) -> None:
    folder = project({"shop/__init__.py": "", "shop/basket.py": BASKET, "tests/conftest.py": CONFTEST})
    (folder / "tests/test_most.py").write_text("def test_most(empty_basket):\n    assert empty_basket.most == 3\n")
    ran = qtest_run(folder, "--in-place", "--evaluations", "400")
    assert ran.code == 0, ran.whole
    assert "(empty_basket):" in (folder / "tests/test_basket.py").read_text()

"""Checkouts as they are found: four layouts, with suites that are red, of unittest, or set up for plugins that are not there."""

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Ran

pytestmark = pytest.mark.sandbox

FEES = '''"""Fees."""


def fee(amount: int, member: bool) -> int:
    if amount < 0:
        raise ValueError("amount is negative")
    if member:
        return amount // 10
    return amount // 5 + 1
'''
PYTEST = """from {module} import fee


def test_a_member_pays_a_tenth():
    assert fee(100, True) == 10
"""
UNITTEST = """import unittest

from shop.fees import fee


class FeeTest(unittest.TestCase):
    def setUp(self):
        self.amount = 100

    def test_a_member_pays_a_tenth(self):
        self.assertEqual(fee(self.amount, True), 10)


if __name__ == "__main__":
    unittest.main()
"""
RED = """from acme.shop.fees import fee


def test_a_member_pays_a_tenth():
    assert fee(100, True) == 10


def test_that_is_red():
    assert fee(100, False) == 0
"""
FOR_PLUGINS = """[project]
name = "shop"
version = "1"

[tool.pytest.ini_options]
addopts = "-n auto --cov=shop --cov-report=term-missing --strict-config --level=2"
asyncio_mode = "auto"
filterwarnings = ["error"]
"""
CONFTEST = """import pytest


def pytest_addoption(parser):
    parser.addoption("--level", default="1")


@pytest.fixture(autouse=True, scope="session")
def world():
    yield


@pytest.fixture(params=[10, 100])
def amount(request):
    return request.param
"""
WITH_FIXTURE = """from shop.fees import fee


def test_a_member_pays_a_tenth(amount):
    assert fee(amount, True) == amount // 10
"""
NAMED = '[project]\nname = "shop"\nversion = "1"\n'
CHECKOUTS: dict[str, dict[str, str]] = {
    "src, unittest": {
        "pyproject.toml": NAMED,
        "src/shop/__init__.py": "",
        "src/shop/fees.py": FEES,
        "tests/test_fees.py": UNITTEST,
    },
    "flat, options of plugins": {
        "pyproject.toml": FOR_PLUGINS,
        "shop/__init__.py": "",
        "shop/fees.py": FEES,
        "tests/conftest.py": CONFTEST,
        "tests/test_fees.py": WITH_FIXTURE,
    },
    "single file": {"fees.py": FEES, "test_fees.py": PYTEST.format(module="fees")},
    "namespace, red": {
        "pyproject.toml": NAMED,
        "acme/shop/fees.py": FEES,
        "tests/test_fees.py": RED,
        "tests/test_of_what_is_not_there.py": "import not_there_at_all\n",
    },
}
OWN = {"flat, options of plugins": 2, "single file": 1}  # tests that stand in the same file
NEW = {
    "src, unittest": "tests/test_fees_qtest.py",
    "flat, options of plugins": "tests/test_fees.py",
    "single file": "test_fees.py",
    "namespace, red": "tests/test_fees_qtest.py",
}


@pytest.fixture(scope="module")
def runs(
    project: Callable[[Mapping[str, str]], Path], qtest_run: "Callable[..., Ran]"
) -> "Iterator[dict[str, Future[Ran]]]":
    """Two at a time. The one with options gets its tests in place, where pytest finds those options."""

    def run(name: str) -> "Ran":
        where = ["--in-place"] if "options" in name else []
        return qtest_run(project(CHECKOUTS[name]), "--evaluations", "60", *where)

    with ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(run, name) for name in sorted(CHECKOUTS)}


@pytest.fixture(params=sorted(CHECKOUTS))
def ran(request: pytest.FixtureRequest, runs: "dict[str, Future[Ran]]") -> "tuple[str, Ran]":
    return request.param, runs[request.param].result()


def test_the_first_line_counts_what_the_own_suite_kills_and_what_is_new(ran: "tuple[str, Ran]") -> None:
    _, run = ran
    assert run.code == 0, run.whole
    first = run.said.splitlines()[0]
    found = re.fullmatch(r"your suite killed (\d+) of (\d+) mutants; (\d+) new tests? kills? (\d+) more", first)
    assert found, first
    (module,) = run.report["modules"]
    before, after = (
        sum(verdict["result"]["status"] == "killed" for verdict in module[when]) for when in ("before", "after")
    )
    assert (int(found[1]), int(found[4])) == (before, after)
    assert before > 0 < after
    assert int(found[2]) == len(module["before"])


def test_the_printed_command_runs_the_new_tests(ran: "tuple[str, Ran]", pasted: "Callable[[Ran], str]") -> None:
    name, run = ran
    count = re.search(r"; (\d+) new test", run.said)
    assert count
    assert f"{int(count[1]) + OWN.get(name, 0)} passed" in pasted(run)


def test_new_tests_lie_in_or_beside_the_own_ones_and_nothing_but_their_proof_is_added(ran: "tuple[str, Ran]") -> None:
    name, run = ran
    folder = run.out.parent / "project"
    top = folder if "options" in name else run.out
    assert (top / NEW[name]).is_file()
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    there = {path for path in there if "__pycache__" not in path and ".pytest_cache" not in path}
    assert there - set(CHECKOUTS[name]) == ({"qtest-proof.json"} if "options" in name else set())


def test_what_is_red_before_we_start_is_said(ran: "tuple[str, Ran]") -> None:
    name, run = ran
    said = [line for line in run.said.splitlines() if line.startswith("your suite as it is: ")]
    if "red" not in name:
        assert not said
        return
    (line,) = said
    assert "test_of_what_is_not_there.py: ModuleNotFoundError" in line
    assert "test_that_is_red" in line

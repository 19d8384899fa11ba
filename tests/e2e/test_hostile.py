"""A package whose modules do all they should not: each is told in one line, its good neighbours get their tests, nothing gets out."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Ran

pytestmark = pytest.mark.sandbox

NEVER = "\n\ndef never(number: int) -> int:\n    return number + 1\n"
ESCAPES = "\x1b[2J\x1b]0;owned\x07"
MODULES = {
    "good": """
def grade(points: int) -> str:
    if points >= 90:
        return "A"
    return "B"
""",
    "raises": f"""
for place in (OUT, "/tmp/qtest-escaped", "../qtest-escaped"):
    try:
        open(place, "w").close()
    except OSError:
        pass
raise RuntimeError({ESCAPES!r} + "not today"){NEVER}
""",
    "waits": f"import select\n\nselect.select([], [], []){NEVER}",
    "leaves": f'raise type("Leave", (SystemExit,), {{}})(3){NEVER}',
    "dies": f'import os\n\ngetattr(os, "_ex" + "it")(0){NEVER}',
    "ends": f"import os\n\nos._exit(0){NEVER}",
    "broken": "def never(number: int) -> int\n    return number +\n",
    "awkward": """
import os


class Unseen:
    def __repr__(self):
        raise RuntimeError({ESCAPES!r})

    def __eq__(self, other):
        raise RuntimeError("no comparison")

    def __reduce__(self):
        return os.system, ("touch " + OUT,)


def unseen(number: int) -> object:
    return Unseen() if number > 3 else number + 1


def spin(number: int) -> int:
    while True:
        number += 1


def half(number: int) -> int:
    return number // 2
""".replace("{ESCAPES!r}", repr(ESCAPES)),
    "greedy": """
import os

spawn = getattr(os, "fo" + "rk")
threading = __import__("thread" + "ing")


def forks(number: int) -> int:
    return spawn() + number


def threads(number: int) -> int:
    getattr(threading, "Thread")(target=getattr(threading, "Event")().wait).start()
    return number + 2


def writes(number: int) -> int:
    getattr(os, "op" + "en")(OUT, os.O_WRONLY | os.O_CREAT)
    return number + 3


def hoards(number: int) -> int:
    return len(bytearray(1 << 40)) + number
""",
    "loud": f"""
def shouts(number: int) -> int:
    print({ESCAPES!r} + "x" * 1_000_000)
    return number + 1
""",
}
SAID = {
    "raises": "importing it fails: RuntimeError: \\x1b[2J\\x1b]0;owned\\x07not today",
    "waits": "importing it does not end",
    "leaves": "importing it calls sys.exit(3)",
    "dies": "importing it ended the process (exit code 0)",
}


@pytest.fixture(scope="module")
def ran(project: Callable[[Mapping[str, str]], Path], qtest_run: "Callable[..., Ran]") -> "Ran":
    folder = project({"zoo/__init__.py": "", "pyproject.toml": '[project]\nname = "zoo"\nversion = "1"\n'})
    for name, text in MODULES.items():
        (folder / "zoo" / f"{name}.py").write_text(f"OUT = {str(folder.parent / 'escaped')!r}\n{text}")
    return qtest_run(folder, "--standalone", "--evaluations", "300")


def test_it_ends_well_and_without_a_traceback(ran: "Ran") -> None:
    assert ran.code == 0, ran.whole
    assert "Traceback" not in ran.whole
    assert not [outcome for module in ran.report["modules"] for outcome in module["outcomes"] if "detail" in outcome]


def test_nothing_steers_the_terminal(ran: "Ran") -> None:
    assert "\x1b" not in ran.whole
    assert "\x07" not in ran.whole


@pytest.mark.parametrize("name", sorted(SAID))
def test_a_module_that_cannot_be_imported_says_why(ran: "Ran", name: str) -> None:
    assert SAID[name] in ran.reasons(f"zoo.{name}")


def test_what_is_not_even_imported_is_said(ran: "Ran") -> None:
    assert "left out: zoo.ends: importing it is dangerous: ends the process: os._exit" in ran.said
    assert "problem: zoo/broken.py: line 2: expected ':'" in ran.said


@pytest.mark.parametrize(("name", "wanted"), [("good", {"grade"}), ("awkward", {"half", "unseen"})])
def test_good_neighbours_get_their_tests(ran: "Ran", name: str, wanted: set[str]) -> None:
    kept = {
        outcome["target"].rpartition(":")[2] for outcome in ran.module(f"zoo.{name}")["outcomes"] if "kills" in outcome
    }
    assert kept >= wanted


def test_the_tests_that_ship_pass_and_end(ran: "Ran", pasted: "Callable[[Ran], str]") -> None:
    assert " passed" in pasted(ran)


@pytest.mark.parametrize(
    ("module", "function", "why"),
    [
        ("awkward", "spin", "timeout"),
        ("greedy", "forks", "not allowed: os.fork"),
        ("greedy", "threads", "it leaves a thread running"),
        ("greedy", "writes", "not allowed: open"),
        ("loud", "shouts", "it prints"),
    ],
)
def test_a_function_that_cannot_be_tested_says_why(ran: "Ran", module: str, function: str, why: str) -> None:
    outcomes = ran.module(f"zoo.{module}")["outcomes"]
    (reason,) = [outcome["reason"] for outcome in outcomes if outcome.get("target") == f"zoo.{module}:{function}"]
    assert why in reason


def test_nothing_gets_out(ran: "Ran") -> None:
    top = ran.out.parent
    assert {path.name for path in top.iterdir()} - {".pytest_cache"} == {"project", "out"}
    assert not Path("/tmp/qtest-escaped").exists()
    assert {path.name for path in (top / "project").iterdir()} == {"zoo", "pyproject.toml"}

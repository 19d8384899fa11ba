"""When a bug between two releases counts as caught."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.regressions.judge import Seen, judge, word
from benchmarks.regressions.releases import Release
from benchmarks.regressions.reproduced import reproduced
from benchmarks.regressions.results import summary
from benchmarks.regressions.subjects import PAIRS, Pair

FIXED = "def double(x):\n    return 2 * x\n\ndef other(x):\n    return x + 1\n\nNEW = 1\n"
BUGGY = "def double(x):\n    return x ** 2\n\ndef other(x):\n    return x\n"
DOUBLE = Pair("m", "1", "2", "m", ("double",), "numbers", "squares", "from m import double\nassert double(3) == 6")
NAME = "test_m.py::test"


@dataclass(frozen=True)
class Here(Release):
    """Run by the Python that runs these tests."""

    @property
    def python(self) -> Path:
        return Path(sys.executable)


@pytest.fixture
def releases(tmp_path: Path) -> tuple[Here, Here]:
    made = []
    for name, text in (("fixed", FIXED), ("buggy", BUGGY)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "m.py").write_text(text, "utf-8")
        made.append(Here(tmp_path, tmp_path / name))
    return made[0], made[1]


def seen(ended: str, why: str = "assert 1 == 2", *, touched: bool = True, broken: bool = False) -> Seen:
    tests = {NAME: {"ended": ended, "why": why, "here": True, "touched": touched}}
    return Seen({} if broken else tests, ("test_m.py",) if broken else ())


@pytest.mark.parametrize(
    ("fixed", "buggy", "expected"),
    [
        (seen("passed"), seen("failed"), "caught"),
        (seen("passed"), seen("passed"), "touched, not caught"),
        (seen("passed"), seen("left out"), "touched, not caught"),
        (seen("passed", touched=False), seen("failed"), "not touched"),
        (seen("passed"), seen("", broken=True), "at import"),
        (seen("passed", touched=False), seen("", broken=True), "not touched"),
        (seen("failed"), seen("failed"), "no output"),
        (seen("passed"), seen("failed", "TypeError: f() takes 1 positional argument but 2 were given"), "by a name"),
        (seen("passed"), seen("failed", "AttributeError: module 'm' has no attribute 'f'"), "by a name"),
        (seen("passed"), seen("failed", "AttributeError: 'NoneType' object has no attribute 'f'"), "caught"),
        (seen("passed"), seen("failed", "TypeError: 'NoneType' object is not subscriptable"), "caught"),
    ],
)
def test_a_bug_is_caught_by_a_failure_in_a_test_that_enters_what_was_mended(
    fixed: Seen, buggy: Seen, expected: str
) -> None:
    assert word([fixed, fixed], [buggy, buggy]).word == expected


def test_a_test_that_fails_in_one_of_two_processes_catches_nothing() -> None:
    found = word([seen("passed")] * 2, [seen("failed"), seen("passed")])
    assert (found.word, found.caught_by) == ("touched, not caught", ())


def test_a_test_that_is_red_on_the_fixed_release_catches_nothing() -> None:
    assert word([seen("passed"), seen("failed")], [seen("failed")] * 2).word == "no output"


def test_a_run_that_does_not_end_catches_nothing() -> None:
    found = word([seen("passed")] * 2, [Seen({}, (), "its tests do not end with m-1")] * 2)
    assert (found.word, found.problem) == ("touched, not caught", "its tests do not end with m-1")


def test_nothing_written_is_no_output(releases: tuple[Here, Here]) -> None:
    assert judge({}, DOUBLE, *releases).word == "no output"


def test_what_real_runs_tell_apart_is_told_by_where_it_was(releases: tuple[Here, Here]) -> None:
    text = (
        "from m import double, other\n"
        "def test_blind():\n    assert double(2) == 4\n"
        "def test_sharp():\n    assert double(3) == 6\n"
        "def test_other():\n    assert other(1) == 2\n"
        "def test_red():\n    assert double(1) == 3\n"
    )
    found = judge({"test_m.py": text}, DOUBLE, *releases)
    assert (found.word, found.green, found.red, found.touching) == ("caught", 3, 1, 2)
    assert [name for name, _ in found.caught_by] == ["test_m.py::test_sharp"]
    assert found.elsewhere == ("test_m.py::test_other",)


def test_a_name_that_only_the_fixed_release_has_catches_nothing_when_the_tests_import_it(
    releases: tuple[Here, Here],
) -> None:
    text = "from m import NEW, double\ndef test_it():\n    assert double(2 * NEW) == 4\n"
    assert judge({"test_m.py": text}, DOUBLE, *releases).word == "at import"


def test_such_a_name_catches_nothing_in_the_middle_of_a_test(releases: tuple[Here, Here]) -> None:
    text = "import m\ndef test_it():\n    assert m.double(2 * m.NEW) == 4\n"
    assert judge({"test_m.py": text}, DOUBLE, *releases).word == "by a name"


def test_a_pair_must_fail_in_the_buggy_release_alone(releases: tuple[Here, Here]) -> None:
    reproduced(DOUBLE, *releases)
    with pytest.raises(RuntimeError, match="ends with 0 in 1 and 1 in 2"):
        reproduced(DOUBLE, *reversed(releases))


def test_the_rate_is_of_the_pairs_that_were_asked_and_what_wrote_nothing_is_a_miss() -> None:
    rows = [{"tool": "qtest", "given": "9 s", "seed": 0, "word": said} for said in ("caught", "no output")]
    assert next(summary(rows)).startswith("- qtest, 9 s, seed 0: 1 of 2 caught, 50 %, of ")


def test_no_two_pairs_are_the_same_bug() -> None:
    assert len({(pair.name, pair.changed) for pair in PAIRS}) == len(PAIRS)

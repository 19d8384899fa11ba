"""What two cold runs say about a mutant."""

import pytest

from qtest.languages.python.mutate import mutate
from qtest.mutation.replayed import Seen, compared, seen
from qtest.records.baseline import SuiteRun, TestCoverage
from qtest.records.mutant import (
    Failing,
    Inconclusive,
    Killed,
    MutantResult,
    NoCoverage,
    Survived,
    TimedOut,
    Verdict,
)

MUTANT = next(one for one in mutate("def f(a):\n    return a + 1\n", "m.py", "m") if not one.control)


def ran(**outcomes: str) -> SuiteRun:
    tests = tuple(
        TestCoverage.model_validate({"node": node, "outcome": outcome, "reason": "AssertionError: no"})
        for node, outcome in outcomes.items()
    )
    return SuiteRun(tests=tests, complete=True)


GREEN = ran(a="passed", b="passed")
HUNG = SuiteRun(problem="it did not end within 60 s")
BROKEN_IMPORT = SuiteRun(problem="t.py: KeyError: 1", uncollected=("t.py: KeyError: 1",))


def test_a_test_that_fails_on_the_mutant_alone_kills_it() -> None:
    assert seen(GREEN, ran(a="passed", b="failed")) == Seen("killed", "b: AssertionError: no")


def test_a_test_of_another_name_stands_for_those_of_its_function() -> None:
    original = ran(**{"t[1]": "passed", "t[2]": "passed"})
    assert seen(original, ran(**{"t[1]": "passed", "t[3]": "failed"})) == Seen("killed", "t[3]: AssertionError: no")
    assert seen(original, ran(**{"t[1]": "passed", "t[3]": "passed"})).end == "not killed"
    assert seen(original, ran(**{"t[1]": "passed"})).end == "unclear"


def test_a_test_that_fails_without_the_mutant_too_kills_nothing() -> None:
    red = ran(a="passed", b="failed")
    assert seen(red, red).end == "not killed"


@pytest.mark.parametrize(
    "mutated",
    [
        HUNG,
        SuiteRun(problem="the run ended with signal 9 and no record"),
        SuiteRun(problem="it ran out of memory"),
        SuiteRun(tests=GREEN.tests, problem="the run ended before all tests had"),
        ran(a="passed"),
    ],
    ids=["hang", "signal", "memory", "half", "a test is missing"],
)
def test_a_run_that_does_not_come_to_its_end_is_no_kill(mutated: SuiteRun) -> None:
    assert seen(GREEN, mutated).end == "unclear"


def test_memory_that_ran_out_in_a_test_is_no_kill() -> None:
    test = TestCoverage(node="a", outcome="failed", reason="MemoryError: ")
    assert seen(ran(a="passed"), SuiteRun(tests=(test,), complete=True)).end == "unclear"


def test_tests_that_can_no_longer_be_imported_kill() -> None:
    assert seen(GREEN, BROKEN_IMPORT) == Seen("killed", "t.py: KeyError: 1")


def test_a_file_that_could_not_be_imported_before_kills_nothing() -> None:
    before = GREEN.model_copy(update={"uncollected": BROKEN_IMPORT.uncollected})
    assert seen(before, before).end == "not killed"


@pytest.mark.parametrize("original", [HUNG, SuiteRun(complete=True)])
def test_an_original_that_does_not_run_says_nothing(original: SuiteRun) -> None:
    assert seen(original, ran(a="failed")).end == "unclear"


KILLED = Killed(by=("a",), first=Failing(node="a", phase="call", kind="assertion"))


@pytest.mark.parametrize(
    ("result", "end", "how"),
    [
        (KILLED, "killed", "agrees"),
        (KILLED, "not killed", "disagrees"),
        (KILLED, "unclear", "not confirmed"),
        (Survived(tests=1), "killed", "disagrees"),
        (Survived(tests=1), "not killed", "agrees"),
        (Survived(tests=1), "unclear", "not confirmed"),
        (NoCoverage(), "killed", "disagrees"),
        (NoCoverage(), "not killed", "agrees"),
        (TimedOut(limit="cpu"), "unclear", "agrees"),
        (TimedOut(limit="cpu"), "not killed", "nothing to compare"),
        (Inconclusive(reason="memory"), "killed", "nothing to compare"),
    ],
)
def test_a_replay_is_held_against_what_was_recorded(result: MutantResult, end: str, how: str) -> None:
    verdict = Verdict(id="v", mutant=MUTANT, suite="existing", result=result)
    assert compared(verdict, Seen(end)) == how  # type: ignore[arg-type]

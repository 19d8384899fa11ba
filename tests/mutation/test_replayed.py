"""What two cold runs say about a mutant."""

from dataclasses import FrozenInstanceError

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
    Refused,
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


def test_what_was_seen_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        seen(GREEN, GREEN).why = ""  # type: ignore[misc]


def test_a_test_of_another_name_stands_for_those_of_its_function() -> None:
    original = ran(**{"t[1]": "passed", "t[2]": "passed"})
    assert seen(original, ran(**{"t[1]": "passed", "t[3]": "failed"})) == Seen("killed", "t[3]: AssertionError: no")
    assert seen(original, ran(**{"t[1]": "passed", "t[3]": "passed"})).end == "not killed"
    assert seen(original, ran(**{"t[1]": "passed"})).end == "unclear"


def test_a_test_that_fails_without_the_mutant_too_kills_nothing() -> None:
    red = ran(a="passed", b="failed")
    assert seen(red, red) == Seen("not killed", "")


@pytest.mark.parametrize(
    ("mutated", "why"),
    [
        (HUNG, "it did not end within 60 s"),
        (SuiteRun(problem="the run ended with signal 9 and no record"), "the run ended with signal 9 and no record"),
        (SuiteRun(problem="it ran out of memory"), "it ran out of memory"),
        (
            SuiteRun(tests=GREEN.tests, problem="the run ended before all tests had"),
            "the run ended before all tests had",
        ),
        (ran(a="passed"), "b was not run on the mutant"),
    ],
    ids=["hang", "signal", "memory", "half", "a test is missing"],
)
def test_a_run_that_does_not_come_to_its_end_is_no_kill(mutated: SuiteRun, why: str) -> None:
    assert seen(GREEN, mutated) == Seen("unclear", why)


def test_memory_that_ran_out_in_a_test_is_no_kill() -> None:
    test = TestCoverage(node="a", outcome="failed", reason="MemoryError: ")
    mutated = SuiteRun(tests=(test,), complete=True)
    assert seen(ran(a="passed"), mutated) == Seen("unclear", "a ran out of memory")


def test_memory_that_ran_out_while_tests_were_imported_is_no_kill() -> None:
    mutated = SuiteRun(problem="no tests", uncollected=("t.py: MemoryError: 1",))
    assert seen(GREEN, mutated) == Seen("unclear", "t.py ran out of memory")


def test_tests_that_can_no_longer_be_imported_kill() -> None:
    assert seen(GREEN, BROKEN_IMPORT) == Seen("killed", "t.py: KeyError: 1")


def test_a_file_that_could_not_be_imported_before_kills_nothing() -> None:
    before = BROKEN_IMPORT.model_copy(update={"tests": GREEN.tests})
    assert seen(before, before).end == "not killed"


def test_files_that_cannot_be_imported_do_not_excuse_that_nothing_ran() -> None:
    before = BROKEN_IMPORT.model_copy(update={"tests": GREEN.tests})
    assert seen(before, BROKEN_IMPORT) == Seen("unclear", BROKEN_IMPORT.problem)


@pytest.mark.parametrize(
    ("original", "why"),
    [
        (HUNG, "it did not end within 60 s"),
        (SuiteRun(complete=True), "no test was run"),
        (SuiteRun(tests=GREEN.tests, problem="it hung"), "on the original: it hung"),
    ],
    ids=["hang", "empty", "half"],
)
def test_an_original_that_does_not_run_says_nothing(original: SuiteRun, why: str) -> None:
    assert seen(original, ran(a="failed")) == Seen("unclear", why)


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
        (Refused(message="no"), "killed", "nothing to compare"),
        (Refused(message="no"), "not killed", "nothing to compare"),
    ],
)
def test_a_replay_is_held_against_what_was_recorded(result: MutantResult, end: str, how: str) -> None:
    verdict = Verdict(id="v", mutant=MUTANT, suite="existing", result=result)
    assert compared(verdict, Seen(end)) == how  # type: ignore[arg-type]

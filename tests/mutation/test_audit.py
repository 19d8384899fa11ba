"""What a cold run says of a verdict."""

from collections import Counter

import pytest

from qtest.languages.python.mutate import mutate
from qtest.mutation.audit import Audited, audited, confirmed, drawn, matrix
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

TEXT = "".join(f"def f{number}(a):\n    return a + {number}\n\n\n" for number in range(12))
MUTANTS = [mutant for mutant in mutate(TEXT, "m.py", "m") if not mutant.control]
KILLED = Killed(by=("t::a",), first=Failing(node="t::a", phase="call", kind="assertion"))
SURVIVED = Survived(tests=1)
RESULTS: dict[str, MutantResult] = {
    "killed": KILLED,
    "survived": SURVIVED,
    "no coverage": NoCoverage(),
    "timed out": TimedOut(limit="cpu"),
    "inconclusive": Inconclusive(reason="ended by signal 9"),
}


def verdict(status: str = "killed", number: int = 0, how: str = "swap") -> Verdict:
    return Verdict.model_validate(
        {"id": f"v{number}", "mutant": MUTANTS[number], "suite": "existing", "result": RESULTS[status], "how": how}
    )


def suite(*outcomes: str, node: str = "t::a", reason: str = "AssertionError: no") -> SuiteRun:
    """A whole run of one test for each outcome, the first of them `node`."""
    names = (node, "t::b", "t::c")
    return SuiteRun(
        tests=tuple(
            TestCoverage.model_validate(
                {"node": name, "outcome": outcome, "reason": reason if outcome in ("failed", "error") else ""}
            )
            for name, outcome in zip(names, outcomes, strict=False)
        ),
        complete=True,
    )


def named(*tests: tuple[str, str]) -> SuiteRun:
    return SuiteRun(
        tests=tuple(TestCoverage.model_validate({"node": node, "outcome": outcome}) for node, outcome in tests),
        complete=True,
    )


GREEN = suite("passed", "passed")


def said(original: SuiteRun, mutated: SuiteRun) -> tuple[str, str]:
    found = audited(verdict(), original, mutated)
    return found.status, found.reason


def test_a_test_that_fails_on_the_mutant_alone_kills_it() -> None:
    assert said(GREEN, suite("passed", "failed")) == ("killed", "t::b: AssertionError: no")


def test_an_error_of_a_fixture_kills_as_a_failure_does() -> None:
    assert said(GREEN, suite("error", "failed")) == ("killed", "t::a: AssertionError: no")


def test_a_whole_run_without_a_failure_is_survival() -> None:
    assert said(GREEN, GREEN) == ("survived", "")


def test_the_verdict_that_was_looked_at_stands_in_the_answer() -> None:
    for mutated in (
        GREEN,
        suite("failed"),
        suite("failed", reason="MemoryError: x"),
        SuiteRun(),
        SuiteRun(uncollected=("t",)),
    ):
        assert audited(verdict(), GREEN, mutated).verdict == verdict()
    assert audited(verdict(), GREEN, GREEN.model_copy(update={"uncollected": ("t",)})).verdict == verdict()


@pytest.mark.parametrize("outcome", ["xfailed", "xpassed"])
def test_a_test_that_is_expected_to_fail_counts_as_passing(outcome: str) -> None:
    assert said(suite(outcome), suite("failed"))[0] == "killed"


@pytest.mark.parametrize("outcome", ["failed", "error", "skipped"])
def test_a_test_that_does_not_pass_on_the_original_kills_nothing(outcome: str) -> None:
    assert said(suite(outcome, "passed"), suite("failed", "passed")) == ("survived", "")


def test_a_test_that_the_original_does_not_have_kills_nothing() -> None:
    assert said(GREEN, named(("t::new", "failed"))) == ("survived", "")


def test_a_name_that_only_one_process_gave_is_judged_by_all_tests_of_its_function() -> None:
    mutated = named(("t::f[0x2]", "failed"))
    assert said(named(("t::f[0x1]", "passed"), ("t::f[0x3]", "skipped")), mutated)[0] == "killed"
    assert said(named(("t::f[0x1]", "passed"), ("t::f[0x3]", "failed")), mutated)[0] == "survived"
    assert said(named(("t::g[0x2]", "passed")), mutated)[0] == "survived"


def test_the_function_of_a_name_ends_at_its_first_bracket() -> None:
    mutated = named(("t::f[a[2]]", "failed"))
    assert said(named(("t::f[a[1]]", "passed")), mutated)[0] == "killed"


def test_a_name_that_is_on_both_sides_is_judged_by_itself() -> None:
    original = named(("t::f[1]", "passed"), ("t::f[2]", "failed"))
    assert said(original, named(("t::f[1]", "failed")))[0] == "killed"
    assert said(original, named(("t::f[2]", "failed")))[0] == "survived"


def test_a_run_that_hangs_or_dies_proves_nothing_whatever_failed_in_it() -> None:
    hung = suite("failed").model_copy(update={"complete": False, "problem": "hit its time limit"})
    assert said(GREEN, hung) == ("unclear", "hit its time limit")


def test_a_run_without_tests_that_says_no_more_proves_nothing() -> None:
    assert said(GREEN, SuiteRun(problem="ended by signal 11")) == ("unclear", "ended by signal 11")


def test_want_of_memory_proves_nothing() -> None:
    assert said(GREEN, suite("failed", reason="MemoryError: x")) == ("unclear", "t::a: MemoryError: x")


def test_a_failure_beside_one_for_want_of_memory_kills() -> None:
    mutated = SuiteRun(
        tests=(
            TestCoverage(node="t::a", outcome="failed", reason="MemoryError"),
            TestCoverage(node="t::b", outcome="failed", reason="assert 1 == 2"),
        ),
        complete=True,
    )
    assert said(GREEN, mutated) == ("killed", "t::b: assert 1 == 2")


def test_what_no_longer_can_be_imported_is_killed() -> None:
    nothing = SuiteRun(uncollected=("t.py: ImportError", "u.py: ImportError"), problem="nothing was collected")
    assert said(GREEN, nothing) == ("killed", "t.py: ImportError")
    some = suite("passed").model_copy(update={"uncollected": ("t.py: ImportError", "u.py: ImportError")})
    assert said(GREEN, some) == ("killed", "t.py: ImportError")


def test_what_the_original_could_not_import_either_is_no_kill() -> None:
    broken = {"uncollected": ("t.py: ImportError",)}
    assert said(GREEN.model_copy(update=broken), GREEN.model_copy(update=broken)) == ("survived", "")


def test_a_pytest_that_cannot_start_on_the_mutant_is_a_kill() -> None:
    problem = "pytest could not start: ImportError"
    assert said(GREEN, SuiteRun(problem=problem)) == ("killed", problem)


def test_a_run_that_had_begun_its_tests_and_broke_off_is_no_kill_by_import() -> None:
    broken = suite("passed").model_copy(update={"complete": False, "problem": "died", "uncollected": ("t.py: no",)})
    assert said(GREEN, broken) == ("unclear", "died")


@pytest.mark.parametrize(
    ("recorded", "cold", "disagrees"),
    [
        ("killed", "survived", True),
        ("survived", "killed", True),
        ("no coverage", "killed", True),
        ("killed", "killed", False),
        ("survived", "survived", False),
        ("no coverage", "survived", False),
        ("killed", "unclear", False),
        ("survived", "unclear", False),
        ("timed out", "killed", False),
        ("inconclusive", "survived", False),
    ],
)
def test_only_two_clear_words_can_disagree(recorded: str, cold: str, disagrees: bool) -> None:
    found = Audited(verdict(recorded), cold, "")  # type: ignore[arg-type]
    assert found.disagrees is disagrees


def test_what_both_runs_say_stands_as_the_first_said_it() -> None:
    first, again = Audited(verdict(), "killed", "one"), Audited(verdict(), "killed", "two")
    assert confirmed(first, again) == first


def test_what_only_one_of_two_runs_says_is_unclear() -> None:
    found = confirmed(Audited(verdict(), "killed", "one"), Audited(verdict(), "survived", ""))
    assert found == Audited(verdict(), "unclear", "two cold runs differ: killed, then survived")


def test_the_matrix_counts_recorded_by_cold_in_a_fixed_order_and_leaves_out_what_was_not_recorded() -> None:
    found = [
        Audited(verdict("inconclusive"), "unclear", ""),
        Audited(verdict("survived"), "killed", ""),
        Audited(verdict("survived"), "survived", ""),
        Audited(verdict("killed"), "killed", ""),
        Audited(verdict("killed"), "killed", ""),
    ]
    assert matrix(found) == [
        ("recorded", "cold: killed", "cold: survived", "cold: unclear"),
        ("killed", "2", "0", "0"),
        ("survived", "1", "1", "0"),
        ("inconclusive", "0", "0", "1"),
    ]


def test_the_matrix_has_a_line_for_every_status() -> None:
    assert [line[0] for line in matrix([Audited(verdict(status), "unclear", "") for status in RESULTS])][1:] == list(
        RESULTS
    )


# --- drawing ------------------------------------------------------------------------------------------------------------

MANY = [verdict("killed", number) for number in range(8)]
RARE = [verdict("survived", 8), verdict("killed", 9, how="fresh import")]


def test_rare_statuses_and_ways_are_in_a_small_sample() -> None:
    chosen = drawn([*MANY, *RARE], 3, "s")
    assert {one.id for one in RARE} < {one.id for one in chosen}
    assert len(chosen) == 3


def test_a_sample_is_no_larger_than_asked_and_holds_nothing_twice() -> None:
    for most in range(11):
        chosen = drawn([*MANY, *RARE], most, "s")
        assert len({one.id for one in chosen}) == len(chosen) == most


def test_a_sample_larger_than_all_is_all() -> None:
    assert Counter(drawn([*MANY, *RARE], 99, "s")) == Counter([*MANY, *RARE])


def test_what_no_test_was_asked_about_is_not_drawn_and_what_comes_after_it_is() -> None:
    refused = verdict().model_copy(update={"id": "refused", "result": Refused(message="no such type")})
    assert Counter(drawn([refused, *MANY, *RARE], 99, "s")) == Counter([*MANY, *RARE])


def test_of_nothing_nothing_is_drawn() -> None:
    assert drawn([], 5, "s") == ()


def test_the_same_seed_draws_the_same_and_another_draws_another() -> None:
    assert drawn(MANY, 4, "s") == drawn(iter(MANY), 4, "s")
    assert len({drawn(MANY, 4, str(seed)) for seed in range(9)}) > 1


def test_a_draw_does_not_depend_on_which_status_came_first() -> None:
    assert drawn([*MANY, *RARE], 10, "s") == drawn([*RARE, *MANY], 10, "s")


def test_every_verdict_of_a_group_can_be_drawn() -> None:
    assert {drawn(MANY, 1, str(seed))[0].id for seed in range(200)} == {one.id for one in MANY}

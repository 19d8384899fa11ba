"""What keeps a result from being called green."""

from qtest.languages.python.mutate import mutate
from qtest.mutation.green import NONE_MADE, NONE_RUN, red, unproven
from qtest.records.baseline import ProjectBaseline, Suite, TestCoverage
from qtest.records.mutant import MutantResult, NoCoverage, Survived, Verdict

MUTANT = mutate("def f(a):\n    return a + 1\n", "m.py", "m")[0]


def verdict(result: MutantResult) -> Verdict:
    return Verdict(id="v", mutant=MUTANT, suite="existing", result=result)


RUN, NOT_RUN = verdict(Survived(tests=1)), verdict(NoCoverage())


def ground(problem: str = "", **more: object) -> ProjectBaseline:
    given = {"project": "", "command": (), "runs": 3, "green_runs": 3, "usable": ("t::a",)} | more
    return ProjectBaseline(setting=None, suite=Suite.model_validate(given), problem=problem)


EMPTY: dict[str, object] = {"usable": (), "green_runs": 0, "runs": 0}
FLAKY: dict[str, object] = {"green_runs": 2, "reason": "t::a failed once"}
UNFIT: dict[str, object] = {
    "unusable": (TestCoverage(node="t::b", outcome="failed"),), "reason": "t::b fails",
}  # fmt: skip


def told(*grounds: ProjectBaseline, allow_red: bool = False) -> str:
    return red(grounds, [RUN], allow_red=allow_red)


def test_a_green_suite_that_runs_a_mutant_is_green() -> None:
    assert told(ground()) == ""


def test_a_project_that_cannot_be_worked_on_is_told_whatever_the_others_say() -> None:
    assert told(ground(), ground("no interpreter"), ground("no pytest")) == "no interpreter"
    assert told(ground("no interpreter"), allow_red=True) == "no interpreter"


def test_where_there_is_no_project_that_is_said() -> None:
    assert told() == "there is no project here that we can test"


def test_where_no_project_has_a_test_the_first_reason_is_given() -> None:
    assert (
        told(ground(**EMPTY), ground(**EMPTY, reason="all skipped"), ground(**EMPTY, reason="other")) == "all skipped"
    )


def test_without_a_test_and_without_a_reason_it_is_said_that_there_are_no_tests() -> None:
    assert told(ground(**EMPTY)) == "there are no tests"


def test_a_project_without_tests_beside_one_with_them_is_no_harm() -> None:
    assert told(ground(**EMPTY), ground()) == ""


def test_a_suite_that_is_not_green_every_time_is_red() -> None:
    said = "the suite is not green without any mutant: t::a failed once; --allow-red judges by the tests that pass"
    assert told(ground(), ground(**FLAKY)) == said


def test_a_suite_with_a_test_that_cannot_judge_is_red() -> None:
    said = "the suite is not green without any mutant: t::b fails; --allow-red judges by the tests that pass"
    assert told(ground(**UNFIT)) == said


def test_an_unfit_suite_judges_when_that_was_allowed() -> None:
    assert told(ground(**UNFIT), allow_red=True) == told(ground(**FLAKY), allow_red=True) == ""


def test_a_green_suite_without_a_mutant_it_runs_is_red() -> None:
    assert red([ground()], [], allow_red=False) == NONE_MADE
    assert red([ground()], [NOT_RUN], allow_red=True) == NONE_RUN


def test_one_mutant_that_is_run_is_enough_to_say_something() -> None:
    assert unproven([NOT_RUN, RUN]) == ""


def test_what_was_not_proven_is_told_in_a_line() -> None:
    assert unproven([]) == "no mutant could be made of the code that was asked for"
    assert unproven([NOT_RUN, NOT_RUN]) == "no test runs any of the mutated code"

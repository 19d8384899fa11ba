"""Own tests that are too slow to be run for every mutant."""

from qtest.measure.pace import within
from qtest.records.baseline import ProjectBaseline, Suite, SuiteRun, TestCoverage


def ground(**seconds: float) -> ProjectBaseline:
    tests = tuple(TestCoverage(node=node, outcome="passed", wall_s=wall_s) for node, wall_s in seconds.items())
    suite = Suite(project="", command=(), usable=tuple(seconds), measured=SuiteRun(tests=tests, complete=True))
    return ProjectBaseline(setting=None, suite=suite)


def test_a_slow_test_is_left_aside_and_said() -> None:
    suite = within(ground(quick=0.1, slow=5.0), 60).suite
    assert (suite.usable, [test.node for test in suite.unusable]) == (("quick",), ["slow"])
    assert "slow with 5.0 s" in suite.reason


def test_a_larger_budget_lets_it_judge() -> None:
    given = ground(quick=0.1, slow=5.0)
    assert within(given, 600) == given


def test_without_a_bound_in_time_all_judge() -> None:
    given = ground(slow=500.0)
    assert within(given, None) == given


def test_what_else_was_wrong_is_still_said() -> None:
    given = ground(slow=5.0)
    given = given.model_copy(update={"suite": given.suite.model_copy(update={"reason": "one is red"})})
    assert within(given, 60).suite.reason.startswith("one is red; ")

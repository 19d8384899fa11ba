"""Which of the project's own tests are quick enough to judge mutants within a budget: each is run again for every mutant it reaches."""

from qtest.records.baseline import ProjectBaseline, TestCoverage

LEAST_S = 1.0  # any test may take as long
PART = 1 / 60  # of the budget


def within(ground: ProjectBaseline, budget_s: float | None) -> ProjectBaseline:
    """Slower ones are left aside, and said: what only they kill counts as alive."""
    most_s = float("inf") if budget_s is None else max(LEAST_S, PART * budget_s)
    suite = ground.suite
    usable = set(suite.usable)
    slow = tuple(test for test in suite.measured.tests if test.node in usable and test.wall_s > most_s)
    if not slow:
        return ground
    aside = {test.node for test in slow}
    suite = suite.model_copy(
        update={
            "usable": tuple(node for node in suite.usable if node not in aside),
            "unusable": (*suite.unusable, *(test.model_copy(update={"lines": ()}) for test in slow)),
            "reason": "; ".join(filter(None, (suite.reason, _said(slow, most_s)))),
        }
    )
    return ground.model_copy(update={"suite": suite})


def _said(slow: tuple[TestCoverage, ...], most_s: float) -> str:
    first = max(slow, key=lambda test: test.wall_s)
    return (
        f"too slow to judge mutants within this budget, at most {most_s:.1f} s a test, and left aside: {len(slow)}, "
        f"{first.node} with {first.wall_s:.1f} s first"
    )

"""Why a result may not be called green, whatever its score."""

from collections.abc import Sequence

from qtest.records.baseline import ProjectBaseline
from qtest.records.mutant import NoCoverage, Refused, Verdict

NONE_MADE = "no mutant could be made of the code that was asked for"
NONE_RUN = "no test runs any of the mutated code"


def red(grounds: Sequence[ProjectBaseline], verdicts: Sequence[Verdict], *, allow_red: bool) -> str:
    """Why the result may not be called green: nothing was proven, or not by the whole suite. Empty when it may."""
    problem = next((ground.problem for ground in grounds if ground.problem), "")
    if problem:
        return problem
    suites = [ground.suite for ground in grounds]
    if not suites:
        return "there is no project here that we can test"
    if all(suite.empty for suite in suites):
        return next((suite.reason for suite in suites if suite.reason), "there are no tests")
    unfit = next((suite.reason for suite in suites if suite.unusable or suite.green_runs < suite.runs), "")
    if unfit and not allow_red:
        return f"the suite is not green without any mutant: {unfit}; --allow-red judges by the tests that pass"
    return unproven(verdicts)


def unproven(verdicts: Sequence[Verdict]) -> str:
    """Why verdicts say nothing; empty when they do."""
    if not verdicts:
        return NONE_MADE
    return NONE_RUN if all(isinstance(item.result, NoCoverage | Refused) for item in verdicts) else ""

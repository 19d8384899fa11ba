"""What a run was narrowed to."""

from qtest.config import recalled
from qtest.errors import UsageError
from qtest.plan.concern import LEFT_OUT
from qtest.records.report import RunReport

_LONGEST = 120


def concern_line(report: RunReport) -> str:
    """Empty where the run was about everything. Mutants of the code that is left alone are in the score, as they live."""
    try:
        words = recalled(report.settings).target.concern
    except (UsageError, ValueError):
        return ""
    if not words:
        return ""
    alone = sum(item.reason == LEFT_OUT for item in report.left_out)
    shown = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
    return f"{shown}: targets that it is not about, {alone} of them, were left alone with their mutants"

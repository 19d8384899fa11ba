"""Nothing that costs money is asked before a person has agreed to it."""

import sys

from qtest.completers import estimate
from qtest.config import LlmSettings
from qtest.errors import UsageError


def ask(settings: LlmSettings, agreed: bool) -> None:
    """Shows what a run may cost at most. Raises UsageError where that is not agreed to."""
    cost = estimate(settings)
    if not cost:
        return
    if agreed:
        print(cost, file=sys.stderr)
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{cost}; --yes agrees to it, --llm-budget sets another limit")
    print(f"{cost}. Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("not agreed to; no model was asked")

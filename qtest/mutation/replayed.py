"""What two cold runs of a suite, on the original and on a mutant, say about the mutant."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from qtest.records.baseline import SuiteRun
from qtest.records.mutant import Inconclusive, Killed, Refused, TimedOut, Verdict

_GOOD = ("passed", "xfailed", "xpassed")


@dataclass(frozen=True)
class Seen:
    """`why` names the test or the reason."""

    end: Literal["killed", "not killed", "unclear"]
    why: str = ""


def seen(original: SuiteRun, mutated: SuiteRun) -> Seen:
    """Killed only by a test that passes on the original and fails on the mutant, or by a file of tests that cannot be imported any
    more. A run that hangs, dies or runs out of memory is no kill, here as anywhere."""
    if not original.tests:
        return Seen("unclear", original.problem or "no test was run")
    if not original.complete and not original.uncollected:
        return Seen("unclear", f"on the original: {original.problem}")
    fresh = [test for test in mutated.failing if passes(test.node, original)]
    if fresh:
        return _failed(fresh[0].node, fresh[0].reason)
    lost = [text for text in mutated.uncollected if text not in original.uncollected]
    if lost:
        return _failed(*lost[0].partition(": ")[::2])
    if not mutated.complete and not (mutated.uncollected and mutated.tests):
        return Seen("unclear", mutated.problem)
    before, now = (Counter(function(test.node) for test in run.tests) for run in (original, mutated))
    missing = [name for name, count in before.items() if now[name] < count]
    if missing:
        return Seen("unclear", f"{missing[0]} was not run on the mutant")
    return Seen("not killed")


def passes(node: str, original: SuiteRun) -> bool:
    """On the original; of a name that only this process or this mutant gave, all tests of its function."""
    alike = [test for test in original.tests if test.node == node] or [
        test for test in original.tests if function(test.node) == function(node)
    ]
    return any(test.outcome in _GOOD for test in alike) and all(test.outcome in (*_GOOD, "skipped") for test in alike)


def function(node: str) -> str:
    """The test without its parameters."""
    return node.partition("[")[0]


def compared(verdict: Verdict, found: Seen) -> Literal["agrees", "disagrees", "not confirmed", "nothing to compare"]:
    """What has no clear end, or was never run, claims nothing; and a limit is another one in a cold run."""
    if isinstance(verdict.result, Refused):
        return "nothing to compare"
    if isinstance(verdict.result, TimedOut | Inconclusive):
        return "agrees" if found.end == "unclear" else "nothing to compare"
    if found.end == "unclear":
        return "not confirmed"
    return "agrees" if (found.end == "killed") == isinstance(verdict.result, Killed) else "disagrees"


def _failed(node: str, reason: str) -> Seen:
    if "MemoryError" in reason:
        return Seen("unclear", f"{node} ran out of memory")
    return Seen("killed", f"{node}: {reason}")

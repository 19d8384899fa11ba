"""What each test is worth, when every one was asked about every mutant."""

from collections import Counter
from collections.abc import Iterable, Sequence

from qtest.records.mutant import Killed, Verdict
from qtest.records.mutation import IdleTests


def idle(tests: Sequence[str], verdicts: Iterable[Verdict]) -> IdleTests:
    """A mutant is a test's own when no other kills it. What dies while it is imported is nobody's: no test looked at it."""
    kills: Counter[str] = Counter()
    own: Counter[str] = Counter()
    for verdict in verdicts:
        if isinstance(verdict.result, Killed) and verdict.result.first.kind != "import":
            by = verdict.result.by
            kills.update(by)
            own.update(by if len(by) == 1 else ())
    return IdleTests(
        nothing=tuple(node for node in tests if not kills[node]),
        nothing_own=tuple(node for node in tests if kills[node] and not own[node]),
    )

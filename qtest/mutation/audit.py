"""Verdicts beside what a cold run of the whole suite says of the same mutants."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Literal

from qtest.mutation.replayed import passes
from qtest.records.baseline import SuiteRun
from qtest.records.mutant import Verdict

Status = Literal["killed", "survived", "unclear"]
RECORDED = ("killed", "survived", "no coverage", "timed out", "inconclusive")
AUDITED: tuple[Status, ...] = ("killed", "survived", "unclear")
_LIMITS = ("MemoryError",)


@dataclass(frozen=True)
class Audited:
    verdict: Verdict
    status: Status
    reason: str

    @property
    def disagrees(self) -> bool:
        """Two clear words that are not the same. What has no clear end is no word."""
        recorded = "survived" if self.verdict.result.status == "no coverage" else self.verdict.result.status
        return self.status != "unclear" and recorded in ("killed", "survived") and recorded != self.status


def drawn(verdicts: Iterable[Verdict], most: int, seed: str) -> tuple[Verdict, ...]:
    """In turn from each status and way of applying the mutant, so that rare ones are in it."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.result.status == "refused":
            continue  # no test was asked
        groups.setdefault((verdict.result.status, verdict.how), []).append(verdict)
    draw = random.Random(seed)
    turns = [groups[name] for name in sorted(groups)]
    for group in turns:
        draw.shuffle(group)
    in_turn = (verdict for turn in zip_longest(*turns) for verdict in turn if verdict)
    return tuple(islice(in_turn, most))


def audited(verdict: Verdict, original: SuiteRun, mutated: SuiteRun) -> Audited:
    """A test that passes on the original and fails on the mutant kills it, and so does what no longer can be imported. A run that hangs
    or dies proves nothing."""
    failing = [test for test in mutated.failing if passes(test.node, original)]
    broken = [text for text in mutated.uncollected if text not in original.uncollected]
    if not mutated.tests and (broken or mutated.problem.startswith("pytest could not start")):
        return Audited(verdict, "killed", (broken or [mutated.problem])[0])
    if not mutated.complete:
        return Audited(verdict, "unclear", mutated.problem)
    real = [test for test in failing if not test.reason.startswith(_LIMITS)]
    if real:
        return Audited(verdict, "killed", f"{real[0].node}: {real[0].reason}")
    if failing:
        return Audited(verdict, "unclear", f"{failing[0].node}: {failing[0].reason}")
    return Audited(verdict, "killed", broken[0]) if broken else Audited(verdict, "survived", "")


def confirmed(first: Audited, again: Audited) -> Audited:
    """Of two runs of the same: what only one of them says is chance."""
    if first.status == again.status:
        return first
    return Audited(first.verdict, "unclear", f"two cold runs differ: {first.status}, then {again.status}")


def matrix(found: Sequence[Audited]) -> list[tuple[str, ...]]:
    """Recorded by audited, with a first line of names; only what was recorded at all."""
    counts = Counter((one.verdict.result.status, one.status) for one in found)
    there = {one.verdict.result.status for one in found}
    lines: list[tuple[str, ...]] = [("recorded", *(f"cold: {status}" for status in AUDITED))]
    return lines + [
        (status, *(str(counts[status, cold]) for cold in AUDITED)) for status in RECORDED if status in there
    ]

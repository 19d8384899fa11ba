"""The rules of a kill: the one judge for search, gates and `mutate`. Pure, and the standard library only."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["killed", "survived", "timed out", "inconclusive", "not a mutant"]

KILLING = (
    "assertion",
    "exception",
    "import",
)  # who may raise: an assertion, anything of test, target or library, an import
DROPPED = ("same code", "invalid")  # said of what was never a mutant


@dataclass(frozen=True)
class Facts:
    """What was seen of one run; the fields are those of `qtest.records.mutant.MutantRun`. `failing` holds (node, kind)."""

    applied: bool
    executed: bool | None
    planned: tuple[str, ...]
    finished: tuple[str, ...]
    failing: tuple[tuple[str, str], ...]
    completed: bool
    tripwire: bool
    ended: str
    code: int = 0
    limit: str = ""
    alone: bool = False
    note: str = ""


@dataclass(frozen=True)
class Ruling:
    """`by` are the tests that kill; `reason` says why it is not clear, in a few words."""

    status: Status
    by: tuple[str, ...] = ()
    reason: str = ""


def rule(facts: Facts) -> Ruling:
    """Killed only by a planned test that failed of itself on a mutant that was applied and executed, in a run that was recorded whole;
    survived only when every planned test finished. All else is said for what it is, and is never green."""
    if facts.ended == "not run":
        return _not_run(facts.note)
    if facts.limit in ("cpu", "blocked"):
        if not facts.alone:
            return Ruling("inconclusive", reason=f"hit its {facts.limit} limit, and was not run again alone")
        return Ruling("timed out", reason=facts.limit)
    broken = _broken(facts)
    if broken:
        return Ruling("inconclusive", reason=broken)
    return _tested(facts)


def _not_run(note: str) -> Ruling:
    if note.startswith(DROPPED):
        return Ruling("not a mutant", reason=note)
    return Ruling("inconclusive", reason=note or "it was not run")


def _broken(facts: Facts) -> str:
    """Why the record cannot be believed; empty when it can."""
    if facts.limit:
        return f"hit its {facts.limit} limit"
    if facts.ended == "lost":
        return f"its worker was lost{': ' + facts.note if facts.note else ''}"
    if facts.ended == "signal":
        return f"ended by signal {facts.code}"
    if facts.code != 0:
        return f"the process ended with exit code {facts.code} before its tests had"
    if not facts.completed:
        return "there is no record that its tests were run to the end"
    if not facts.tripwire:
        return "the test that must fail did not: pytest's word cannot be believed"
    if not facts.applied:
        return "the mutant was not applied"
    return "" if facts.planned else "no test was planned"


def _tested(facts: Facts) -> Ruling:
    planned = set(facts.planned)
    counted = [
        (node, kind) for node, kind in facts.failing if kind in KILLING and (node in planned or kind == "import")
    ]
    if counted:
        if facts.executed is False:
            return Ruling("inconclusive", reason="a test failed, but the mutated statement was not executed")
        return Ruling("killed", by=tuple(dict.fromkeys(node for node, _ in counted)))
    if facts.failing:
        return Ruling("inconclusive", reason=f"failed by {facts.failing[0][1]}")
    if not planned <= set(facts.finished):
        return Ruling("inconclusive", reason="some of its tests did not finish")
    return Ruling("survived")

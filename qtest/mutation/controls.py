"""Our own checks among the mutants: what changes nothing must live, what raises at once must die."""

from collections.abc import Iterable
from dataclasses import dataclass

from qtest.errors import ControlFailed
from qtest.records.mutant import Controls, Mutant, MutantRun
from qtest.verdict import Ruling


@dataclass(frozen=True)
class Ruled:
    """A mutant that was run, what was seen, and what the rules say of it."""

    mutant: Mutant
    run: MutantRun
    ruling: Ruling


def fold(ruled: Iterable[Ruled]) -> Controls:
    """Raises ControlFailed when a no-op died: a test of that module fails by itself, so its kills mean nothing."""
    return sum((_one(item) for item in ruled if item.mutant.control), Controls())


def _one(item: Ruled) -> Controls:
    status = item.ruling.status
    if item.mutant.control == "no-op":
        if status == "killed":
            first = item.run.failing[0]
            raise ControlFailed(
                f"a change that changes nothing, in {item.mutant.symbol}, was killed by {first.node} "
                f"({first.error}: {first.message}); that test fails by itself, so no verdict here can be believed"
            )
        return Controls(no_op_total=1, no_op_alive=int(status == "survived"))
    if status == "killed":
        return Controls(raise_total=1, raise_dead=1)
    return Controls(raise_total=1, doubtful=(f"{item.mutant.symbol}: {_why(item)}",))


def _why(item: Ruled) -> str:
    if item.ruling.status != "survived":
        return f"its raise control is {item.ruling.status} ({item.ruling.reason})"
    if item.run.executed:
        return "an exception raised in it is swallowed"
    return "its raise control was never reached"

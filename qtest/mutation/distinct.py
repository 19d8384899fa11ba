"""Which edits are programs of their own: found by compiling them all, before anything is planned."""

from collections.abc import Sequence
from dataclasses import dataclass

from qtest.ports import Executor, Tools
from qtest.records.baseline import Setting
from qtest.records.mutant import Mutant
from qtest.records.outcome import Failure
from qtest.records.record import Record
from qtest.records.workbench import MutantState


@dataclass(frozen=True)
class Distinct:
    """`dropped` are those, by id, whose code is that of the original or of an earlier mutant: they were never mutants."""

    mutants: tuple[Mutant, ...]
    dropped: tuple[str, ...] = ()


class Comparison(Record):
    setting: Setting
    mutants: tuple[Mutant, ...]


def distinct(mutants: Sequence[Mutant], setting: Setting, executor: Executor) -> Distinct:
    """In their order, controls among them. All are kept when the comparison fails: judging costs more then, and says the same."""
    real = tuple(mutant for mutant in mutants if not mutant.control)
    if not real:
        return Distinct(tuple(mutants))
    dropped: set[str] = set()
    for found in executor.map(compared, [Comparison(setting=setting, mutants=real)]):
        if not isinstance(found, Failure):
            dropped.update(state.mutant for state in found)
    kept = tuple(mutant for mutant in mutants if mutant.id not in dropped)
    return Distinct(kept, tuple(mutant.id for mutant in real if mutant.id in dropped))


def compared(tools: Tools, comparison: Comparison) -> tuple[MutantState, ...]:
    """What an executor is given: all of one module in one process, because twins may be far apart."""
    return tools.workbench.compare(comparison.setting, comparison.mutants)

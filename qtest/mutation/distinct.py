"""Which edits are programs of their own: found by compiling them all, before anything is planned."""

from collections.abc import Iterable, Sequence
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
    """Of one module, in their order, controls among them."""
    dropped = twins([mutants], setting, executor)
    kept = tuple(mutant for mutant in mutants if mutant.id not in dropped)
    return Distinct(kept, tuple(mutant.id for mutant in mutants if mutant.id in dropped))


def twins(modules: Iterable[Sequence[Mutant]], setting: Setting, executor: Executor) -> frozenset[str]:
    """Of several modules, those to be dropped. None of a module whose comparison fails: judging costs more then, and says the same."""
    real = (tuple(mutant for mutant in mutants if not mutant.control) for mutants in modules)
    wanted = [Comparison(setting=setting, mutants=mutants) for mutants in real if mutants]
    found = (done for done in executor.map(compared, wanted) if not isinstance(done, Failure))
    return frozenset(state.mutant for states in found for state in states)


def compared(tools: Tools, comparison: Comparison) -> tuple[MutantState, ...]:
    """What an executor is given: all of one module in one process, because twins may be far apart."""
    return tools.workbench.compare(comparison.setting, comparison.mutants)

"""What `qtest pr-check` found about a change."""

from qtest.records.behaviour import BehaviourReport
from qtest.records.mutation import MutationReport
from qtest.records.outcome import ModuleOutcome
from qtest.records.record import Record


class CheckReport(Record):
    """`mutation` judges the mutants on changed lines by the tests there are; `proposed` are modules with new tests for those that
    live, and their other exits."""

    since: str
    behaviour: BehaviourReport
    mutation: MutationReport
    proposed: tuple[ModuleOutcome, ...] = ()
    wall_s: float = 0.0
    cpu_s: float = 0.0

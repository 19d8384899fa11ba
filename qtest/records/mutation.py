"""What `qtest mutate` found: every module with its mutants and their verdicts."""

from typing import Literal

from qtest.records.mutant import Controls, Verdict
from qtest.records.record import Record
from qtest.records.report import SuiteFacts
from qtest.records.sandbox import Guarantees
from qtest.records.source import Omission, Revision


class JudgedModule(Record):
    """`text` is what was mutated. `made` counts the mutants before any were left out; `same_code` those that compile to what was
    there or to another mutant, `unchanged` those on lines that did not change, `sampled_out` those not drawn, and `elsewhere` those of
    other shards. `remembered` of the verdicts are of earlier runs."""

    module: str
    path: str
    project: str
    text: str
    verdicts: tuple[Verdict, ...] = ()
    controls: Controls = Controls()
    made: int = 0
    same_code: int = 0
    sampled_out: int = 0
    unchanged: int = 0
    elsewhere: int = 0
    remembered: int = 0


class MutationReport(Record):
    """`red` says in one line why the result may not be called green, whatever the score; empty when it may. `note` is one line about a
    result that is green and yet says little. `settings` is the Config's JSON, `content` the digest of all files there were, `build` that
    of our own code, `shard` the part of the mutants that this is of. `wall_s` counts from the start of the command, `ready_s` until the first mutant could be judged."""

    qtest: str
    run: str
    target: str
    revision: Revision
    seed: str
    settings: str
    python: str
    environment: str
    guarantees: Guarantees
    unsafe: bool = False
    suites: tuple[SuiteFacts, ...] = ()
    modules: tuple[JudgedModule, ...] = ()
    problems: tuple[Omission, ...] = ()
    left_out: tuple[Omission, ...] = ()
    status: Literal["completed", "partial"] = "completed"
    red: str = ""
    note: str = ""
    content: str = ""
    build: str = ""
    shard: str = ""
    out: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    ready_s: float = 0.0

    @property
    def controls(self) -> Controls:
        return sum((module.controls for module in self.modules), Controls())

    @property
    def remembered(self) -> int:
        return sum(module.remembered for module in self.modules)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return tuple(verdict for module in self.modules for verdict in module.verdicts)

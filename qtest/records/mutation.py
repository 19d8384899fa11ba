"""What `qtest mutate` found: every module with its mutants and their verdicts."""

from typing import Literal

from qtest.records.accepted import Accepted as Accepted
from qtest.records.difference import Differences
from qtest.records.mutant import Controls, Killed, NoCoverage, Survived, Verdict
from qtest.records.record import Record
from qtest.records.report import SuiteFacts
from qtest.records.sandbox import Guarantees
from qtest.records.source import Omission, Revision


class TestLines(Record):
    """Which lines of a module a test was seen to execute; none of what runs while importing."""

    node: str
    lines: tuple[int, ...]


class IdleTests(Record):
    """Of every test asked about every mutant: those that kill none, and those whose kills others make too."""

    nothing: tuple[str, ...] = ()
    nothing_own: tuple[str, ...] = ()


class JudgedModule(Record):
    """`text` is what was mutated. `made` counts the mutants before any were left out; `same_code` those that compile to what was
    there or to another mutant, `unchanged` those on lines that did not change, `sampled_out` those not drawn, and `elsewhere` those of
    other shards. `remembered` of the verdicts are of earlier runs. `runs` says which tests execute what, `differences` which calls tell
    those that live from the code, if that was asked."""

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
    runs: tuple[TestLines, ...] = ()
    differences: Differences | None = None


class MutationReport(Record):
    """`red` says in one line why the result may not be called green, whatever the score; empty when it may. `note` is one line about a
    result that is green and yet says little. `settings` is the Config's JSON, `content` the digest of all files there were, `build` that
    of our own code, `shard` the part of the mutants that this is of. `wall_s` counts from the start of the command, `ready_s` until the
    first mutant could be judged. `tests` are those that judge. `accepted` are the entries of the reviewed file that name mutants of
    these modules, `stale` those whose statement is gone. `idle` is known when every test was asked about every mutant."""

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
    tests: tuple[str, ...] = ()
    modules: tuple[JudgedModule, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    stale: tuple[Accepted, ...] = ()
    idle: IdleTests | None = None
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

    @property
    def reasons(self) -> dict[str, Accepted]:
        """By stable id."""
        return {entry.id: entry for entry in self.accepted}

    @property
    def alive(self) -> tuple[Verdict, ...]:
        """No test notices them, and no person has accepted that."""
        return tuple(verdict for verdict in self.unaccepted if lives(verdict))

    @property
    def unaccepted(self) -> tuple[Verdict, ...]:
        """All verdicts but those on survivors that a person has accepted."""
        reasons = self.reasons
        return tuple(verdict for verdict in self.verdicts if not (lives(verdict) and verdict.stable in reasons))

    @property
    def killed_after_all(self) -> tuple[Verdict, ...]:
        """Accepted once, and noticed by a test today."""
        reasons = self.reasons
        return tuple(v for v in self.verdicts if isinstance(v.result, Killed) and v.stable in reasons)


def lives(verdict: Verdict) -> bool:
    return isinstance(verdict.result, Survived | NoCoverage)

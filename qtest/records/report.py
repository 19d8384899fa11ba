"""What a gate says, and the facts of a whole run that reports are drawn from."""

from typing import Literal

from qtest.records.baseline import Suite
from qtest.records.mutant import Controls, Verdict
from qtest.records.outcome import ModuleOutcome
from qtest.records.record import Record
from qtest.records.sandbox import Guarantees
from qtest.records.source import Omission, Revision

INTERRUPTED = {"status": "partial", "note": "interrupted: this is what was proven until then"}


class SuiteFacts(Record):
    """A project's suite, without the coverage details. See `Suite`."""

    project: str
    command: str
    tests: int
    runs: int
    green_runs: int
    reason: str = ""
    unusable: int = 0

    @staticmethod
    def of(suite: Suite) -> "SuiteFacts":
        return SuiteFacts(
            project=suite.project,
            command=" ".join(suite.command),
            tests=len(suite.usable),
            runs=suite.runs,
            green_runs=suite.green_runs,
            reason=suite.reason,
            unusable=len(suite.unusable),
        )


class RunReport(Record):
    """Everything about one run. `modules` in plan order; `status` is `partial` when it was interrupted or the budget cut it.

    `run` names it in the store; `remembered` are modules that were made in an earlier run. `files` are those written, relative to `out`; `command` runs the new tests; `runner` is its interpreter with the path it needs. `wall_s` counts from the start of the command,
    `ready_s` until the environment was ready, `first_test_s` until the first proven test. `commit` is the newest one of the history.
    """

    qtest: str
    target: str
    revision: Revision
    seed: str
    settings: str
    python: str
    environment: str
    guarantees: Guarantees
    unsafe: bool = False
    suites: tuple[SuiteFacts, ...] = ()
    modules: tuple[ModuleOutcome, ...] = ()
    run: str = ""
    remembered: tuple[str, ...] = ()
    omitted: tuple[Omission, ...] = ()
    problems: tuple[Omission, ...] = ()
    left_out: tuple[Omission, ...] = ()
    status: Literal["completed", "partial", "failed"] = "completed"
    note: str = ""
    out: str = ""
    files: tuple[str, ...] = ()
    command: str = ""
    runner: tuple[str, ...] = ()
    wall_s: float = 0.0
    cpu_s: float = 0.0
    ready_s: float = 0.0
    first_test_s: float | None = None
    commit: str = ""

    @property
    def controls(self) -> Controls:
        return sum((module.controls for module in self.modules), Controls())

    @property
    def worked(self) -> tuple[ModuleOutcome, ...]:
        """Modules whose code was worked on; of the others it stands only what was planned for them and cannot be written."""
        return tuple(module for module in self.modules if module.source)

    def verdicts(self) -> tuple[Verdict, ...]:
        return tuple(verdict for module in self.modules for verdict in (*module.before, *module.after))

"""Does every test kill a mutant? Lists, plans and hands out; it does not know where the work is done."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from qtest.config import MutationSettings
from qtest.errand import sent
from qtest.errors import QTestError
from qtest.mutation.batches import even
from qtest.mutation.executed import ExecutedOrder, executed
from qtest.mutation.judge import Case, judge
from qtest.mutation.plan import reach
from qtest.ports import Executor
from qtest.records.baseline import Setting
from qtest.records.file import TestFile
from qtest.records.mutant import Killed, Mutant
from qtest.records.outcome import Finding, GateReport


@dataclass(frozen=True)
class MutationGate:
    """`mutants` are those alive and the module's controls; `text` is the module's."""

    executor: Executor
    setting: Setting
    mutants: Sequence[Mutant]
    text: str
    settings: MutationSettings

    @property
    def name(self) -> str:
        return "mutation"

    def check(self, file: TestFile) -> GateReport:
        """All its own tests against all mutants they reach: the whole matrix, so that each can be asked for a kill of its own."""
        started = time.monotonic()
        setting = self.setting.model_copy(update={"written": (file.written(),)})
        run = sent(self.executor, executed, ExecutedOrder(setting=setting, files=(file.path,)))
        if not run.complete:
            raise QTestError(f"{file.path} could not be measured: {run.problem}")
        own = file.nodes if file.host else frozenset(test.node for test in run.tests)
        usable = tuple(test.node for test in run.tests if test.outcome == "passed" and test.node in own)
        case = Case(
            setting=setting,
            suite="generated",
            texts={mutant.path: self.text for mutant in self.mutants},
            reach=reach(run, usable),
            limits=self.settings.limits,
            file=file.path,
            file_text=file.text,
            matrix=True,
            split=even(self.settings.batch),
        )
        judgement = judge(case, self.mutants, self.executor)
        killers = {
            node for verdict in judgement.verdicts if isinstance(verdict.result, Killed) for node in verdict.result.by
        }
        idle = tuple(Finding(text="kills no mutant", node=node) for node in usable if node not in killers)
        return GateReport(
            gate="mutation",
            result="failed" if idle else "passed",
            findings=idle,
            evidence=judgement.verdicts,
            controls=judgement.controls,
            equivalent=judgement.same_code,
            coverage=tuple(found for found in run.files if found.path in {mutant.path for mutant in self.mutants}),
            wall_s=time.monotonic() - started,
            cpu_s=sum(verdict.cpu_s for verdict in judgement.verdicts),
        )

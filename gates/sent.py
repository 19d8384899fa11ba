"""Gates whose checks burn CPU, handed to a worker of an executor."""

from collections.abc import Callable
from dataclasses import dataclass

from gates.checkers import Checkers
from gates.compile import CompileGate
from gates.runtime import RuntimeGate
from qtest.config import RuntimeSettings
from qtest.errand import sent
from qtest.ports import Executor, Tools
from qtest.records.baseline import Setting
from qtest.records.file import TestFile
from qtest.records.outcome import GateReport
from qtest.records.record import Record


class Check(Record):
    setting: Setting
    file: TestFile
    settings: RuntimeSettings


def compiled(tools: Tools, check: Check) -> GateReport:
    checkers = tools.kept(Checkers, lambda: Checkers(tools.sandbox, tools.toolchain, tools.toolchain.own_paths))
    return CompileGate(checkers, check.setting).check(check.file)


def repeated(tools: Tools, check: Check) -> GateReport:
    return RuntimeGate(tools.sandbox, tools.toolchain, check.setting, check.settings).check(check.file)


@dataclass(frozen=True)
class SentGate:
    """Answers the port `Gate` by `work`, done elsewhere."""

    name: str
    work: Callable[[Tools, Check], GateReport]
    executor: Executor
    setting: Setting
    settings: RuntimeSettings

    def check(self, file: TestFile) -> GateReport:
        return sent(self.executor, self.work, Check(setting=self.setting, file=file, settings=self.settings))

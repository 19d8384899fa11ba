"""What tests execute, seen by a worker."""

from qtest.ports import Tools
from qtest.records.baseline import Setting, SuiteRun
from qtest.records.record import Record


class ExecutedOrder(Record):
    setting: Setting
    files: tuple[str, ...]


def executed(tools: Tools, order: ExecutedOrder) -> SuiteRun:
    """What an executor is given. See `Workbench.measure`."""
    return tools.workbench.measure(order.setting, order.files)

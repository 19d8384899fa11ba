"""The baseline of a project, measured by a worker of an executor."""

from qtest.measure.baseline import measure
from qtest.ports import Tools
from qtest.records.baseline import ProjectBaseline, Setting
from qtest.records.record import Record


class BaselineOrder(Record):
    setting: Setting


def measured(tools: Tools, order: BaselineOrder) -> ProjectBaseline:
    """What an executor is given."""
    return measure(order.setting, tools.toolchain, tools.sandbox, tools.workbench)

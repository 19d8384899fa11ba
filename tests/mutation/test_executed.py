"""What a worker does that is asked what tests execute."""

from qtest.adapters.inline import LocalTools
from qtest.fakes import FakeSandbox, FakeWorkbench, MemoryStore
from qtest.mutation.executed import ExecutedOrder, executed
from qtest.records.baseline import Environment, Setting, SuiteRun, TestCoverage
from qtest.records.sandbox import Completed
from qtest.records.source import Project

SETTING = Setting(
    folder="/tree",
    project=Project(root="", language="python", name="m", layout="module", import_roots=("",)),
    environment=Environment(python="py", version="3.11", origin="", readable=()),
)


def test_those_files_are_measured_there() -> None:
    run = SuiteRun(tests=(TestCoverage(node="t.py::test_a", outcome="passed"),), complete=True)
    workbench = FakeWorkbench(measured=run)
    tools = LocalTools(FakeSandbox(lambda _: Completed(code=0)), workbench, MemoryStore())
    assert executed(tools, ExecutedOrder(setting=SETTING, files=("t.py",))) is run
    assert (workbench.settings, workbench.files) == ([SETTING], [("t.py",)])

"""The whole suite in a fresh copy of the tree and a new process, as a person would run it: slow, and nothing of ours in it."""

import tempfile
from pathlib import Path

from qtest.ports import Tools
from qtest.records.baseline import Setting, SuiteRun
from qtest.records.record import Record
from qtest.records.source import RawSourceBundle


class ColdOrder(Record):
    """`text` is the digest, in the store, of the bytes that stand at `path` in place of the bundle's; no path, nothing is replaced. `name`
    is for who asks: answers come unordered."""

    setting: Setting
    name: str = ""
    path: str = ""
    text: str = ""
    wall_s: float = 300.0


class ColdRun(Record):
    name: str
    run: SuiteRun


def cold(tools: Tools, order: ColdOrder) -> ColdRun:
    """What an executor is given."""
    bundle = RawSourceBundle.from_json(tools.store.get(order.setting.bundle))
    with tempfile.TemporaryDirectory(dir=Path(order.setting.folder).parent, prefix="cold-") as scratch:
        folder = f"{scratch}/tree"
        files = (
            (file.path, order.text if file.path == order.path else file.sha256, file.executable)
            for file in bundle.files
        )
        tools.store.materialise(files, folder)
        setting = order.setting.model_copy(update={"folder": folder})
        with tools.sandbox.open(tools.toolchain.spec(setting)) as session:
            command = tools.toolchain.run(setting, files=setting.project.test_paths)
            return ColdRun(name=order.name, run=tools.toolchain.read(session.run(command, wall_s=order.wall_s)))

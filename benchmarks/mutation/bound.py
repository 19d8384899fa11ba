"""The bound's side: `bare.py` started in the target's environment, held to its cores."""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.generation.process import clean_environment
from benchmarks.mutation.cores import cores, hold
from qtest.languages.python.toolchain import PROBE, PythonToolchain
from qtest.records.baseline import Setting
from qtest.records.record import Record
from qtest.records.workbench import JudgeOrder

LIMIT_S = 60
EACH_S = 20
START_S = 120


class Forked(Record):
    """`code` is 1 for a failed test, 0 for none, less than 0 for the signal that ended it."""

    mutant: str
    code: int
    wall_s: float


class Bound(Record):
    """What each way judged until its time was over."""

    problem: str = ""
    protocol: tuple[Forked, ...] = ()
    direct: tuple[Forked, ...] = ()


def alone(setting: Setting, orders: Sequence[JudgeOrder]) -> Bound:
    """Both ways, one after the other, on one core."""
    return _heard(_started(setting, orders, ["protocol", "direct"], cores(1)))


def side_by_side(setting: Setting, orders: Sequence[JudgeOrder]) -> tuple[Bound, ...]:
    """Two loops at the same time on two cores, by pytest's protocol; none where there is one core."""
    if len(cores(2)) < 2:
        return ()
    loops = [_started(setting, orders[number::2], ["protocol"], [core]) for number, core in enumerate(cores(2))]
    return tuple(map(_heard, loops))


def _started(
    setting: Setting, orders: Sequence[JudgeOrder], ways: list[str], held: Sequence[int]
) -> "subprocess.Popen[str]":
    task = {
        "folder": setting.folder,
        "root": "",
        "files": setting.project.test_paths,
        "probe": str(PROBE),
        "ways": ways,
        "each_s": EACH_S,
        "limit_s": LIMIT_S,
        "orders": [order.model_dump(mode="json") for order in orders],
    }
    file = tempfile.TemporaryFile("w+")  # noqa: SIM115 - the child reads it
    json.dump(task, file)
    file.seek(0)
    return subprocess.Popen(
        [setting.environment.python, str(Path(__file__).with_name("bare.py"))],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=setting.folder,
        env=clean_environment() | dict(PythonToolchain().spec(setting).env),
        preexec_fn=lambda: hold(held),
    )


def _heard(loop: "subprocess.Popen[str]") -> Bound:
    try:
        said, _ = loop.communicate(timeout=START_S + 2 * (LIMIT_S + EACH_S))
        return Bound.from_json(said)
    except subprocess.TimeoutExpired:
        loop.kill()
        loop.wait()
        return Bound(problem="the bare fork did not end")
    except ValueError:
        return Bound(problem="the bare fork said nothing")

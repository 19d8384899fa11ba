"""Work that an executor is given in tests: its workers import it by this name, as they import real work."""

import os
import signal
import time
from pathlib import Path

from qtest.errors import QTestError
from qtest.ports import Tools


def doubled(tools: Tools, item: int) -> int:
    return item * 2


def refused(tools: Tools, item: int) -> int:
    if item == 1:
        raise QTestError("not this one")
    return item


def broken(tools: Tools, item: int) -> int:
    if item == 1:
        raise ZeroDivisionError("one")
    return item


def kept(tools: Tools, item: int) -> int:
    """How many of its kind this worker has made."""
    return len(tools.kept(list, list))


def killed_once(tools: Tools, mark: str) -> str:
    """Ends its own worker the first time."""
    try:
        Path(mark).touch(exist_ok=False)
    except FileExistsError:
        return "done"
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("it lives")


def always_killed(tools: Tools, item: int) -> int:
    if item == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def waits(tools: Tools, folder: str) -> str:
    """Says that it began, and ends when it may."""
    mark = Path(folder, f"{os.getpid()}-{time.monotonic_ns()}.begun")
    mark.touch()
    while not Path(folder, "go").exists():
        time.sleep(0.01)
    return mark.name

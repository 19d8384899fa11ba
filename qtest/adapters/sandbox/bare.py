"""First process of a session without walls: limits and a clock, nothing else. Serves `--unsafe-no-sandbox` only."""

import os
import signal
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from qtest.adapters.sandbox import syscalls as sys_
from qtest.adapters.sandbox.init import Init, start


def main(control: int) -> NoReturn:
    start(control, adopt, Bare)


def adopt(spec: Mapping[str, Any], link: socket.socket) -> None:
    """Orphans below become our children, so that none is lost."""
    sys_.prctl(sys_.PR_SET_CHILD_SUBREAPER, 1)


class Bare(Init):
    def living(self) -> Iterable[int]:
        return descendants(os.getpid())

    def _kill(self, order: Mapping[str, Any]) -> None:
        """Never `kill(-1)`: here that would reach every process of the user."""
        if order.get("all"):
            kill_below(os.getpid())
            return
        for pid in [pid for pid, number in self.ids.items() if number == order["id"]]:
            kill_below(pid)
            _signal(pid)

    def _leave(self) -> NoReturn:
        kill_below(os.getpid())
        os._exit(0)


def kill_below(root: int) -> None:
    """Every descendant, again and again until none is left but the dead, as new ones may be born meanwhile."""
    for _ in range(200):
        living = descendants(root)
        if not living:
            return
        for pid in living:
            _signal(pid)


def descendants(root: int) -> set[int]:
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_bytes().rpartition(b")")[2].split()[:2]
        except (ValueError, OSError):
            continue
        if state not in (b"Z", b"X"):
            parents[int(status.parent.name)] = int(parent)
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {root}


def _signal(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass

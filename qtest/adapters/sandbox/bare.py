"""First process of a session without walls: limits and a clock, nothing else. Serves `--unsafe-no-sandbox` only."""

import json
import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from qtest.adapters.sandbox import syscalls as sys_
from qtest.adapters.sandbox.init import MESSAGE, _Init


def main(control: int) -> NoReturn:
    link = socket.socket(fileno=control)
    spec = json.loads(link.recv(MESSAGE))
    sys_.prctl(sys_.PR_SET_CHILD_SUBREAPER, 1)
    link.send(b'{"event":"ready"}')
    try:
        _Bare(link, spec).serve()
    finally:
        os._exit(1)


class _Bare(_Init):
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

"""Watches over one session from outside: ends it when its time is over and, where no control group can, when its memory is."""

import os
import threading
import time
from collections.abc import Callable, Iterable

from qtest.adapters.sandbox.bare import descendants

_LOOK_S = 0.5
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Guard:
    """`end` ends the session, `strike` kills what runs in it. `memory` is the bound in bytes; none is looked at without."""

    def __init__(
        self, process: int, wall_s: float, end: Callable[[], None], strike: Callable[[], None], memory: int | None
    ) -> None:
        self.expired = False
        self._hits = 0
        self._process, self._memory = process, memory
        self._end, self._strike = end, strike
        self._deadline = time.monotonic() + wall_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="qtest-guard", daemon=True)
        self._thread.start()

    def hits(self) -> int:
        """How often it had to kill for want of memory."""
        return self._hits

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(self._pause()):
            if time.monotonic() >= self._deadline:
                self.expired = True
                self._end()
                return
            if self._memory is not None and used(descendants(self._process), self._memory) > self._memory:
                self._hits += 1
                self._strike()

    def _pause(self) -> float:
        left = max(0.0, self._deadline - time.monotonic())
        return left if self._memory is None else min(left, _LOOK_S)


def used(processes: Iterable[int], enough: int) -> int:
    """Bytes that they have in memory together. What they share is counted once for each of them, unless that reaches `enough`."""
    pids = tuple(processes)
    roughly = sum(map(_resident, pids))
    return roughly if roughly <= enough else sum(map(_proportional, pids))


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith(b"Pss:"))
    except (OSError, StopIteration):
        return _resident(pid)  # one that we may not look into

"""A session seen from outside: runs commands and workers in it, and never waits longer than a limit."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Literal, Self

from qtest.adapters.sandbox.capture import Capture
from qtest.adapters.sandbox.cgroup import Group
from qtest.adapters.sandbox.guard import Guard
from qtest.adapters.sandbox.link import Link
from qtest.adapters.sandbox.worker import PipeWorker, close
from qtest.errors import SandboxError
from qtest.records.sandbox import Completed, Limits

Limit = Literal["", "wall", "output", "memory"]


class ProcessSession:
    """A Session over a Link. `closed` is called once, after everything in it is dead.

    Its memory is bounded by `group`, else by a guard that looks now and then; not at all when not `guarded`.
    """

    def __init__(
        self,
        link: Link,
        scratch: str,
        limits: Limits,
        closed: Callable[[], None] | None = None,
        *,
        group: Group | None = None,
        guarded: bool = True,
    ) -> None:
        self._link = link
        self._scratch = scratch
        self._limits = limits
        self._closed = closed
        self._group = group
        self._count = 0
        self._turn = threading.Lock()
        self._live: set[int] = set()
        self._workers: list[PipeWorker] = []
        self._open = True
        memory = limits.group_memory if guarded and group is None else None
        self._guard = Guard(link.pid, limits.wall_s, link.end, lambda: link.kill(None), memory)

    @property
    def scratch(self) -> str:
        return self._scratch

    def run(self, command: Sequence[str], *, wall_s: float | None = None, stdin: bytes = b"") -> Completed:
        number = self._next()
        started = time.monotonic()
        hits = self._hits()
        bound = min(wall_s or self._limits.wall_s, self._limits.wall_s)
        in_r, in_w = os.pipe()
        out_r, out_w = os.pipe()
        err_r, err_w = os.pipe()
        try:
            with self._turn:
                self._live.add(number)
                self._link.spawn(number, command, [in_r, out_w, err_w])
            for fd in (in_r, out_w, err_w):
                os.close(fd)
            in_r = out_w = err_w = -1
            capture, in_w = Capture(in_w, out_r, err_r, stdin), -1
            try:
                limit, (code, cpu_s) = self._outcome(number, capture, started + bound)
            finally:
                capture.close()
            if not limit and self._hits() > hits:
                limit = "memory"
            return Completed(
                code=code if code >= 0 and not limit else None,
                signal=-code if code < 0 and not limit else None,
                limit=limit,
                stdout=capture.text(out_r),
                stderr=capture.text(err_r),
                wall_s=time.monotonic() - started,
                cpu_s=cpu_s,
            )
        finally:
            self._live.discard(number)
            for fd in (in_r, in_w, out_r, out_w, err_r, err_w):
                if fd >= 0:
                    close(fd)

    def _outcome(self, number: int, capture: Capture, deadline: float) -> tuple[Limit, tuple[int, float]]:
        try:
            limit = self._follow(number, capture, deadline)
            with self._turn:  # nobody may be born between the look around and the blow
                self._link.kill(number if len(self._live) > 1 or self._workers else None)
            return limit, self._link.exited(number, 5.0) or (-9, 0.0)
        except SandboxError:
            if not self._guard.expired:
                raise
            return "wall", (-9, 0.0)

    def _hits(self) -> int:
        return self._group.hits() if self._group else self._guard.hits()

    def worker(self, command: Sequence[str]) -> PipeWorker:
        number = self._next()
        in_r, in_w = os.pipe()
        out_r, out_w = os.pipe()
        err_r, err_w = os.pipe()
        try:
            with self._turn:
                self._link.spawn(number, command, [in_r, out_w, err_w])
                worker = PipeWorker(self._link, number, in_w, out_r, err_r)
                self._workers.append(worker)
        except SandboxError:
            for fd in (in_w, out_r, err_r):
                os.close(fd)
            raise
        finally:
            for fd in (in_r, out_w, err_w):
                os.close(fd)
        return worker

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        self._guard.stop()
        for worker in self._workers:
            worker.release()
        self._link.close()
        if self._group:
            self._group.remove()
        if self._closed:
            self._closed()

    def _next(self) -> int:
        if not self._open:
            raise SandboxError("the session is closed")
        if self._guard.expired:
            raise SandboxError(f"the session was ended: its {self._limits.wall_s:g} s were over")
        self._count += 1
        return self._count

    def _follow(self, number: int, capture: Capture, deadline: float) -> Limit:
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return "wall"
            capture.pump(min(left, 0.02 if capture.quiet else 0.03))
            if capture.overflowed:
                return "output"
            if self._link.exited(number) is not None:
                capture.drain()
                return ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

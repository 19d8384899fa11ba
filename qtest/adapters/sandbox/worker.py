"""A process of a session that is spoken to over pipes."""

import os
import selectors
import time

from qtest.adapters.sandbox.link import Link
from qtest.errors import SandboxError, WorkerLost

ERRORS = 64 << 10


class PipeWorker:
    """A process spoken to over pipes. What it writes to descriptor 2 is kept, the last 64 KiB."""

    def __init__(self, link: Link, number: int, stdin: int, stdout: int, stderr: int) -> None:
        self._link = link
        self._number = number
        self._in, self._out, self._err = stdin, stdout, stderr
        self._errors = bytearray()
        for fd in (stdin, stdout, stderr):
            os.set_blocking(fd, False)

    def send(self, data: bytes) -> None:
        view = memoryview(data)
        with selectors.DefaultSelector() as selector:
            selector.register(self._in, selectors.EVENT_WRITE)
            while view:
                try:
                    view = view[os.write(self._in, view[: 1 << 16]) :]
                except BlockingIOError:
                    if not selector.select(60.0):
                        raise WorkerLost("the process did not read its orders for 60 s") from None
                except OSError as error:
                    raise WorkerLost(f"the process is gone: {error}") from error

    def receive(self, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            if self._err >= 0:
                selector.register(self._err, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select(max(0.0, deadline - time.monotonic()))}
                if self._err in ready and not self._read_errors():
                    selector.unregister(self._err)
                    close(self._err)
                    self._err = -1
                if self._out in ready:
                    data = os.read(self._out, 1 << 16)
                    if not data:
                        raise WorkerLost(f"the process ended{self._how()}")
                    return data
                if time.monotonic() >= deadline:
                    return b""

    def cpu_s(self) -> float:
        return self._link.cpu_s()

    def kill(self) -> None:
        self._link.kill(self._number)

    def errors(self) -> str:
        if self._err >= 0:
            self._read_errors()
        return self._errors.decode("utf-8", "replace")

    def release(self) -> None:
        for fd in (self._in, self._out, self._err):
            if fd >= 0:
                close(fd)
        self._in = self._out = self._err = -1

    def _read_errors(self) -> bool:
        while True:
            try:
                data = os.read(self._err, 1 << 16)
            except BlockingIOError:
                return True
            if not data:
                return False
            self._errors += data
            del self._errors[:-ERRORS]

    def _how(self) -> str:
        try:
            ended = self._link.exited(self._number, 2.0)
        except SandboxError:
            return " with its session"
        if ended is None:
            return ""
        return f" by signal {-ended[0]}" if ended[0] < 0 else f" with exit code {ended[0]}"


def close(fd: int) -> None:
    try:
        os.close(fd)
    except OSError:
        pass

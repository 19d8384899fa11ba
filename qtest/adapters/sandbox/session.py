"""The outside of a session: starts its process 1, sends it orders, and never waits longer than a limit."""

import json
import os
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from qtest.adapters.sandbox.cgroup import Group
from qtest.adapters.sandbox.guard import Guard
from qtest.adapters.sandbox.init import MESSAGE
from qtest.errors import SandboxError, WorkerLost
from qtest.records.sandbox import Completed, Limits

INTERPRETER = os.path.realpath(
    sys.executable
)  # inside a virtual environment its link may be unreadable to another user
OUTPUT = 8 << 20  # bytes kept of each stream of a command; more ends it
ERRORS = 64 << 10
PACKAGE = str(Path(__file__).resolve().parents[3])
_BOOT = (
    "import sys; sys.path[:0] = [sys.argv[2]]; from qtest.adapters.sandbox.{module} import main; main(int(sys.argv[1]))"
)


Limit = Literal["", "wall", "output", "memory"]


class Link:
    """The control socket of one process 1. Orders from any thread; events are kept until somebody asks for them."""

    def __init__(
        self,
        module: str,
        spec: Mapping[str, Any],
        *,
        before: Sequence[str] = (),
        package: str = PACKAGE,
        pass_fds: Sequence[int] = (),
        started: Callable[[int], None] | None = None,
        start_s: float = 20.0,
    ) -> None:
        """`before` is a command that starts another; `package` is where ours lies for the process so started; `started` learns
        the process before it is told anything."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MESSAGE)
        self._socket = ours
        self._lock = threading.RLock()
        self._exits: dict[int, tuple[int, float]] = {}
        self._others: deque[dict[str, Any]] = deque()
        command = [*before, INTERPRETER, "-I", "-S", "-c", _BOOT.format(module=module), str(theirs.fileno()), package]
        try:
            self._process = subprocess.Popen(
                command,
                env={},
                pass_fds=[theirs.fileno(), *pass_fds],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
        except OSError as error:
            ours.close()
            raise SandboxError(f"the sandbox could not be started: {error}") from error
        finally:
            theirs.close()
        self.pid = self._process.pid
        try:
            if started:
                started(self.pid)
            self._send(spec)
            answer = self._await(lambda event: event["event"] in ("ready", "refused"), start_s)
        except OSError as error:
            self.close()
            raise SandboxError(f"the sandbox could not be bounded: {error}") from error
        except SandboxError:
            self.close()
            raise
        if answer is None or answer["event"] == "refused":
            self.close()
            raise SandboxError(
                f"the sandbox could not be built: {answer['reason'] if answer else 'its first process died'}"
            )

    def spawn(self, number: int, argv: Sequence[str], fds: Sequence[int]) -> None:
        with self._lock:
            message = json.dumps({"op": "spawn", "id": number, "argv": list(argv)}).encode()
            try:
                socket.send_fds(self._socket, [message], list(fds))
            except OSError as error:
                raise SandboxError(f"the sandbox is gone: {error}") from error
            if self._await(lambda event: event["event"] == "started" and event["id"] == number, 20.0) is None:
                raise SandboxError("the sandbox is gone")

    def kill(self, number: int | None) -> None:
        try:
            self._send({"op": "kill", "all": True} if number is None else {"op": "kill", "id": number})
        except SandboxError:
            pass  # then everything in it is dead already

    def cpu_s(self) -> float:
        with self._lock:
            self._send({"op": "cpu"})
            answer = self._await(lambda event: event["event"] == "cpu", 10.0)
        return float(answer["cpu_s"]) if answer else 0.0

    def exited(self, number: int, timeout_s: float = 0.0) -> tuple[int, float] | None:
        """Exit code (negative for a signal) and CPU seconds, once it has ended. Raises SandboxError when the session is gone."""
        with self._lock:
            if number not in self._exits:
                self._await(lambda event: number in self._exits, timeout_s)
            return self._exits.get(number)

    def end(self) -> None:
        """All inside dies, whoever is waiting for it."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self) -> None:
        self.end()
        self._socket.close()
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, order: Mapping[str, Any]) -> None:
        with self._lock:
            try:
                self._socket.send(json.dumps(order).encode())
            except OSError as error:
                raise SandboxError(f"the sandbox is gone: {error}") from error

    def _await(self, wanted: Any, timeout_s: float) -> dict[str, Any] | None:
        deadline = time.monotonic() + timeout_s
        with self._lock:
            while True:
                self._socket.settimeout(max(0.0, deadline - time.monotonic()) or 0.0)
                try:
                    data = self._socket.recv(MESSAGE)
                except (BlockingIOError, TimeoutError):
                    return None
                except OSError as error:
                    raise SandboxError(f"the sandbox is gone: {error}") from error
                finally:
                    self._socket.settimeout(None)
                if not data:
                    raise SandboxError("the sandbox is gone: its first process died")
                event: dict[str, Any] = json.loads(data)
                if event["event"] == "exit":
                    self._exits[event["id"]] = (event["status"], event["cpu_s"])
                if wanted(event):
                    return event


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
            capture, in_w = _Capture(in_w, out_r, err_r, stdin), -1
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
                    _close(fd)

    def _outcome(self, number: int, capture: "_Capture", deadline: float) -> tuple[Limit, tuple[int, float]]:
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

    def worker(self, command: Sequence[str]) -> "PipeWorker":
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

    def _follow(self, number: int, capture: "_Capture", deadline: float) -> Limit:
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


class _Capture:
    """Feeds standard input and keeps what comes out, up to a cap."""

    def __init__(self, stdin: int, stdout: int, stderr: int, data: bytes) -> None:
        self._kept: dict[int, bytearray] = {stdout: bytearray(), stderr: bytearray()}
        self._input = stdin
        self._data = memoryview(data)
        self._selector = selectors.DefaultSelector()
        self.overflowed = False
        self.quiet = False
        for fd in (stdout, stderr):
            os.set_blocking(fd, False)
            self._selector.register(fd, selectors.EVENT_READ)
        os.set_blocking(stdin, False)
        if data:
            self._selector.register(stdin, selectors.EVENT_WRITE)
        else:
            self._end_input()

    def pump(self, timeout_s: float) -> None:
        if not self._selector.get_map():
            time.sleep(min(timeout_s, 0.01))
            self.quiet = True
            return
        for key, _ in self._selector.select(timeout_s):
            self._write() if key.fd == self._input else self._read(key.fd)
        self.quiet = all(fd not in self._selector.get_map() for fd in self._kept)

    def drain(self) -> None:
        for fd in self._kept:
            while fd in self._selector.get_map() and not self.overflowed and self._read(fd):
                pass

    def close(self) -> None:
        self._selector.close()
        if self._input >= 0:
            self._end_input()

    def text(self, fd: int) -> str:
        return self._kept[fd].decode("utf-8", "replace")

    def _read(self, fd: int) -> bool:
        try:
            data = os.read(fd, 1 << 16)
        except BlockingIOError:
            return False
        if not data:
            self._selector.unregister(fd)
            return False
        kept = self._kept[fd]
        kept += data[: OUTPUT - len(kept)]
        self.overflowed = len(kept) >= OUTPUT
        return True

    def _write(self) -> None:
        try:
            self._data = self._data[os.write(self._input, self._data[: 1 << 16]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._data = self._data[:0]
        if not self._data:
            self._selector.unregister(self._input)
            self._end_input()

    def _end_input(self) -> None:
        os.close(self._input)
        self._input = -1


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
                    _close(self._err)
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
                _close(fd)
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


def _close(fd: int) -> None:
    try:
        os.close(fd)
    except OSError:
        pass

"""The control socket of a session's process 1: starts it, sends it orders, and keeps what it says."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qtest.adapters.sandbox.init import MESSAGE
from qtest.errors import SandboxError

INTERPRETER = os.path.realpath(sys.executable)  # a virtual environment's link to it may be unreadable to another user
PACKAGE = str(Path(__file__).resolve().parents[3])
_BOOT = (
    "import sys; sys.path[:0] = [sys.argv[2]]; from qtest.adapters.sandbox.{module} import main; main(int(sys.argv[1]))"
)


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

"""Every seam of the house, one Protocol each."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from qtest.records.sandbox import Completed, Guarantees, SandboxSpec


class Worker(Protocol):
    """A process in a session that is spoken to over its descriptors 0 (requests) and 1 (replies), as raw bytes."""

    def send(self, data: bytes) -> None:
        """Raises WorkerLost when the process is gone."""

    def receive(self, timeout_s: float) -> bytes:
        """The next bytes (at least one), or b"" when `timeout_s` passed in silence. Raises WorkerLost at the end of the stream."""

    def cpu_s(self) -> float:
        """CPU seconds the session has used so far, children included; to tell busy from blocked."""

    def kill(self) -> None: ...

    def errors(self) -> str:
        """The last 64 KiB that the process wrote to descriptor 2, decoded with replacement."""


class Session(Protocol):
    """One opened sandbox. Closing it kills everything inside and discards what was written."""

    @property
    def scratch(self) -> str:
        """A writable folder inside; also HOME and TMPDIR unless the spec's environment says otherwise."""

    def run(self, command: Sequence[str], *, wall_s: float | None = None, stdin: bytes = b"") -> Completed:
        """Run to the end, or to a limit; never waits for a daemon that keeps the pipes open."""

    def worker(self, command: Sequence[str]) -> Worker: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None: ...


class Sandbox(Protocol):
    """Runs code that must not be trusted."""

    @property
    def name(self) -> str: ...

    def probe(self) -> Guarantees:
        """What holds on this machine, found by trying; cached for the life of the object."""

    def open(self, spec: SandboxSpec) -> Session:
        """Raises SandboxError, before anything runs, when a required promise is not enforced."""

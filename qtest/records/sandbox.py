"""What a sandbox is asked for, what it promises, and how a command in it ended."""

from enum import StrEnum
from typing import Literal

from qtest.records.record import Record


class Promise(StrEnum):
    """One thing a sandbox can guarantee. Those in `REQUIRED` are enforced or nothing runs."""

    FILES_UNREADABLE = "files outside unreadable"
    FILES_UNWRITABLE = "files outside unwritable"
    NO_NETWORK = "no network"
    NO_SECRETS = "no foreign secrets"
    NO_SIGNALS = "no signals to others"
    CPU = "cpu time bounded"
    PROCESSES = "processes bounded"
    WALL = "wall time bounded"
    NO_DAEMONS = "nothing left behind"
    MEMORY_PROCESS = "memory of a process bounded"
    MEMORY_GROUP = "memory of the group bounded"
    DISK_GROUP = "disk of the group bounded"
    LOOPBACK = "own loopback usable"


REQUIRED: tuple[Promise, ...] = (
    Promise.FILES_UNREADABLE,
    Promise.FILES_UNWRITABLE,
    Promise.NO_NETWORK,
    Promise.NO_SECRETS,
    Promise.NO_SIGNALS,
    Promise.CPU,
    Promise.PROCESSES,
    Promise.WALL,
)

Level = Literal["enforced", "best effort", "absent"]


class Guarantee(Record):
    promise: Promise
    level: Level
    detail: str = ""


class Guarantees(Record):
    """What one adapter was found to hold on this machine, by trying; `adapter` is its short name."""

    adapter: str
    items: tuple[Guarantee, ...]

    def level(self, promise: Promise) -> Level:
        return next((item.level for item in self.items if item.promise == promise), "absent")

    @property
    def missing(self) -> tuple[Promise, ...]:
        """The required promises that are not enforced; nothing may run while there are any."""
        return tuple(promise for promise in REQUIRED if self.level(promise) != "enforced")


class Limits(Record):
    """Bounds on one session; sizes in bytes, times in seconds. CPU, file and memory bounds hold for each process."""

    cpu_s: int = 600
    wall_s: float = 900.0
    memory: int = 1 << 30
    group_memory: int = 2 << 30
    processes: int = 64
    file_size: int = 64 << 20
    scratch: int = 256 << 20
    scratch_files: int = 20_000
    open_files: int = 256


class SandboxSpec(Record):
    """A path has the same name inside as outside.

    `readable` paths are seen read-only. `overlaid` folders belong to QTest (private copies): the code inside may write to
    them and what it writes is gone when the session closes. Everything else of the machine, but for the system's libraries,
    is not there. `env` is the whole environment; nothing is inherited.
    """

    readable: tuple[str, ...] = ()
    overlaid: tuple[str, ...] = ()
    cwd: str = "/"
    env: tuple[tuple[str, str], ...] = ()
    limits: Limits = Limits()
    loopback: bool = True


class Completed(Record):
    """How a command ended: exactly one of `code` and `signal` is set, unless it was stopped for `limit`.

    Output is cut at a cap and has been decoded with replacement; it is the target's word and proves nothing.
    """

    code: int | None = None
    signal: int | None = None
    limit: Literal["", "wall", "output", "memory"] = ""
    stdout: str = ""
    stderr: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0

    @property
    def ok(self) -> bool:
        return self.code == 0 and not self.limit

"""First process of a session without namespaces: stays outside itself, and shuts in each command just before it starts."""

import os
import signal
from collections.abc import Mapping
from typing import Any, NoReturn

from qtest.adapters.sandbox import landlock, root, seccomp
from qtest.adapters.sandbox import syscalls as sys_
from qtest.adapters.sandbox.bare import Bare, adopt
from qtest.adapters.sandbox.init import start

_PROC = (
    "cpuinfo",
    "meminfo",
    "stat",
    "loadavg",
    "uptime",
    "version",
    "filesystems",
    "sys/kernel/osrelease",
    "sys/kernel/pid_max",
    "sys/kernel/ngroups_max",
    "sys/vm/overcommit_memory",
)


def main(control: int) -> NoReturn:
    sys_.prctl(sys_.PR_SET_DUMPABLE, 0)
    start(control, adopt, _Lone)


class _Lone(Bare):
    def others(self) -> int:
        """The kernel counts all that a user runs; as root that user is the session's own."""
        return 0 if os.geteuid() == 0 else _running(os.getuid())

    def confine(self) -> None:
        """Paths are opened for Landlock while we may still pass to them."""
        as_root = os.geteuid() == 0
        landlock.restrict(*_paths(self.spec), network=False)
        if as_root:
            _become(self.spec)
        sys_.drop_capabilities()
        sys_.prctl(sys_.PR_SET_PDEATHSIG, signal.SIGKILL)
        seccomp.install(walled=False, attributes=as_root)

    def _kill(self, order: Mapping[str, Any]) -> None:
        if order.get("all"):
            self._kill_all()
        else:
            super()._kill(order)

    def _kill_all(self) -> None:
        """As root in one blow: whoever has the identity of this session, and nobody else has it."""
        if os.geteuid() != 0:
            super()._kill({"all": True})
            return
        striker = os.fork()
        if striker == 0:
            try:
                _become(self.spec)
                os.kill(-1, signal.SIGKILL)
            finally:
                os._exit(0)
        os.waitpid(striker, 0)

    def _leave(self) -> NoReturn:
        self._kill_all()
        os._exit(0)


def _paths(spec: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    readable = [f"/{name}" for name in root.SYSTEM] + [f"/etc/{name}" for name in root.ETC]
    readable += [f"/proc/{name}" for name in _PROC] + [outside for outside, _ in spec["readable"]]
    writable = [f"/dev/{name}" for name in root.DEVICES] + [outside for outside, _ in spec["overlaid"]]
    return readable, [spec["where"], *writable]


def _become(spec: Mapping[str, Any]) -> None:
    os.setgroups([])
    os.setresgid(spec["gid"], spec["gid"], spec["gid"])
    os.setresuid(spec["uid"], spec["uid"], spec["uid"])


def _running(user: int) -> int:
    """Threads of the user, without this one."""
    count = 0
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/status", "rb") as file:
                status = dict(line.split(b":", 1) for line in file.read().splitlines() if b":" in line)
        except OSError:
            continue
        if int(status[b"Uid"].split()[0]) == user:
            count += int(status[b"Threads"])
    return max(0, count - 1)

"""Process 1 of a session: builds the walls, then starts, reaps and kills what it is told to, over a socket nobody else holds.

Runs in a small interpreter of its own (`-I -S`, empty environment); imports nothing but the standard library and its neighbours.
"""

import json
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from qtest.adapters.sandbox import landlock, root, seccomp
from qtest.adapters.sandbox import syscalls as sys_

MESSAGE = 180_000  # bytes; one packet


def main(control: int) -> NoReturn:
    start(control, _isolate, Init)


def start(control: int, prepare: Callable[[Mapping[str, Any], socket.socket], None], kind: type["Init"]) -> NoReturn:
    """Learn what is asked, build the walls, say so, and serve; what cannot be built is refused before anything runs."""
    link = socket.socket(fileno=control)
    spec = json.loads(link.recv(MESSAGE))
    try:
        prepare(spec, link)
    except OSError as error:
        link.send(json.dumps({"event": "refused", "reason": str(error)}).encode())
        os._exit(1)
    link.send(b'{"event":"ready"}')
    try:
        kind(link, spec).serve()
    finally:
        os._exit(1)


def _isolate(spec: Mapping[str, Any], link: socket.socket) -> None:
    """Return as process 1 of new namespaces, without rights. The process that was called stays outside and waits for us."""
    as_root = os.geteuid() == 0
    uid, gid = (spec["uid"], spec["gid"]) if as_root else (os.getuid(), os.getgid())
    if as_root:
        os.setgroups([])
    else:
        _user_namespace(uid, gid)
    sys_.unshare(
        sys_.CLONE_NEWNS
        | sys_.CLONE_NEWPID
        | sys_.CLONE_NEWNET
        | sys_.CLONE_NEWIPC
        | sys_.CLONE_NEWUTS
        | sys_.CLONE_NEWCGROUP
    )
    child = os.fork()
    if child:
        link.close()
        _wait_outside(child)
    sys_.prctl(sys_.PR_SET_PDEATHSIG, signal.SIGKILL)
    socket.sethostname("sandbox")
    _loopback_up()
    view = root.View(spec["readable"], spec["overlaid"], uid, gid, spec["scratch"], spec["scratch_files"], not as_root)
    root.enter(view)
    if as_root:
        _drop_bounding()
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        sys_.prctl(sys_.PR_SET_PDEATHSIG, signal.SIGKILL)  # changing identity clears it
    shut(spec)


def shut(spec: Mapping[str, Any]) -> None:
    """The second walls, once this process has its root and its identity: no rights, Landlock, seccomp."""
    sys_.drop_capabilities()
    sys_.prctl(sys_.PR_SET_DUMPABLE, 0)
    writable = [root.SCRATCH, "/tmp", "/dev", "/proc", *(inside for _, inside in spec["overlaid"])]
    landlock.restrict(["/"], writable, network=True)
    seccomp.install()


def _user_namespace(uid: int, gid: int) -> None:
    sys_.unshare(sys_.CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _drop_bounding() -> None:
    for capability in range(64):
        try:
            sys_.prctl(sys_.PR_CAPBSET_DROP, capability)
        except OSError:
            return


def _wait_outside(child: int) -> NoReturn:
    """Nothing but waiting: when we are killed, so is process 1 and with it all the session."""
    os.closerange(0, 64)
    while True:
        _, status = os.waitpid(child, 0)
        os._exit(min(255, abs(os.waitstatus_to_exitcode(status))))


def _loopback_up() -> None:
    import fcntl
    import struct

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        fcntl.ioctl(probe, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up, running


class Init:
    def __init__(self, link: socket.socket, spec: Mapping[str, Any]) -> None:
        self.link = link
        self.spec = spec
        self.ids: dict[int, int] = {}
        self.used = 0.0

    def serve(self) -> NoReturn:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)  # the kernel keeps signals without a handler away from process 1
        wake, waker = os.pipe()
        os.set_blocking(waker, False)
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        while True:
            sources: list[socket.socket | int] = [self.link, wake]
            ready, _, _ = select.select(sources, [], [], 1.0)
            if wake in ready:
                try:
                    os.read(wake, 4096)
                except BlockingIOError:
                    pass
            self._reap()
            if self.link in ready:
                self._obey()

    def _obey(self) -> None:
        try:
            data, fds, _, _ = socket.recv_fds(self.link, MESSAGE, 3)
        except OSError:
            self._leave()
        if not data:
            self._leave()
        order = json.loads(data)
        if order["op"] == "spawn":
            self._spawn(order, fds)
        elif order["op"] == "kill":
            self._kill(order)
        else:
            self._say({"event": "cpu", "cpu_s": self.used + _cpu_s(self.living())})
        for fd in fds:
            os.close(fd)

    def _spawn(self, order: Mapping[str, Any], fds: list[int]) -> None:
        child = os.fork()
        if child == 0:
            _become(order, fds, self)
        self.ids[child] = order["id"]
        self._say({"event": "started", "id": order["id"]})

    def others(self) -> int:
        """Processes that are not ours and yet count against the limit of a command."""
        return 0

    def living(self) -> Iterable[int]:
        """Every process of the session but this one."""
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]

    def confine(self) -> None:
        """What a command loses besides what this process has lost, last thing before it starts."""

    def _kill(self, order: Mapping[str, Any]) -> None:
        if order.get("all"):
            try:
                os.kill(-1, signal.SIGKILL)
            except ProcessLookupError:
                pass
            return
        for pid, number in self.ids.items():
            if number == order["id"]:
                for send in (os.killpg, os.kill):
                    try:
                        send(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            spent = usage.ru_utime + usage.ru_stime
            self.used += spent
            number = self.ids.pop(pid, None)
            if number is not None:
                self._say({"event": "exit", "id": number, "status": os.waitstatus_to_exitcode(status), "cpu_s": spent})

    def _say(self, event: Mapping[str, Any]) -> None:
        try:
            self.link.send(json.dumps(event).encode())
        except OSError:
            self._leave()

    def _leave(self) -> NoReturn:
        """The kernel kills what is left in the namespace."""
        os._exit(0)


def _cpu_s(processes: Iterable[int]) -> float:
    """CPU seconds of processes that have not been reaped, from /proc."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0
    for pid in processes:
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        total += sum(int(value) for value in fields[11:15])
    return total / ticks


def _signals_as_a_shell_has_them() -> None:
    """Whoever started us may have them blocked or ignored, as Ray has interrupts, and the code inside would inherit that."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            pass  # one that the C library keeps for itself
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _become(order: Mapping[str, Any], fds: list[int], init: Init) -> NoReturn:
    try:
        signal.set_wakeup_fd(-1)
        _signals_as_a_shell_has_them()
        os.setsid()
        safe = [os.dup(fd) if fd < 3 else fd for fd in fds]
        for target, fd in enumerate(safe):
            os.dup2(fd, target)
        os.closerange(3, 1 << 16)
        limits = init.spec["limits"]
        for name, value in (
            ("NPROC", limits["processes"] + init.others()),
            ("DATA", limits["memory"]),
            ("FSIZE", limits["file_size"]),
            ("NOFILE", limits["open_files"]),
            ("CORE", 0),
            ("CPU", limits["cpu_s"]),
        ):
            _limit(getattr(resource, f"RLIMIT_{name}"), value)
        _die_first()
        os.umask(0o022)
        os.chdir(init.spec["cwd"])
        environment = dict(init.spec["env"])
        init.confine()
        os.execvpe(order["argv"][0], order["argv"], environment)  # noqa: S606
    except BaseException as error:
        try:
            os.write(2, f"{order['argv'][0]}: {error}\n".encode())
        finally:
            os._exit(127)


def _die_first() -> None:
    """When memory is short, before process 1: a session survives that."""
    sys_.prctl(sys_.PR_SET_DUMPABLE, 1)  # or this file would be another's
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (bound, bound))


if __name__ == "__main__":
    main(int(sys.argv[1]))

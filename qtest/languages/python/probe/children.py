"""Stations: processes that hold a state worth forking from, and the watch over each fork."""

import ctypes
import os
import resource
import select
import signal
import time
import warnings

from _qtest_probe import wire as wires

os, select, signal, time = map(wires.kept, (os, select, signal, time))
_TICK = os.sysconf("SC_CLK_TCK")
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None)
_LOOKS = 3  # at a station, a second apart, before we say that it is stopped for good
_private = set()  # descriptors that speak to the other processes of ours: whoever runs a test must not have them
_kept = set()  # children that the tests' collection started, which live on


class Lost(Exception):
    """A station died or fell silent."""


class Born(BaseException):
    """Raised by work in a child that leaves the station's code behind to live on by itself, and ends itself."""


class Station:
    """A forked process that answers one request at a time. `how` chooses what it holds: see `judge`."""

    def __init__(self, settings, how):
        ours, theirs = _pair()
        self.ready = False
        self.pid = fork()
        if self.pid == 0:
            for fd in ours:
                os.close(fd)
            keep_to_ourselves(*theirs)
            _run(settings, how, theirs)
        for fd in theirs:
            os.close(fd)
        keep_to_ourselves(*ours)
        self.reader, self.writer = ours

    def start(self, within_s=120.0):
        self._receive(within_s)
        self.ready = True

    def ask(self, message):
        try:
            wires.write_frame(self.writer, message)
        except OSError as error:
            raise Lost("the process that holds the tests is gone: %s" % error)
        return self._receive(600.0)

    def close(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        try:
            os.waitpid(self.pid, 0)
        except ChildProcessError:
            pass
        for fd in (self.reader, self.writer):
            give_away(fd)
            try:
                os.close(fd)
            except OSError:
                pass
        self.reader = self.writer = -1

    def _receive(self, timeout_s):
        self._await(timeout_s)
        try:
            message = wires._loads(
                wires.read_exactly(self.reader, int.from_bytes(wires.read_exactly(self.reader, 4), "big"))
            )
        except (wires.Closed, OSError, ValueError) as error:
            raise Lost("the process that holds the tests ended: %s" % error)
        if "broken" in message:
            raise Lost(message["broken"])
        return message

    def _await(self, timeout_s):
        ends, stopped = time.monotonic() + timeout_s, 0
        while not select.select([self.reader], [], [], 1.0)[0]:
            if time.monotonic() > ends:
                raise Lost("no answer in %d s from the process that holds the tests" % timeout_s)
            stopped = stopped + 1 if is_stopped(self.pid) else 0
            if stopped == _LOOKS:
                raise Lost("the process that holds the tests was stopped by a signal")


def _run(settings, how, fds):
    """The station's whole life; never returns."""
    try:
        os.setsid()
        hide(False)
        adopt_orphans()
        from _qtest_probe import stations

        stations.serve(settings, how, fds)
    except BaseException as error:
        try:
            wires.write_frame(fds[1], {"broken": "%s: %s" % (type(error).__name__, str(error)[:500])})
        except BaseException:
            pass
    finally:
        os._exit(1)


def fork():
    """The child has none of our private descriptors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads that the target started: that is its own business
        pid = os.fork()
    if pid == 0:
        for fd in _private:
            os.close(fd)
        _private.clear()
    return pid


def keep_to_ourselves(*fds):
    """No descendant gets these."""
    _private.update(fds)


def give_away(fd):
    """It is closed, or nothing of ours any more."""
    _private.discard(fd)


def hide(hidden=True):
    """Whether others of our user may look into our memory and descriptors by way of /proc."""
    _libc.prctl(_PR_SET_DUMPABLE, int(not hidden), 0, 0, 0)


def adopt_orphans():
    """Daemons that a test leaves behind become our children, so that they can be found and killed."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def spare_children():
    """Those that live now belong to the collected suite."""
    _kept.update(children())


def spared():
    """Whether there are any."""
    return bool(_kept)


def watched(work, limits, cap=8 << 20):
    """Fork, run `work(write_fd)` in the child, and tell from outside how it ended:
    {"ended", "code", "limit", "wall_s", "cpu_s", "data"}; `data` is what it wrote, its own word. `Born` passes through, in the child."""
    reader, writer = os.pipe()
    started = time.monotonic()
    pid = fork()
    if pid == 0:
        _child(reader, writer, work, limits)
    os.close(writer)
    data, limit = bytearray(), ""
    poller = select.poll()
    poller.register(reader, select.POLLIN)
    end = _end_of(pid)
    if end >= 0:
        poller.register(end, select.POLLIN)
    last_cpu, last_progress, open_ = 0.0, started, True
    pause = 50 if end >= 0 else 2
    while True:
        ready = [fd for fd, _ in poller.poll(pause)]
        if reader in ready:
            chunk = os.read(reader, 1 << 16)
            data += chunk
            if not chunk:
                open_ = False
                poller.unregister(reader)
            if len(data) > cap:
                limit = "output"
        if end < 0 or end in ready:
            done, status, usage = os.wait4(pid, os.WNOHANG)
            if done:
                break
        if limit:
            _end(pid)
            continue
        now = time.monotonic()
        if now - started < 0.05:
            continue
        pause = 50 if end >= 0 else 20
        cpu = tree_cpu(pid)
        if cpu > last_cpu + 0.01 * limits["blocked_s"]:  # polling a thing that never comes is waiting too
            last_cpu, last_progress = cpu, now
        if cpu > limits["cpu_s"]:
            limit = "cpu"
        elif now - last_progress > limits["blocked_s"]:
            limit = "blocked"
    if end >= 0:
        poller.unregister(end)
        os.close(end)
    while open_:
        chunk = os.read(reader, 1 << 16) if poller.poll(0) else b""
        if not chunk:
            break
        data += chunk[: max(0, cap - len(data))]
    os.close(reader)
    reap_orphans()
    signalled = os.WIFSIGNALED(status)
    return {
        "ended": "signal" if signalled else "exit",
        "code": os.WTERMSIG(status) if signalled else os.WEXITSTATUS(status),
        "limit": limit,
        "wall_s": time.monotonic() - started,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "data": bytes(data),
    }


def _child(reader, writer, work, limits):
    code = 1
    try:
        os.close(reader)
        os.setsid()
        hide(False)
        _bound_memory(limits)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        work(writer)
        code = 0
    except Born:
        code = None
        raise
    finally:
        if code is not None:
            os._exit(code)


def _end_of(pid):
    """A descriptor that becomes readable when the process ends; -1 where there are none."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return -1


def _bound_memory(limits):
    if "memory" in limits:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = limits["memory"] if hard == resource.RLIM_INFINITY else min(limits["memory"], hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _end(pid):
    for send, who in ((os.killpg, pid), (os.kill, pid)):
        try:
            send(who, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


def reap_orphans():
    """Kill and reap every child that is left; those of theirs come to us in turn."""
    for _ in range(1000):
        left = [pid for pid in children() if pid not in _kept]
        if not left:
            return
        for number in (signal.SIGSTOP, signal.SIGKILL):  # stopped first, or those that fork are never all caught
            for pid in left:
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
        for pid in left:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass


def children():
    try:
        with open("/proc/self/task/%d/children" % os.getpid()) as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def is_stopped(pid):
    """By SIGSTOP or one like it: nobody but what is judged does that to a station."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] == b"T"
    except (OSError, IndexError):
        return False


def tree_cpu(pid):
    """CPU seconds of a process and of its living and waited-for descendants that are still below it."""
    total, todo, seen = 0, [pid], set()
    while todo:
        one = todo.pop()
        if one in seen:
            continue
        seen.add(one)
        try:
            with open("/proc/%d/stat" % one, "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
            total += sum(int(value) for value in fields[11:15])
            with open("/proc/%d/task/%d/children" % (one, one)) as file:
                todo.extend(int(child) for child in file.read().split())
        except (OSError, ValueError, IndexError):
            pass
    return total / _TICK


def _pair():
    to_child, from_parent = os.pipe()
    to_parent, from_child = os.pipe()
    return (to_parent, from_parent), (to_child, from_child)

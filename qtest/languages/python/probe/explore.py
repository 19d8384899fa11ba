"""The explorer: tries candidates on a loaded module, and every living mutant they reach.

The supervisor never imports the target. Its worker does, behind the guard, and answers candidate by candidate; one that dies or hangs
costs that candidate only, and a new worker takes up the rest.
"""

import mmap
import os
import select
import signal
import struct
import time

from _qtest_probe import children, imported
from _qtest_probe import wire as wires

SILENCE_S = 8.0  # of one candidate, with all its mutants; each of them has its own limit of CPU time
IMPORT_S = 30.0  # of CPU
PATIENCE = 3
BLOCKED_S = 8.0  # of an import that uses no CPU time: it waits for what does not come


def serve(settings):
    wire = wires.Wire(quiet=False)
    load, worker = None, None
    while True:
        try:
            message = wire.receive()
        except wires.Closed:
            break
        if "load" in message:
            load = message["load"]
            worker = Worker(settings, load, set())
            wire.send({"loaded": worker.loaded})
        elif "explore" in message:
            worker, replies = _explored(settings, load, worker, message["explore"])
            wire.send({"observations": replies, "restarts": worker.restarts})
        elif "imported" in message:
            children.spare_children()  # the worker goes on living
            wire.send({"imported": imported.compared(settings, load, message["imported"])})
        else:
            break
    if worker is not None:
        worker.end()
    os._exit(0)


def _explored(settings, load, worker, order):
    """All candidates answered, in order; the worker that is left."""
    replies, rest = [], list(order["candidates"])
    while rest:
        answered, lost = worker.explore(rest, order["alive"])
        replies.extend(answered)
        rest = rest[len(answered) :]
        if lost:
            culprit = rest.pop(0)
            banned = worker.banned
            if worker.mutant():
                banned = banned | {worker.mutant()}
            replies.append({"candidate": culprit["id"], "status": lost, "detail": worker.mutant()})
            restarts = worker.restarts + 1
            worker.end()
            worker = Worker(settings, load, banned)
            worker.restarts = restarts
            if worker.loaded["problem"]:
                replies.extend(
                    {"candidate": candidate["id"], "status": "died", "detail": worker.loaded["problem"]}
                    for candidate in rest
                )
                rest = []
    return worker, replies


class Worker:
    """One forked process with the module loaded. `banned` are mutants that hung an earlier one: they are not tried again."""

    def __init__(self, settings, load, banned):
        self.banned = banned
        self.restarts = 0
        self.numbers = {mutant["id"]: number for number, mutant in enumerate(load["mutants"], 1)}
        self.beat = mmap.mmap(-1, 8)
        (self.reader, theirs_w), (theirs_r, self.writer) = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.reader)
                os.close(self.writer)
                os.setsid()
                from _qtest_probe import laboratory

                laboratory.serve(settings, load, banned, theirs_r, theirs_w, self.beat, self.numbers)
            finally:
                os._exit(1)
        os.close(theirs_r)
        os.close(theirs_w)
        self.loaded = self._loaded()

    def explore(self, candidates, alive):
        """(replies so far, how it was lost or "")."""
        replies = []
        try:
            wires.write_frame(self.writer, {"candidates": candidates, "alive": alive})
        except OSError:
            return replies, "died"
        while len(replies) < len(candidates):
            frame, lost = self._frame(SILENCE_S)
            if lost:
                return replies, lost
            replies.append(frame)
        return replies, ""

    def mutant(self):
        """The id of the mutant that was being tried when it was lost."""
        (number,) = struct.unpack("q", self.beat[:8])
        return next((name for name, other in self.numbers.items() if other == number), "")

    def end(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        for fd in (self.reader, self.writer):
            try:
                os.close(fd)
            except OSError:
                pass

    def _loaded(self):
        said, kind = self._hung(), "hang"
        if not said:
            frame, lost = self._frame(SILENCE_S)
            if not lost:
                return frame
            said, kind = "importing it ended the process (%s)" % self._how(), "crash"
        return {"problem": said, "kind": kind, "mutants": [], "functions": []}

    def _hung(self):
        """Wait for the first word after the import; why it will not come, or ""."""
        started = moved = time.monotonic()
        cpu_s = 0.0
        while not select.select([self.reader], [], [], 0.1)[0]:
            now, used_s = time.monotonic(), children.tree_cpu(self.pid)
            if used_s > cpu_s + 0.01 * BLOCKED_S:  # polling a thing that never comes is waiting too
                cpu_s, moved = used_s, now
            if now - moved > BLOCKED_S:
                return "importing it does not end: it waited %d s without computing" % BLOCKED_S
            if used_s > IMPORT_S or now - started > PATIENCE * IMPORT_S:  # others may have the cores
                return "importing it did not end within %d s" % (IMPORT_S if used_s > IMPORT_S else now - started)
        return ""

    def _frame(self, silence_s):
        deadline = time.monotonic() + silence_s
        try:
            size = int.from_bytes(self._exactly(4, deadline), "big")
            return wires._loads(self._exactly(size, deadline + silence_s)), ""
        except TimeoutError:
            return None, "timeout"
        except (wires.Closed, OSError, ValueError):
            return None, "died"

    def _exactly(self, count, deadline):
        parts = []
        while count:
            ready, _, _ = select.select([self.reader], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            data = os.read(self.reader, count)
            if not data:
                raise wires.Closed("end")
            parts.append(data)
            count -= len(data)
        return b"".join(parts)

    def _how(self):
        try:
            _, status = os.waitpid(self.pid, 0)
        except ChildProcessError:
            return "unknown"
        return "signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "exit code %d" % os.WEXITSTATUS(status)

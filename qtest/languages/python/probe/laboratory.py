"""Inside the explorer's worker: the module under test, its instruments and its mutants."""

import contextlib
import importlib
import io
import os
import random
import signal
import struct
import sys
import threading
import time
import warnings

from _qtest_probe import descriptors, instrument, observe, scratch, swap
from _qtest_probe import guard as guards
from _qtest_probe import wire as wires
from _qtest_probe.globals import Globals, caches_of
from _qtest_probe.line import clean, text_of
from _qtest_probe.program import LoopNeeded, Program, Result, SetupFailed, Stuck

SLOW_S = 0.06  # CPU of one run: a candidate near a limit would kill every mutant
FIRST_S = 0.5
PATIENT_S = 0.05  # of waiting in an event loop: the test that is written will really wait
OUTPUT = 4000
PATIENCE, SELDOM = 2, 4
_cpu, _signal, _timer, _threads = time.process_time, signal.signal, signal.setitimer, threading.enumerate


class TimeUp(BaseException):
    """CPU time is spent. Raised again and again, for code that swallows the first."""


def serve(settings, load, banned, reader, writer, beat, numbers):
    sys.setrecursionlimit(600)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1):
        os.dup2(null, fd)
    laboratory = Laboratory(settings, load, banned, beat, numbers)
    wires.write_frame(writer, laboratory.loaded())
    while True:
        message = wires._loads(wires.read_exactly(reader, int.from_bytes(wires.read_exactly(reader, 4), "big")))
        alive = [laboratory.patches[name] for name in message["alive"] if name in laboratory.patches]
        for candidate in message["candidates"]:
            wires.write_frame(writer, laboratory.tried(candidate, alive))


class Laboratory:
    def __init__(self, settings, load, banned, beat, numbers):
        self.settings, self.load, self.banned, self.beat, self.numbers = settings, load, banned, beat, numbers
        self.tree = os.path.realpath(settings["folder"])
        self.patches, self.states, self.functions = {}, [], []
        self.problem, self.kind, self.import_s = "", "", 0.0
        self.namespaces = {}
        self.spun, self.asked = {}, {}
        self.guard = guards.Guard()
        self.plain = bool(settings.get("plain"))
        self.unawaited = False
        warnings._warn_unawaited_coroutine = self._note_unawaited  # the interpreter calls it
        name = "confirmed-%d" % os.getpid() if self.plain else "tried"
        private = [self.tree] + ([self.guard.scratch + os.sep] if self.guard.scratch not in ("/", "/tmp") else [])
        self.scratch = scratch.Scratch(self.guard.scratch, name, private)
        if settings.get("shift_s"):
            from _qtest_probe import clock

            clock.shift(settings["shift_s"])
        self._import()
        self.descriptors = descriptors.Descriptors()
        sys.dont_write_bytecode = True  # a module that a call imports late is no reason to write a file

    def loaded(self):
        return {
            "problem": self.problem,
            "kind": self.kind,
            "mutants": self.states,
            "functions": self.functions,
            "import_s": self.import_s,
        }

    def _import(self):
        started = time.perf_counter()
        try:
            with _quiet():
                module = importlib.import_module(self.load["module"])
        except SyntaxError as error:
            self.problem, self.kind = "SyntaxError: %s, line %s" % (clean(error.msg), error.lineno), "syntax"
        except SystemExit as error:
            self.problem, self.kind = "importing it calls sys.exit(%s)" % clean(repr(error.code)), "exit"
        except BaseException as error:
            said = clean(text_of(error))
            self.problem = "importing it fails: %s" % type(error).__name__ + (": " + said if said else "")
            self.kind = "error"
        self.import_s = time.perf_counter() - started
        if self.problem:
            return
        self.swap = swap.Swap(self.settings["folder"])
        self.swap.look()
        siblings = [path for path in self.load["siblings"] if os.path.exists(os.path.join(self.tree, path))]
        self.instrumented = None if self.plain else instrument.Instrumented(self.swap, [self.load["path"]] + siblings)
        patches = self.swap.prepare(self.load["mutants"])
        self.swap.bind(patches)
        for patch in patches:
            self.states.append({"mutant": patch.id, "state": patch.state, "note": patch.note[:200]})
            if patch.state == "swappable" and patch.id not in self.banned and not patch.control:
                patch.places = self.instrumented.lines.get((patch.path, patch.line), ()) if self.instrumented else ()
                self.patches[patch.id] = patch
        self.modules = [module] + [
            other for other in list(sys.modules.values()) if other is not module and self._is_ours(other)
        ]
        self.caches = caches_of(self.modules)
        self.globals = Globals(self.modules)

    def _is_ours(self, module):
        file = getattr(module, "__file__", None)
        return isinstance(file, str) and os.path.realpath(file).startswith(self.tree + os.sep)

    def tried(self, candidate, alive):
        """One candidate: with instruments, again without, then on every living mutant it reaches, and a last time."""
        reply = {"candidate": candidate["id"], "status": "ok"}
        started = _cpu()
        self._beat("")
        try:
            program = Program(candidate, self.namespaces)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return dict(reply, status="syntax", detail=clean(str(error)))
        except BaseException as error:
            return dict(reply, status="setup failed", detail="%s: %s" % (type(error).__name__, clean(text_of(error))))
        try:
            self._try(program, alive, reply)
        except BaseException as error:
            reply.update(status="died", detail="%s: %s" % (type(error).__name__, clean(text_of(error))))
        reply["cpu_us"] = int((_cpu() - started) * 1e6)
        return reply

    def _try(self, program, alive, reply):
        first = None
        if self.instrumented is not None:
            self.instrumented.install()
            try:
                first = self._run(program, FIRST_S)
            finally:
                self.instrumented.remove()
            reply["features"] = self.instrumented.features()
            reply["compared"] = [
                {"left": repr(left), "right": repr(right), "place": operator}
                for _, left, right, operator in _distinct(self.instrumented.log)
                if scratch.told(repr((left, right))) == repr((left, right))
            ]
            hits = bytes(self.instrumented.hits)
            if first.status == "ok":
                reply["features"].append(100_000_000 + first.shape())
            if first.status == "timeout":
                reply.update(runs=1, status=first.status, detail=first.detail)
                return
        plain = self._run(program, FIRST_S)
        program.in_loop = bool(program.in_loop)
        reply["runs"] = 1
        status = "unsupported" if plain.status == "stuck" else plain.status
        reply.update(status=status, detail=plain.detail, returned=plain.returned, takes=plain.takes)
        if plain.status != "ok":
            return
        if plain.cpu_s > SLOW_S:
            reply.update(status="slow", detail="%d ms of CPU" % (plain.cpu_s * 1000))
            return
        if plain.waited_s > PATIENT_S:
            reply.update(status="unsupported", detail="it waits for %.2f s" % plain.waited_s)
            return
        if self.unawaited:
            reply.update(status="unsupported", detail="a coroutine is never awaited")
            return
        if plain.left:
            reply.update(status="unsupported", detail="it leaves a task running")
            return
        if self.globals.disturbed or (self.globals.filled and not self._settles(program)):
            reply.update(
                status="unsupported", detail="it leaves values of the module changed, which other tests would see"
            )
            return
        if first is not None and first.key != plain.key:
            reply.update(status="unstable", detail="two runs in a row differ")
            return
        if program.in_loop and first is not None and self._run(program, FIRST_S, slow=True).key != plain.key:
            reply.update(status="unstable", detail="its result depends on how fast it runs")
            return
        reply.update(seen=plain.text(), key=plain.key, raised=plain.raised, explicit=plain.explicit)
        if first is None:
            return
        reached = [patch for patch in alive if any(hits[place] for place in patch.places)]
        reply["reached"] = [patch.id for patch in reached]
        due = [patch for patch in reached if self._is_due(patch)]
        kills = [patch.id for patch in due if self._differs(program, patch, plain)]
        reply["runs"] += len(due)
        if kills or not self.globals.clean:
            again = self._run(program, FIRST_S)
            reply["runs"] += 1
            if again.key != plain.key:
                reply.update(status="unstable", detail="its result depends on what ran before")
                return
        reply["kills"] = kills

    def _is_due(self, patch):
        """A mutant that spun several times in a row is tried more and more seldom: each time costs as much as hundreds of others."""
        rest = min(self.spun.get(patch.id, 0) - PATIENCE, SELDOM)
        self.asked[patch.id] = self.asked.get(patch.id, 0) + 1
        return rest <= 0 or self.asked[patch.id] % 2**rest == 0

    def _differs(self, program, patch, plain):
        """A timeout is no kill, nor is a wait without an end, nor a run that was denied something."""
        self._beat(patch.id)
        self.swap.install(patch)
        try:
            limit_s = max(0.05, 10 * plain.cpu_s)
            mutated = self._run(program, limit_s, turns=plain.turns, claimed=plain.form)
        finally:
            self.swap.remove()
            self._beat("")
        self.spun[patch.id] = self.spun.get(patch.id, 0) + 1 if mutated.status == "timeout" else 0
        return mutated.status in ("ok", "unsupported") and mutated.key != plain.key

    def _settles(self, program):
        """Whether doing it again adds nothing to what doing it once has left: then it filled a memo. A register grows each time."""
        first = self._run(program, FIRST_S, put_back=False)
        left = self.globals.sizes()
        second = self._run(program, FIRST_S, put_back=False)
        settled = self.globals.sizes() == left and second.key == first.key
        self.globals.restore()
        return settled

    def _run(self, program, limit_s, put_back=True, slow=False, turns=0, claimed=None):
        try:
            return self._once(program, limit_s, put_back, slow, turns, claimed)
        except LoopNeeded:
            self.globals.restore()
            program.in_loop = True
            return self._once(program, limit_s, put_back, slow, turns, claimed)

    def _once(self, program, limit_s, put_back, slow, turns, claimed):
        for clear in self.caches:
            clear()
        random.seed(0) if not self.plain else None
        result = Result(self.tree, self.scratch, claimed)
        if program.uses_scratch:
            self.scratch.begin()
        self.unawaited = False
        out = io.StringIO()
        running = _unended()
        loop = _loop(self.plain, slow, turns) if program.in_loop else None
        before = _cpu()
        _signal(signal.SIGVTALRM, _time_up)
        _timer(signal.ITIMER_VIRTUAL, limit_s, 0.01)
        try:
            try:
                with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
                    self.guard.armed = True
                    try:
                        result.take(program, loop)
                    finally:
                        self.guard.armed = False
            finally:
                _timer(signal.ITIMER_VIRTUAL, 0)
        except TimeUp:
            result.status, result.detail = "timeout", "more than %d ms of CPU" % (limit_s * 1000)
        except guards.Denied as error:
            result.status, result.detail = "denied", str(error)
        except observe.Unsupported as error:
            result.status, result.detail = "unsupported", str(error)
        except SetupFailed as error:
            result.status, result.detail = "setup failed", clean(str(error))
        except LoopNeeded:
            raise
        except Stuck as error:
            result.status, result.detail = "stuck", str(error)
        except BaseException as error:
            result.status, result.detail = (
                "unsupported",
                "its value cannot be looked at: %s: %s" % (type(error).__name__, clean(text_of(error))),
            )
        finally:
            self.guard.armed = False
            if program.uses_scratch:
                self.scratch.end()
        if self.guard.event and result.status == "ok":
            result.status, result.detail = "denied", self.guard.event
        self.guard.event = ""
        if result.status == "ok" and _unended() - running:
            result.status, result.detail = "unsupported", "it leaves a thread running, for which the process would wait"
        result.cpu_s = _cpu() - before
        self.descriptors.tidy()
        printed = out.getvalue()
        if len(printed) > OUTPUT and result.status == "ok":
            result.status, result.detail = "unsupported", "it prints %d characters" % len(printed)
        result.finish(printed)
        if put_back:
            self.globals.restore()
        return result

    def _note_unawaited(self, coroutine):
        self.unawaited = True

    def _beat(self, name):
        self.beat[:8] = struct.pack("q", self.numbers.get(name, 0))


def _distinct(log):
    seen, found = set(), []
    for entry in log:
        key = (entry[1], entry[2])
        if entry[1] != entry[2] and key not in seen:
            seen.add(key)
            found.append(entry)
    return found[:24]


def _loop(real, slow, turns):
    from _qtest_probe import loops  # it takes long to load, and few need it

    return loops.made(real, slow, turns)


def _unended():
    """Threads that keep a process from ending."""
    return {thread for thread in _threads() if not thread.daemon}


def _time_up(number, frame):
    raise TimeUp


def _quiet():
    return contextlib.redirect_stdout(io.StringIO())

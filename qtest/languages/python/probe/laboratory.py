"""Inside the explorer's worker: the module under test, its instruments and its mutants."""

import contextlib
import importlib
import io
import os
import random
import signal
import struct
import sys
import time

from _qtest_probe import guard as guards
from _qtest_probe import inspection, instrument, observe, swap
from _qtest_probe import wire as wires

SLOW_S = 0.06  # CPU of one run: a candidate near a limit would kill every mutant
FIRST_S = 0.5
OUTPUT = 4000
_cpu, _signal, _timer = time.process_time, signal.signal, signal.setitimer
_RAISE = None


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
        self.guard = guards.Guard()
        self.plain = bool(settings.get("plain"))
        if settings.get("shift_s"):
            from _qtest_probe import clock

            clock.shift(settings["shift_s"])
        self._import()

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
            self.problem, self.kind = "SyntaxError: %s, line %s" % (_clean(error.msg), error.lineno), "syntax"
        except SystemExit as error:
            self.problem, self.kind = "importing it calls sys.exit(%s)" % _clean(repr(error.code)), "exit"
        except BaseException as error:
            self.problem, self.kind = (
                "importing it fails: %s: %s" % (type(error).__name__, _clean(_text(error))),
                "error",
            )
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
        self.caches = _caches(self.modules)
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
            return dict(reply, status="syntax", detail=_clean(str(error)))
        except BaseException as error:
            return dict(reply, status="setup failed", detail="%s: %s" % (type(error).__name__, _clean(_text(error))))
        try:
            self._try(program, alive, reply)
        except BaseException as error:
            reply.update(status="died", detail="%s: %s" % (type(error).__name__, _clean(_text(error))))
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
            ]
            hits = bytes(self.instrumented.hits)
            if first.status == "ok":
                reply["features"].append(100_000_000 + first.shape())
        plain = self._run(program, FIRST_S)
        reply["runs"] = 1
        reply.update(status=plain.status, detail=plain.detail)
        if plain.status != "ok":
            return
        if plain.cpu_s > SLOW_S:
            reply.update(status="slow", detail="%d ms of CPU" % (plain.cpu_s * 1000))
            return
        if self.globals.disturbed:
            reply.update(
                status="unsupported", detail="it leaves values of the module changed, which other tests would see"
            )
            return
        if first is not None and first.key != plain.key:
            reply.update(status="unstable", detail="two runs in a row differ")
            return
        reply.update(
            seen=plain.text(), key=plain.key, raised=plain.raised, explicit=plain.explicit, returned=plain.returned
        )
        if first is None:
            return
        reached = [patch for patch in alive if any(hits[place] for place in patch.places)]
        reply["reached"] = [patch.id for patch in reached]
        kills = [patch.id for patch in reached if self._differs(program, patch, plain)]
        reply["runs"] += len(reached)
        if kills or not self.globals.clean:
            again = self._run(program, FIRST_S)
            reply["runs"] += 1
            if again.key != plain.key:
                reply.update(status="unstable", detail="its result depends on what ran before")
                return
        reply["kills"] = kills

    def _differs(self, program, patch, plain):
        """A timeout is no kill, nor is a run that was denied something."""
        self._beat(patch.id)
        self.swap.install(patch)
        try:
            mutated = self._run(program, max(0.05, 10 * plain.cpu_s))
        finally:
            self.swap.remove()
            self._beat("")
        return mutated.status in ("ok", "unsupported") and mutated.key != plain.key

    def _run(self, program, limit_s):
        for clear in self.caches:
            clear()
        random.seed(0) if not self.plain else None
        result = Result(self.tree)
        out = io.StringIO()
        before = _cpu()
        _signal(signal.SIGVTALRM, _time_up)
        _timer(signal.ITIMER_VIRTUAL, limit_s, 0.01)
        try:
            try:
                with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
                    self.guard.armed = True
                    try:
                        result.take(program)
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
            result.status, result.detail = "setup failed", _clean(str(error))
        except BaseException as error:
            result.status, result.detail = (
                "unsupported",
                "its value cannot be looked at: %s: %s" % (type(error).__name__, _clean(_text(error))),
            )
        finally:
            self.guard.armed = False
        if self.guard.event and result.status == "ok":
            result.status, result.detail = "denied", self.guard.event
        self.guard.event = ""
        result.cpu_s = _cpu() - before
        printed = out.getvalue()
        if len(printed) > OUTPUT and result.status == "ok":
            result.status, result.detail = "unsupported", "it prints %d characters" % len(printed)
        result.finish(printed)
        self.globals.restore()
        return result

    def _beat(self, name):
        self.beat[:8] = struct.pack("q", self.numbers.get(name, 0))


class SetupFailed(Exception):
    """A line of the set-up raised: nothing was learned of the target."""


class Program:
    """A candidate, compiled once. Imports are run once for all that have the same."""

    def __init__(self, candidate, namespaces):
        imports = tuple(candidate["imports"])
        if imports not in namespaces:
            names = {"__name__": "candidate"}
            exec(compile("\n".join(imports), "<imports>", "exec"), names)
            namespaces[imports] = names
        self.names = namespaces[imports]
        self.setup = compile("\n".join(candidate["setup"]), "<setup>", "exec") if candidate["setup"] else None
        self.expression = compile(candidate["expr"], "<candidate>", "eval")
        self.watch = candidate["watch"]


class Result:
    def __init__(self, tree):
        self.tree = tree
        self.form = {}
        self.status, self.detail, self.key = "ok", "", ""
        self.raised, self.explicit, self.returned = "", False, ""
        self.cpu_s = 0.0

    def take(self, program):
        names = dict(program.names)
        if program.setup is not None:
            try:
                exec(program.setup, names)
            except Exception as error:
                raise SetupFailed("%s: %s" % (type(error).__name__, _text(error)))
        watched = {name: observe.seen(names[name]) for name in program.watch if name in names}
        try:
            value = eval(program.expression, names)
            self.form["result"] = observe.seen(value)
            self.returned = inspection.symbol(type(value))
        except observe.Unsupported:
            raise
        except (Exception, SystemExit) as error:
            self._failed(error)
        after = {name: observe.seen(names[name]) for name in watched}
        changed = {name: form for name, form in after.items() if form != watched[name]}
        if changed:
            self.form["watch"] = changed

    def finish(self, printed):
        if printed and "result" in self.form:
            self.form["out"] = printed
        if self.status == "ok":
            self.key = observe.key(self.form)
        else:
            self.key = "%s: %s" % (self.status, self.detail)

    def text(self):
        return wires._dumps(self.form)

    def shape(self):
        import zlib

        return zlib.crc32((self.raised or self.returned).encode()) % 1_000_000

    def _failed(self, error):
        """Explicit when a `raise` of the target's own files was the innermost step; only then is its message part of the form."""
        trace, innermost = error.__traceback__, None
        while trace is not None:
            innermost, trace = trace, trace.tb_next
        frame = innermost.tb_frame
        ours = os.path.realpath(frame.f_code.co_filename).startswith(self.tree + os.sep)
        self.explicit = ours and _raises(frame.f_code, innermost.tb_lasti)
        self.raised = inspection.symbol(type(error))
        inside = any(os.path.realpath(name).startswith(self.tree + os.sep) for name in _files(error.__traceback__))
        self.form["raised"] = {
            "type": self.raised,
            "message": inspection.message(error) if self.explicit else None,
            "explicit": self.explicit,
            "inside": inside,
        }
        self.form["raised"]["line"] = innermost.tb_lineno if ours else 0


class Globals:
    """Module-level values as they were after the import; put back when a run has changed them.

    `clean` when the last run changed nothing; `disturbed` when it did more than fill a cache: a dict that only gained keys, or a name
    that was None until now."""

    def __init__(self, modules):
        self.kept = []
        self.clean, self.disturbed = True, False
        for module in modules:
            names = {name: value for name, value in vars(module).items() if not name.startswith("__")}
            copies = [
                (value, type(value)(value))
                for value in names.values()
                if type(value) in (list, dict, set) and len(value) <= 2000
            ]
            self.kept.append((vars(module), names, copies))

    def restore(self):
        self.clean, self.disturbed = True, False
        for space, names, copies in self.kept:
            for name, value in names.items():
                if space.get(name, self) is not value:
                    self.disturbed = self.disturbed or value is not None
                    space[name] = value
                    self.clean = False
            for value, copy in copies:
                if len(value) != len(copy) or value != copy:
                    self.clean = False
                    self.disturbed = self.disturbed or not _only_gained(value, copy)
                    value.clear()
                    value.extend(copy) if isinstance(value, list) else value.update(copy)


def _only_gained(value, copy):
    return isinstance(value, dict) and all(key in value and value[key] is copy[key] for key in copy)


def _caches(modules):
    found = []
    for module in modules:
        for value in list(vars(module).values()):
            for thing in [value] + (list(vars(value).values()) if isinstance(value, type) else []):
                clear = getattr(thing, "cache_clear", None) if type(thing).__name__ == "_lru_cache_wrapper" else None
                if clear is not None:
                    found.append(clear)
    return found


def _raises(code, last):
    global _RAISE
    if _RAISE is None:
        import dis

        _RAISE = dis.opmap["RAISE_VARARGS"]
    return 0 <= last < len(code.co_code) and code.co_code[last] == _RAISE


def _files(trace):
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename
        trace = trace.tb_next


def _distinct(log):
    seen, found = set(), []
    for entry in log:
        key = (entry[1], entry[2])
        if entry[1] != entry[2] and key not in seen:
            seen.add(key)
            found.append(entry)
    return found[:24]


def _time_up(number, frame):
    raise TimeUp


def _quiet():
    return contextlib.redirect_stdout(io.StringIO())


def _text(error):
    try:
        return str(error)
    except BaseException:
        return "(its text cannot be shown)"


def _clean(text):
    first = next((line for line in text.splitlines() if line.strip()), "")
    return "".join(c if c.isprintable() else "\\x%02x" % ord(c) for c in first[:300])

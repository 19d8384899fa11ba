"""One run of a candidate, and what came of it."""

import ast
import inspect
import opcode
import os
import types
import zlib

from _qtest_probe import form, inspection, observe
from _qtest_probe import scratch as scratches
from _qtest_probe import wire as wires
from _qtest_probe.line import text_of


class SetupFailed(Exception):
    """A line of the set-up raised: nothing was learned of the target."""


class LoopNeeded(BaseException):
    """What comes back can only be had in an event loop."""


class Stuck(BaseException):
    """Everything waits for what does not come, or comes too late for a test."""


class Program:
    """A candidate, compiled once. Imports are run once for all that have the same.

    `in_loop` is None until a run has shown whether its result must be awaited; from then on every run, of mutants too, is of that way.
    """

    def __init__(self, candidate, namespaces):
        imports = tuple(candidate["imports"])
        if imports not in namespaces:
            names = {"__name__": "candidate"}
            exec(compile("\n".join(imports), "<imports>", "exec"), names)
            namespaces[imports] = names
        self.names = namespaces[imports]
        setup = "\n".join(candidate["setup"])
        self.setup = compile(setup, "<setup>", "exec", _AWAIT) if setup else None
        self.expression = compile(candidate["expr"], "<candidate>", "eval", _AWAIT)
        self.watch = candidate["watch"]
        codes = [code for code in (self.setup, self.expression) if code is not None]
        self.in_loop = True if any(_awaits(code) for code in codes) else None
        self.uses_scratch = any("tmp_path" in code.co_names for code in codes)


class Result:
    """`form` is what a test could say of the run; `key` is equal for runs that pass each other's tests. `claimed` is the form of the
    unchanged code's run: of a mutant's files only those are looked at that its test looks at."""

    def __init__(self, tree, scratch=None, claimed=None):
        self.tree, self.scratch, self.claimed = tree, scratch, claimed
        self.form = {}
        self.status, self.detail, self.key = "ok", "", ""
        self.raised, self.explicit, self.returned, self.takes = "", False, "", None
        self.cpu_s = self.waited_s = 0.0
        self.left, self.turns = False, 0

    def take(self, program, loop=None):
        """Raises LoopNeeded, having learned nothing."""
        scenario = self._scenario(program)
        if loop is not None:
            from _qtest_probe import loops

            self.left, self.waited_s, self.turns = loops.run(loop, scenario)
            return
        try:
            scenario.send(None)
        except StopIteration:
            pass

    async def _scenario(self, program):
        names = dict(program.names)
        if program.uses_scratch:
            names["tmp_path"] = scratches._Path(self.scratch.folder)
        if program.setup is not None:
            try:
                await _done(program.setup, names)
            except Exception as error:
                raise SetupFailed("%s: %s" % (type(error).__name__, text_of(error)))
        watched = _watched(names, program.watch)
        files = self.scratch.look() if program.uses_scratch else {}
        unseen = None
        try:
            value = await _done(program.expression, names)
            if type(value) is types.CoroutineType:
                if not program.in_loop:
                    value.close()
                    self._ask_for_loop(program)
                else:
                    self.form["awaited"] = "value"
                    value = await value
            self.returned = inspection.symbol(type(value))
            if observe.comes_later(value):
                if not program.in_loop:
                    self._ask_for_loop(program)
                else:
                    self.form["awaited"] = "value items" if "awaited" in self.form else "items"
                    value = await observe.drained(value)
            self.takes = inspection.takes(value)
            unseen = self._look(program, value, names)
        except observe.Unsupported:
            raise
        except (Exception, SystemExit) as error:
            self._failed(error)
        if program.uses_scratch:
            self._filed(files, self.scratch.look())
        if unseen is not None and self.claimed is None and "files" not in self.form:
            raise unseen
        after = _watched(names, watched)
        if after.keys() != watched.keys():
            raise observe.Unsupported("something that was looked at cannot be looked at any more")
        changed = {name: form for name, form in after.items() if form != watched[name]}
        if changed:
            self.form["watch"] = changed

    def _ask_for_loop(self, program):
        if program.in_loop is None:
            raise LoopNeeded

    def _look(self, program, value, names):
        """Why nothing can be said of the value, where the files that were written may be all there is to say; else None."""
        if self.claimed is not None and self.claimed.get("result") == _UNSEEN:
            self.form["result"] = observe.Seen(_UNSEEN)
            return None
        try:
            self.form["result"] = _seen(value, program.watch, names)
        except observe.Unsupported as why:
            if not program.uses_scratch:
                raise
            self.form["result"] = observe.Seen(_UNSEEN)
            return why
        return None

    def _filed(self, before, after):
        if self.claimed is None:
            files = scratches.changes(before, after)
        else:
            files = scratches.as_claimed(self.claimed.get("files", ()), after)
        if files:
            self.form["files"] = files

    def finish(self, printed):
        told = scratches.told(printed)
        if told is None and self.status == "ok":
            self.status, self.detail = "unsupported", "it prints a path of this machine"
        if told and "result" in self.form:
            self.form["out"] = told
        if self.status == "ok":
            self.key = observe.key(self.form)
        else:
            self.key = "%s: %s" % (self.status, self.detail)

    def text(self):
        return wires._dumps(self.form)

    def shape(self):
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


def _can_wait(value):
    """To be looked at is not to be used up."""
    return type(value) in form.BUFFERS or not hasattr(type(value), "__next__")


def _watched(names, wanted):
    """Those of which something can be seen, and seen without using them up."""
    found = {}
    for name in wanted:
        if name in names and _can_wait(names[name]):
            try:
                found[name] = observe.seen(names[name])
            except observe.Unsupported:
                pass
    return found


async def _done(code, names):
    value = eval(code, names)
    return await value if _awaits(code) else value


def _awaits(code):
    return bool(code.co_flags & inspect.CO_COROUTINE)


_UNSEEN = {"kind": "opaque", "symbol": "", "why": "only the files tell"}


def _raises(code, last):
    return 0 <= last < len(code.co_code) and code.co_code[last] == _RAISE


_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_RAISE = opcode.opmap["RAISE_VARARGS"]


def _files(trace):
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename
        trace = trace.tb_next


def _seen(value, names, values):
    try:
        return observe.seen(value)
    except observe.Unsupported:
        for name in names:
            if values.get(name) is value:
                return observe.same(name)
        raise

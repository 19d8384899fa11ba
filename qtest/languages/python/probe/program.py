"""One run of a candidate, and what came of it."""

import opcode
import os
import zlib

from _qtest_probe import inspection, observe
from _qtest_probe import wire as wires
from _qtest_probe.line import text_of


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
    """`form` is what a test could say of the run; `key` is equal for runs that pass each other's tests."""

    def __init__(self, tree):
        self.tree = tree
        self.form = {}
        self.status, self.detail, self.key = "ok", "", ""
        self.raised, self.explicit, self.returned, self.takes = "", False, "", None
        self.cpu_s = 0.0

    def take(self, program):
        names = dict(program.names)
        if program.setup is not None:
            try:
                exec(program.setup, names)
            except Exception as error:
                raise SetupFailed("%s: %s" % (type(error).__name__, text_of(error)))
        watched = _seen(names, program.watch)
        try:
            value = eval(program.expression, names)
            self.returned, self.takes = inspection.symbol(type(value)), inspection.takes(value)
            self.form["result"] = observe.seen(value)
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


def _seen(names, watch):
    """Of those that can be looked at: of a function nothing can be said but what comes of calling it."""
    found = {}
    for name in watch:
        if name in names:
            try:
                found[name] = observe.seen(names[name])
            except observe.Unsupported:
                continue
    return found


def _raises(code, last):
    return 0 <= last < len(code.co_code) and code.co_code[last] == _RAISE


_RAISE = opcode.opmap["RAISE_VARARGS"]


def _files(trace):
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename
        trace = trace.tb_next

"""Applies mutants in a live process: code objects are exchanged in place, so that every reference taken early sees the change."""

import gc
import os
import types

from _qtest_probe import codes
from _qtest_probe.mark import marked
from _qtest_probe.source import Source


class Patch:
    """One mutant, compiled. `state` is as in qtest.records.workbench.MutantState."""

    def __init__(self, mutant):
        self.id = mutant["id"]
        self.path = mutant["path"]
        self.control = mutant.get("control", "")
        self.line = mutant["line"]
        self.state = "invalid"
        self.note = ""
        self.pairs = []  # (original code, mutated code), the outermost function first
        self.stuck = []  # original codes that change and cannot be exchanged by themselves
        self.live = []  # (function, mutated code)


class Swap:
    """`tree` is the folder that mutants' paths are relative to."""

    def __init__(self, tree):
        self.tree = tree
        self._sources = {}
        self._installed = []
        self._functions = None

    def prepare(self, mutants):
        return [self._prepared(Patch(mutant), mutant) for mutant in mutants]

    def fits(self, mutant):
        """Whether it was made of the text that the file has; a file that cannot be read is told by `prepare`."""
        try:
            return self.source(mutant["path"]).text[mutant["start"] : mutant["end"]] == mutant["original"]
        except (SyntaxError, ValueError, RecursionError, MemoryError, OSError):
            return True

    def bind(self, patches):
        """Find the functions that live now; the first call looks, later ones remember. Look before gc.freeze, which hides them."""
        functions = self.look()
        for patch in patches:
            if patch.state != "swappable":
                continue
            for original, mutated in patch.pairs:
                for function in functions.get((original.co_name, original.co_firstlineno), ()):
                    if codes.twins(function.__code__, original):
                        patch.live.append((function, mutated))
            outer = patch.pairs[0][0]
            if not any(codes.twins(function.__code__, outer) for function, _ in patch.live):
                patch.state, patch.note, patch.live = "fresh import", "no live function has this code", []
            elif any(self._lives(code) for code in patch.stuck):
                patch.state, patch.note, patch.live = "fresh import", "a closure made earlier needs other variables", []

    def _lives(self, code):
        named = self.look().get((code.co_name, code.co_firstlineno), ())
        return any(codes.twins(function.__code__, code) for function in named)

    def look(self):
        if self._functions is None:
            self._functions = {}
            for thing in gc.get_objects():
                if type(thing) is types.FunctionType:
                    self._functions.setdefault((thing.__code__.co_name, thing.__code__.co_firstlineno), []).append(
                        thing
                    )
        return self._functions

    def install(self, patch, hit=None):
        """Exchange the code of every live function; `hit`, a builtin bound method, is called when the statement is entered."""
        for function, mutated in patch.live:
            self._installed.append((function, function.__code__))
            function.__code__ = marked(mutated, hit)
        return len(patch.live)

    def remove(self):
        while self._installed:
            function, code = self._installed.pop()
            function.__code__ = code

    def source(self, path):
        if path not in self._sources:
            self._sources[path] = Source(os.path.join(self.tree, path))
        return self._sources[path]

    def _prepared(self, patch, mutant):
        try:
            source = self.source(patch.path)
            plain, mutated = source.mutated(mutant)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OSError) as error:
            patch.note = "%s: %s" % (type(error).__name__, error)
            return patch
        original = source.statement(mutant["start"])
        if not patch.control and codes.alike(original, plain):
            patch.state = "same code"
        elif mutant.get("runs_at") == "import":
            patch.state = "fresh import"
        else:
            patch.pairs, patch.stuck = codes.pairs(original, mutated, plain)
            patch.note = "" if patch.pairs else "the change is not inside one function"
            if any(codes.has_double(original, old) for old, _ in patch.pairs):
                patch.note = "another function on its line has the same code"
            patch.state = "fresh import" if patch.note else "swappable"
        return patch

"""Compiles mutants, and tells those that are no programs of their own. Nothing of the target is run."""

import os

from _qtest_probe import codes
from _qtest_probe import wire as wires
from _qtest_probe.source import Source


def serve(settings):
    """Frames in: {"mutants": [...]}. Frames out: {"dropped": [...]}, of the form of qtest.records.workbench.MutantState."""
    wire = wires.Wire(quiet=False)
    known = Known(settings["folder"])
    while True:
        try:
            message = wire.receive()
        except wires.Closed:
            break
        wire.send({"dropped": [state for state in map(known.state, message["mutants"]) if state]})


class Known:
    """Every code seen so far, with the mutant that was first to have it."""

    def __init__(self, tree):
        self.tree = tree
        self.sources = {}
        self.first = {}

    def state(self, mutant):
        """None for a program that was not seen before."""
        try:
            source = self._source(mutant["path"])
            unit = source.unit(mutant["start"])
            code = source.plain(mutant)
            place = (mutant["path"], unit)
            if place not in self.first:
                self.first[place] = {codes.essence(source.statement(mutant["start"])): ""}
        except (SyntaxError, ValueError, RecursionError, MemoryError, OSError) as error:
            return {"mutant": mutant["id"], "state": "invalid", "note": "%s: %s" % (type(error).__name__, error)}
        first = self.first[place].setdefault(codes.essence(code), mutant["id"])
        if first == mutant["id"]:
            return None
        return {"mutant": mutant["id"], "state": "same code", "note": "as %s" % first if first else ""}

    def _source(self, path):
        if path not in self.sources:
            self.sources[path] = Source(os.path.join(self.tree, path))
        return self.sources[path]

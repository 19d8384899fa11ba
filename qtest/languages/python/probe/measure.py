"""Which lines each test executes: coverage.py with one context a test; what runs outside of all belongs to all."""

import os
import sys

from _qtest_probe.events import SPAWNING
from _qtest_probe.offspring import offspring


class Measure:
    """Lines that a wide fixture runs are given to every test that uses it: see `result`."""

    def __init__(self, settings):
        import coverage

        self.folder = settings["folder"]
        self.sources = [os.path.join(self.folder, name) for name in settings["sources"]]
        self.coverage = coverage.Coverage(
            data_file=None, branch=True, config_file=False, include=self.sources, messages=False
        )
        self.whole = not settings.get("reverse")  # a run in reverse is only asked which test did what
        self.node = ""
        self.spawning = set()
        self.offspring = None

    def start(self):
        sys.addaudithook(self._hear)
        self.coverage.start()
        self.coverage.switch_context("shared")

    def stop(self):
        self.coverage.stop()

    def _hear(self, event, _):
        if event in SPAWNING and self.node:
            self.spawning.add(self.node)

    def watch(self, what, node, when=""):
        if what == "start":
            self.node = node
            self.offspring = offspring()
            self.coverage.switch_context("test " + node)
        elif what == "end":
            self.node = ""
            after = offspring()
            if after != self.offspring or after[1]:
                self.spawning.add(node)
            self.coverage.switch_context("shared")

    def result(self, tests):
        data = self.coverage.get_data()
        lines = {}
        for path in data.measured_files():
            name = os.path.relpath(os.path.realpath(path), os.path.realpath(self.folder))
            for line, contexts in data.contexts_by_lineno(path).items():
                for context in contexts:
                    if context and line > 0:
                        lines.setdefault(context, {}).setdefault(name, set()).add(line)
        for test in tests:
            test["lines"] = _told(lines.get("test " + test["node"], {}))
            test["spawns"] = test["node"] in self.spawning
        return {
            "shared": _told(lines.get("shared", {})),
            "files": [self._file(path) for path in self.sources if self.whole and os.path.exists(path)],
        }

    def _file(self, path):
        name = os.path.relpath(path, self.folder)
        try:
            found = self.coverage._analyze(path)  # analysis2 is the same, and would read each file twice
            statements, missing, numbers = sorted(found.statements), sorted(found.missing), found.numbers
            branches, taken = numbers.n_branches, numbers.n_branches - numbers.n_missing_branches
        except Exception:
            return {"path": name, "statements": [], "executed": []}
        executed = sorted(set(statements) - set(missing))
        return {
            "path": name,
            "statements": statements,
            "executed": executed,
            "missing": missing,
            "branches": branches,
            "branches_taken": taken,
        }


def _told(lines):
    return [{"path": name, "lines": sorted(numbers)} for name, numbers in sorted(lines.items())]

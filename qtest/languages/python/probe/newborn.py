"""The life of a nursery's child: pytest goes on from where it was configured, collects, runs, and tells."""

import os
import sys

from _qtest_probe import recorder
from _qtest_probe.line import clean
from _qtest_probe.running import FIRST, Elsewhere, mute, run_items, tell
from _qtest_probe.short import shorten


class Newborn:
    """`targets` are files or nodes to collect, None for all of the station's; `planned` the nodes to run, None for all that are collected.
    `change` is (source, mutant); `known` are all nodes of the unmutated suite in their order, when all of it is collected. `served` names
    the modules that got the mutated code."""

    def __init__(self, folder, writer, targets, planned, matrix, change, known=()):
        self.folder = folder
        self.writer, self.targets, self.planned, self.matrix = writer, targets, planned, matrix
        self.changed, self.known, self.names = change is not None, known, {}
        self.flags, self.elsewhere, self.served = {1: 1}, False, []
        self.plugin = recorder.Recorder()
        self.before = frozenset(sys.modules)
        self.note = ""
        if change is not None:
            self.elsewhere = Elsewhere(change[0].path)

    def aim(self, early_config, args, settings):
        """Let pytest collect the targets instead of all the files that it was configured with."""
        if self.targets is None:
            return
        del args[len(args) - len(settings.get("files") or ()) :]
        args.extend(self.targets)
        known = early_config.known_args_namespace
        if hasattr(known, "file_or_dir"):
            known.file_or_dir = list(self.targets)

    def collect(self, session):
        session.config.pluginmanager.register(self.plugin)
        mute(session)
        shorten(session.config, self.plugin)
        if self.targets is not None:
            session.config.args = list(self.targets)

    def run(self, session):
        """Never comes back: what a session does at its end is no test's business, and costs more than a test."""
        wanted = None if self.planned is None else set(self.planned)
        self.names = renamed(self.known, [item.nodeid for item in session.items])
        items = [item for item in session.items if wanted is None or self._known(item.nodeid) in wanted]
        if self.targets is not None:
            place = {node: number for number, node in enumerate(self.planned)}
            items.sort(key=lambda item: place[item.nodeid])
        run_items(session, [] if self.plugin.problems else items, self.plugin, self.matrix)
        self.tell()

    def _known(self, node):
        return self.names.get(node, node)

    def broke(self, error):
        from _pytest.config import ConftestImportFailure

        if isinstance(error, ConftestImportFailure):
            cause = getattr(error, "cause", None) or (error.excinfo[1] if hasattr(error, "excinfo") else error)
            known = recorder.failing(str(getattr(error, "path", "conftest.py")), "import", cause)
            known["kind"] = "import" if known["kind"] in recorder.KILLING else known["kind"]
            self.plugin.failing.append(known)
        else:
            self.note = "pytest ended with %s: %s" % (type(error).__name__, clean(str(error)))

    def tell(self):
        plugin = self.plugin
        plugin.results = {self._known(node): result for node, result in plugin.results.items()}
        for one in plugin.failing:
            one["node"] = self._known(one["node"])
        plugin.failing.extend(plugin.uncollected)
        if not plugin.tripped:
            _trip_alone(plugin)
        executed = True if not self.flags else None if self.elsewhere else False
        applied = bool(self.served) or bool(self.elsewhere)
        modules = [] if self.changed else _foreign(self.folder, self.before)
        tell(self.writer, plugin, applied, executed, self.note, modules=modules)
        os._exit(0)


def renamed(known, now):
    """Old names by new ones, of the tests that a mutant only gave another name, by way of their parameters: a function still has as many,
    and those that are new stand for those that are gone, in order."""
    gone, new, names = _by_function(known, now), _by_function(now, known), {}
    for function, nodes in new.items():
        if len(nodes) == len(gone.get(function, ())):
            names.update(zip(nodes, gone[function]))
    return names


def _by_function(nodes, others):
    """Those that are not among the others."""
    found, there = {}, frozenset(others)
    for node in nodes:
        if node not in there:
            found.setdefault(node.partition("[")[0], []).append(node)
    return found


def _foreign(folder, before):
    """Modules that were imported since and lie outside of the tree, in the order in which their imports began."""
    top = os.path.realpath(folder) + os.sep
    found = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        builtin = file is None and name in sys.builtin_module_names
        if name not in before and (builtin or (isinstance(file, str) and not os.path.realpath(file).startswith(top))):
            if getattr(getattr(module, "__spec__", None), "name", None) == name and not name.startswith("_qtest_probe"):
                found.append(name)
    return found


def _trip_alone(plugin):
    """When pytest did not get as far as running tests: does it still tell a failing one?"""
    import pytest

    try:
        pytest.main(
            ["-p", "no:cacheprovider", "--noconftest", "-q", "-o", "addopts="], plugins=[plugin, _TripOnly(plugin)]
        )
    except BaseException as error:
        plugin.problems.append("the tripwire could not be run: %s" % type(error).__name__)


class _TripOnly:
    def __init__(self, plugin):
        self.plugin = plugin

    def pytest_collection(self, session):
        session.items = []
        return True

    def pytest_runtestloop(self, session):
        run_items(session, [], self.plugin, True)
        return True

    pytest_collection.pytest_impl = FIRST
    pytest_runtestloop.pytest_impl = FIRST

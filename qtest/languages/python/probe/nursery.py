"""The nursery: has pytest configured and what the target depends on imported, but nothing of the target's; a child of it imports
everything anew, the mutated file among it."""

import contextlib
import gc
import importlib
import os
import sys
import warnings

from _qtest_probe import children, finder, options, swap
from _qtest_probe.desk import Desk, not_run
from _qtest_probe.newborn import Newborn
from _qtest_probe.running import FIRST, named

ORIGINS = ("session", "configuration", "python")  # where children are born, the quickest way first
_MOST_FIRST = 30  # tests that are asked first; each costs a third of a millisecond, more files a collection


class Nursery(Desk):
    """A pytest plugin: serves from the moment a session has started, before anything is collected.

    Some targets cannot be judged so: a conftest imports them, or a plugin of theirs is loaded by pytest's configuration, or a dependency
    that is imported early changes what they do. For them `settings["origin"]` names an earlier moment: see ORIGINS.
    """

    def __init__(self, settings, fds, disk):
        super().__init__(settings, disk)
        self.fds = fds
        self.swap = swap.Swap(settings["folder"])
        self.origin = settings.get("origin", ORIGINS[0])
        self.newborn = None
        self.settled = False
        self.stranded = False
        self.first = None

    def live(self):
        """All of the station's life, and of each child's after it has left the station's code."""
        from _pytest.config import _prepareconfig

        self._wait("python")
        try:
            config = _prepareconfig(options.arguments(self.settings), [self])
            config.hook.pytest_cmdline_main(config=config)
        except BaseException as error:
            if self.newborn is not None:
                self.newborn.broke(error)
        if self.newborn is not None:
            self.newborn.tell()
        self.stranded = True  # pytest never came to where children are born
        self.serve(self.fds)

    def pytest_load_initial_conftests(self, early_config, parser, args):
        self._wait("configuration")
        if self.newborn is not None:
            self.newborn.aim(early_config, args, self.settings)
        yield

    pytest_load_initial_conftests.pytest_impl = {**FIRST, "hookwrapper": True}

    def pytest_collection(self, session):
        self._wait("session")
        self.newborn.collect(session)

    pytest_collection.pytest_impl = FIRST

    def pytest_runtestloop(self, session):
        self.newborn.run(session)
        return True

    pytest_runtestloop.pytest_impl = FIRST

    def _wait(self, origin):
        """Only children come out."""
        if origin != self.origin:
            return
        try:
            self.serve(self.fds)
            os._exit(0)
        except children.Born:
            return

    def answer(self, order, limits):
        if self.stranded:
            return {"retreat": self._earlier()}
        mutant = order["mutant"]
        patch = self.swap.prepare([mutant])[0]
        if patch.state in ("same code", "invalid"):
            return not_run(order, "fresh import", patch.state + (": " + patch.note if patch.note else ""))
        if self.origin != "python" and not self._settled():
            return {"retreat": self._earlier()}
        facts = self.reference("whole", lambda writer: self._begin(writer, None, None, True))
        tests = facts["record"].get("tests", {})
        wanted = named(order["tests"], tests)
        planned = [node for node in wanted if tests.get(node, {}).get("passed")]
        if len(planned) < len(wanted) and self.origin != "python":
            return {"retreat": self._earlier()}
        if not planned:
            problem = (facts["record"].get("problems") or ["none of its tests passes without the change"])[0]
            return not_run(order, "fresh import", problem)
        spent = (0.0, 0.0)
        if not order["matrix"]:
            run = self._ask_first(order, limits, planned, tests)
            if run is not None:
                if run["failing"] or run["limit"] or run["ended"] != "exit" or run["spoiled"]:
                    return run
                spent = run["wall_s"], run["cpu_s"]
        run = self._run(order, limits, planned, None, facts, tests)
        run["wall_s"], run["cpu_s"] = run["wall_s"] + spent[0], run["cpu_s"] + spent[1]
        for one in run["failing"][:1]:
            self._remember(one.get("node"), planned)
        return run

    def _ask_first(self, order, limits, planned, tests):
        """The few tests that are likely to notice, alone; None when it cannot be said so."""
        if self.first is None:
            self.first = _spread(planned, tests)
        first = [node for node in self.first if node in tests]
        if not first or len(first) == len(planned):
            return None
        facts = self.reference(tuple(first), lambda writer: self._begin(writer, first, first, True))
        alone = facts["record"].get("tests", {})
        if not all(alone.get(node, {}).get("passed") for node in first):
            self.first = []  # they depend on others: the whole suite tells
            return None
        return self._run(order, limits, first, first, facts, alone)

    def _remember(self, node, planned):
        """What the first ones did not notice and this one did."""
        if node in planned and self.first:
            self.first = ([node] + [one for one in self.first if one != node])[:_MOST_FIRST]

    def _run(self, order, limits, planned, targets, facts, tests):
        mutant = order["mutant"]
        source = self.swap.source(mutant["path"])
        return self.judged(
            order,
            "fresh import",
            planned,
            lambda writer: self._begin(
                writer, targets, planned, order["matrix"], (source, mutant), () if targets else list(tests)
            ),
            limits,
            facts["cpu_s"],
            max(tests[node].get("wall_s", 0.0) for node in planned),
            source.encoded(mutant),
        )

    def _begin(self, writer, targets, planned, matrix, change=None, known=()):
        self.newborn = Newborn(self.settings["folder"], writer, targets, planned, matrix, change, known)
        if change is not None:
            self.newborn.served = finder.install(*change, self.newborn.flags.clear)
        raise children.Born

    def _earlier(self):
        return ORIGINS[ORIGINS.index(self.origin) + 1]

    def _settled(self):
        """Import what a collection of the suite imports and does not belong to the target; False when that cannot be had without it."""
        if not self.settled:
            if _of_target(self.settings["folder"]):
                return False
            facts = self.reference("modules", lambda writer: self._begin(writer, None, [], True))
            _imported(facts["record"].get("modules", []))
            self.settled = not _of_target(self.settings["folder"])
            gc.collect()
            gc.freeze()
        return self.settled


def _imported(names):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            with contextlib.suppress(
                Exception
            ):  # it wants the target, or what the target did before: children import it
                importlib.import_module(name)


def _spread(planned, tests):
    """One test of each function, the quickest."""
    by_function = {}
    for node in planned:
        name = node.partition("[")[0]
        if name not in by_function or tests[node]["wall_s"] < tests[by_function[name]]["wall_s"]:
            by_function[name] = node
    quickest = sorted(by_function.values(), key=lambda node: (round(tests[node]["wall_s"], 1), node))
    return quickest[:8]


def _of_target(folder):
    """Whether a module that lies in the tree, other than a conftest, is already imported."""
    top = os.path.realpath(folder) + os.sep
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return any(
        os.path.realpath(file).startswith(top) and os.path.basename(file) != "conftest.py"
        for file in files
        if isinstance(file, str)
    )

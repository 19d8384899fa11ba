"""The zygote: has collected the suite; a child of it exchanges code and runs one mutant's tests."""

import contextlib
import gc
import os

from _qtest_probe import recorder, swap
from _qtest_probe.desk import LOOSE, Desk, not_run
from _qtest_probe.running import FIRST, Elsewhere, mute, named, run_items, tell
from _qtest_probe.short import shorten


class Zygote(Desk):
    """A pytest plugin: serves instead of running the tests, from the moment they are collected."""

    def __init__(self, settings, fds, disk):
        super().__init__(settings, disk)
        self.fds = fds
        self.served = False
        self.good = set()  # sequences of tests that pass without any change
        self.recorder = recorder.Recorder()
        self.swap = swap.Swap(settings["folder"])

    def pytest_collectreport(self, report):
        self.recorder.pytest_collectreport(report)

    def pytest_internalerror(self, excrepr, excinfo):
        self.recorder.pytest_internalerror(excrepr, excinfo)

    def pytest_runtestloop(self, session):
        self.session = session
        self.items = {item.nodeid: item for item in session.items}
        if not self.items:
            return None
        self.swap.look()
        for item in session.items:
            with contextlib.suppress(Exception):
                item.location  # noqa: B018 - pytest remembers it, and every child would find it anew
        self.plugin = recorder.Recorder()
        session.config.pluginmanager.register(self.plugin)  # once: it would cost every child one to two milliseconds
        mute(session)
        shorten(session.config, self.plugin)
        self.trip = recorder.tripwire(session)
        gc.collect()
        gc.freeze()
        self.served = True
        self.serve(self.fds)
        os._exit(0)

    pytest_runtestloop.pytest_impl = FIRST

    def answer(self, order, limits):
        mutant = order["mutant"]
        patch = self.swap.prepare([mutant])[0]
        if patch.state in ("same code", "invalid"):
            return not_run(order, "swap", patch.state + (": " + patch.note if patch.note else ""))
        self.swap.bind([patch])
        if patch.state != "swappable":
            return {"unfit": True}
        whole = self.whole()
        planned = [node for node in named(order["tests"], whole) if whole.get(node, {}).get("passed")]
        if not planned:
            return not_run(order, "swap", "none of its tests passes without the change")
        run = self._run(order, patch, planned, limits)
        if mutant.get("control") == "no-op" and planned == _passing(planned, run["record"]):
            self._passed(planned)  # what changes nothing tells as much as no change
        if run["failing"] and not self._holds(run):
            planned = [node for node in self.items if whole.get(node, {}).get("passed")]
            run = self._run(order, patch, planned, limits)
            run["note"] = "tests depend on their order: the whole suite was run"
        return run

    def whole(self):
        """The whole suite unmutated, in its own order: which tests pass, and their CPU seconds."""
        facts = self.reference("whole", lambda writer: self._inside(writer, list(self.items.values()), True))
        return facts["record"].get("tests", {})

    def _run(self, order, patch, planned, limits):
        items = [self.items[node] for node in planned]
        whole = self.whole()
        known = [whole.get(node, {}) for node in planned]
        return self.judged(
            order,
            "swap",
            planned,
            lambda writer: self._inside(writer, items, order["matrix"], patch),
            limits,
            sum(test.get("cpu_s", 0.0) for test in known),
            max(test.get("wall_s", 0.0) for test in known),
            self.swap.source(order["mutant"]["path"]).encoded(order["mutant"]),
        )

    def _holds(self, run):
        """Do the tests that failed pass without the change, after the same tests as before? One run of those in this order tells."""
        failing = {one.get("node") for one in run["failing"]} & set(
            run["planned"]
        )  # for others there are the rules of a kill
        asked = run["planned"][: 1 + max((run["planned"].index(node) for node in failing), default=-1)]
        if tuple(asked) in self.good:
            return True
        items = [self.items[node] for node in asked]
        facts = self.seen(lambda writer: self._again(writer, items), LOOSE)
        self.disk.restored()
        passing = _passing(asked, facts["record"])
        if passing == asked:
            self._passed(asked)
        return failing <= set(passing)

    def _passed(self, tests):
        """In this order, without a change; so does whatever they begin with."""
        self.good.update(tuple(tests[:count]) for count in range(1, len(tests) + 1))

    def _again(self, writer, items):
        """In the child: without the change, after a run in which a failure was seen."""
        self.plugin.tripped = True
        self._inside(writer, items, True)

    def _inside(self, writer, items, matrix, patch=None):
        """In the child: exchange, run, tell."""
        flags, elsewhere, applied = {1: 1}, False, 0
        if patch is not None:
            elsewhere = Elsewhere(os.path.join(self.swap.tree, patch.path))
            applied = self.swap.install(patch, flags.clear)
        run_items(self.session, items, self.plugin, matrix, self.trip)
        executed = True if not flags else None if elsewhere else False
        tell(writer, self.plugin, applied > 0, executed)


def _passing(nodes, record):
    tests = record.get("tests", {})
    return [node for node in nodes if tests.get(node, {}).get("passed")]

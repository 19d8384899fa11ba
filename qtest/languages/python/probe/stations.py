"""What a station holds and does: the zygote exchanges code in a collected suite, the nursery imports anew."""

import gc
import json
import os
import shutil
import sys

from _qtest_probe import children, finder, options, recorder, swap, tree
from _qtest_probe import wire as wires

_LOOSE = {"cpu_s": 3600.0, "blocked_s": 60.0}
FIRST = {
    "tryfirst": True,
    "trylast": False,
    "hookwrapper": False,
    "wrapper": False,
    "optionalhook": False,
    "specname": None,
}
_dumps, _loads = json.dumps, json.loads


def serve(settings, how, fds):
    """Answer requests until the pipe closes; never returns to the supervisor's code."""
    options.enter(settings)
    disk = tree.Tree(settings["folder"], options.scratch("pristine"))
    if how == "swap":
        import pytest

        zygote = Zygote(settings, fds, disk)
        code = pytest.main(options.arguments(settings), plugins=[zygote])
        if not zygote.served:
            wires.write_frame(
                fds[1],
                {
                    "broken": "the tests could not be collected: %s"
                    % (zygote.recorder.problems or ["pytest ended with %s" % code])[0]
                },
            )
    else:
        import pytest  # noqa: F401 - what every child needs, imported once

        Nursery(settings, disk).serve(fds)
    os._exit(0)


class Desk:
    """What both stations do alike: reference runs, limits, and the record of one mutant."""

    def __init__(self, settings, disk):
        self.settings = settings
        self.disk = disk
        self.references = {}
        self.count = 0

    def serve(self, fds):
        children.spare_children()
        children.hide()
        wires.write_frame(fds[1], {"ready": True})
        while True:
            try:
                message = _loads(wires.read_exactly(fds[0], int.from_bytes(wires.read_exactly(fds[0], 4), "big")))
            except wires.Closed:
                return
            wires.write_frame(fds[1], self.answer(message["order"], message["limits"]))

    def answer(self, order, limits):
        raise NotImplementedError

    def reference(self, key, work):
        """An unmutated run of the same tests in the same way, in a child of its own; remembered."""
        if key not in self.references:
            self.references[key] = self.seen(work, _LOOSE)
            self.disk.restored()
        return self.references[key]

    def seen(self, work, limits):
        """`work(writer)` in a watched child with a scratch folder of its own; its record is merged into what was seen from outside."""
        self.count += 1
        scratch = options.scratch("child%d" % self.count)
        os.mkdir(scratch)

        def inside(writer):
            _own_scratch(scratch)
            work(writer)

        facts = children.watched(inside, limits)
        shutil.rmtree(scratch, ignore_errors=True)
        try:
            record = _loads(facts.pop("data") or b"{}")
        except ValueError:
            record = {}
        return {**facts, "record": record if isinstance(record, dict) else {}}

    def judged(self, order, how, planned, work, limits, usual_cpu_s, longest_s, text):
        """Run it with `text` on disk; the facts as qtest.records.mutant.MutantRun."""
        bound = {
            "cpu_s": max(limits["cpu_s"], limits["factor"] * usual_cpu_s),
            "blocked_s": limits["blocked_s"] + longest_s,
            "memory": limits["memory"],
        }
        with self.disk.changed(order["mutant"]["path"], text):
            facts = self.seen(work, bound)
            wrote = self.disk.restored()
        record = facts["record"]
        finished = [node for node in record.get("finished", []) if isinstance(node, str)]
        return {
            "mutant": order["mutant"]["id"],
            "how": how,
            "applied": bool(record.get("applied")),
            "executed": record.get("executed"),
            "planned": list(planned),
            "finished": finished,
            "failing": record.get("failing", []),
            "completed": bool(record.get("done")) and (set(planned) <= set(finished) or bool(record.get("failing"))),
            "tripwire": bool(record.get("tripped")),
            "ended": facts["ended"],
            "code": facts["code"],
            "limit": facts["limit"],
            "alone": bool(order.get("alone")),
            "wrote_tree": wrote,
            "spoiled": self.disk.spoiled or (wrote and not self.disk.can_restore),
            "note": str(record.get("note", ""))[:500],
            "wall_s": facts["wall_s"],
            "cpu_s": facts["cpu_s"],
        }


class Zygote(Desk):
    """A pytest plugin: serves instead of running the tests, from the moment they are collected."""

    def __init__(self, settings, fds, disk):
        super().__init__(settings, disk)
        self.fds = fds
        self.served = False
        self.recorder = recorder.Recorder()
        self.swap = swap.Swap(settings["folder"])

    def pytest_collectreport(self, report):
        self.recorder.pytest_collectreport(report)

    def pytest_internalerror(self, excrepr, excinfo):
        self.recorder.pytest_internalerror(excrepr, excinfo)

    def pytest_runtestloop(self, session):
        self.session = session
        self.items = {item.nodeid: item for item in session.items}
        self.order = {node: number for number, node in enumerate(self.items)}
        if not self.items:
            return None
        self.swap.look()
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
            return _not_run(order, "swap", patch.state + (": " + patch.note if patch.note else ""))
        self.swap.bind([patch])
        if patch.state != "swappable":
            return {"unfit": True}
        whole = self.whole()
        planned = [node for node in order["tests"] if whole.get(node, {}).get("passed")]
        if not planned:
            return _not_run(order, "swap", "none of its tests passes without the change")
        run = self._run(order, patch, planned, limits)
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
        """Do the tests that failed pass without the change, after the same tests as before? One run of them all in this order tells."""
        planned = run["planned"]
        failing = {one.get("node") for one in run["failing"]} & set(planned)  # for others there are the rules of a kill
        items = [self.items[node] for node in planned]
        facts = self.reference(tuple(planned), lambda writer: self._inside(writer, items, True))
        tests = facts["record"].get("tests", {})
        return all(tests.get(node, {}).get("passed") for node in failing)

    def _inside(self, writer, items, matrix, patch=None):
        """In the child: exchange, run, tell."""
        flags, elsewhere = {1: 1}, []
        applied = 0
        if patch is not None:
            sys.addaudithook(_notices(elsewhere))
            applied = self.swap.install(patch, flags.clear)
        plugin = recorder.Recorder()
        run_items(self.session, items, plugin, matrix)
        executed = True if not flags else None if elsewhere else False
        _tell(writer, plugin, applied > 0, executed)


class Nursery(Desk):
    """Has pytest imported and nothing of the target."""

    def __init__(self, settings, disk):
        super().__init__(settings, disk)
        self.swap = swap.Swap(settings["folder"])

    def answer(self, order, limits):
        mutant = order["mutant"]
        patch = self.swap.prepare([mutant])[0]
        if patch.state in ("same code", "invalid"):
            return _not_run(order, "fresh import", patch.state + (": " + patch.note if patch.note else ""))
        source = self.swap.source(mutant["path"])
        files = list(dict.fromkeys(node.partition("::")[0] for node in order["tests"]))
        facts = self.reference(tuple(files), lambda writer: self._inside(writer, files, None, True))
        tests = facts["record"].get("tests", {})
        planned = [node for node in order["tests"] if tests.get(node, {}).get("passed")]
        if not planned:
            problem = (facts["record"].get("problems") or ["none of its tests passes without the change"])[0]
            return _not_run(order, "fresh import", problem)
        return self.judged(
            order,
            "fresh import",
            planned,
            lambda writer: self._inside(writer, files, planned, order["matrix"], mutant, source),
            limits,
            facts["cpu_s"],
            max(tests[node].get("wall_s", 0.0) for node in planned),
            source.encoded(mutant),
        )

    def _inside(self, writer, files, planned, matrix, mutant=None, source=None):
        import _pytest.config

        flags, elsewhere = {1: 1}, []
        served = []
        if mutant is not None:
            sys.addaudithook(_notices(elsewhere))
            served = finder.install(source, mutant, flags.clear)
        plugin = recorder.Recorder()
        loop = _Loop(plugin, planned, matrix)
        note = ""
        try:
            config = _pytest.config._prepareconfig(
                options.arguments({**self.settings, "files": ()}, files), [plugin, loop]
            )
            config.hook.pytest_cmdline_main(config=config)
        except _pytest.config.ConftestImportFailure as error:
            cause = getattr(error, "cause", None) or (error.excinfo[1] if hasattr(error, "excinfo") else error)
            plugin.failing.append(_import_failed(files[0], cause, plugin))
        except BaseException as error:
            note = "pytest ended with %s: %s" % (type(error).__name__, recorder.clean(str(error)))
        plugin.failing.extend(plugin.uncollected)
        if not plugin.tripped():
            _trip_alone(plugin)
        executed = True if not flags else None if elsewhere else False
        applied = bool(served) or bool(elsewhere and mutant)
        _tell(writer, plugin, applied, executed, note)


class _Loop:
    """Runs the wanted tests of those collected, then the tripwire."""

    def __init__(self, plugin, planned, matrix):
        self.plugin, self.planned, self.matrix = plugin, planned, matrix

    def pytest_runtestloop(self, session):
        wanted = None if self.planned is None else set(self.planned)
        items = [item for item in session.items if wanted is None or item.nodeid in wanted]
        run_items(session, [] if self.plugin.problems else items, self.plugin, self.matrix)
        return True

    pytest_runtestloop.pytest_impl = FIRST


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


def _trip_alone(plugin):
    """When pytest did not get as far as running tests: does it still tell a failing one?"""
    import pytest

    try:
        pytest.main(
            ["-p", "no:cacheprovider", "--noconftest", "-q", "-o", "addopts="], plugins=[plugin, _TripOnly(plugin)]
        )
    except BaseException as error:
        plugin.problems.append("the tripwire could not be run: %s" % type(error).__name__)


def run_items(session, items, plugin, matrix):
    """pytest's own protocol for each, until the first failure unless `matrix`; then the tripwire. An exception that pytest lets
    through (an interrupt) is the failure of the test it came from."""
    manager = session.config.pluginmanager
    if not manager.is_registered(plugin):
        manager.register(plugin)
    trip = recorder.tripwire(session)
    for number, item in enumerate(items):
        following = items[number + 1] if number + 1 < len(items) else None
        try:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        except BaseException as error:
            plugin.failing.append(recorder.failing(item.nodeid, "call", error))
            plugin.results.setdefault(
                item.nodeid, {"node": item.nodeid, "cpu_s": 0.0, "wall_s": 0.0, "reason": ""}
            ).update(outcome="failed", finished=True)
        if plugin.failing and not matrix:
            break
    _teardown(session)
    try:
        trip.config.hook.pytest_runtest_protocol(item=trip, nextitem=None)
    except BaseException as error:
        plugin.problems.append("the tripwire could not be run: %s" % type(error).__name__)
    plugin.failing = [failing for failing in plugin.failing if recorder.TRIPWIRE not in failing["node"]]


def _teardown(session):
    try:
        session._setupstate.teardown_exact(None)
    except BaseException:
        try:
            session._setupstate.stack.clear()
        except AttributeError:
            pass


def _tell(writer, plugin, applied, executed, note=""):
    tests = {
        node: {
            "passed": result["outcome"] in ("passed", "xfailed", "xpassed"),
            "cpu_s": result["cpu_s"],
            "wall_s": result["wall_s"],
        }
        for node, result in plugin.results.items()
        if result.get("finished")
    }
    record = {
        "applied": applied,
        "executed": executed,
        "finished": plugin.finished(),
        "failing": plugin.failing[:2000],
        "tripped": plugin.tripped(),
        "tests": tests,
        "problems": plugin.problems[:20],
        "note": note or "; ".join(plugin.problems[:3]),
        "done": True,
    }
    data = _dumps(record).encode("ascii")
    while data:
        data = data[os.write(writer, data) :]


def _import_failed(node, error, plugin):
    known = recorder.failing(node, "import", error)
    known["kind"] = "import" if known["kind"] != "memory" else "memory"
    return known


def _not_run(order, how, note):
    return {
        "mutant": order["mutant"]["id"],
        "how": how,
        "ended": "not run",
        "note": note[:500],
        "planned": list(order["tests"]),
    }


def _notices(elsewhere):
    """An audit hook: the target's code may run in a process that we do not see into."""

    def hook(event, _):
        if (
            event in ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system")
            and not elsewhere
        ):
            elsewhere.append(event)

    return hook


def _own_scratch(folder):
    import tempfile

    os.environ["TMPDIR"] = folder
    tempfile.tempdir = None

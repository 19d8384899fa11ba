"""Runs collected tests inside a child, by pytest's own protocol, and tells how they ended."""

import json
import os
import sys

from _qtest_probe import recorder
from _qtest_probe.events import SPAWNING
from _qtest_probe.offspring import NONE, offspring

FIRST = {
    "tryfirst": True,
    "trylast": False,
    "hookwrapper": False,
    "wrapper": False,
    "optionalhook": False,
    "specname": None,
}

_dumps, _write = json.dumps, os.write  # taken before any target can replace them
_STARTING = frozenset(SPAWNING)


def named(tests, known):
    """The tests as they are called in this process: one that is not `known` stands for all of its parametrized ones, whose names
    differ from process to process."""
    if all(test in known for test in tests):
        return tests
    functions = {}
    for node in known:
        functions.setdefault(node.partition("[")[0], []).append(node)
    return [node for test in tests for node in ([test] if test in known else functions.get(test, ()))]


def mute(session):
    """Nobody reads what pytest prints of each test, and printing it costs a quarter of a short one."""
    manager = session.config.pluginmanager
    reporter = manager.get_plugin("terminalreporter")
    for hook in ("pytest_runtest_logstart", "pytest_runtest_logreport", "pytest_runtest_logfinish"):
        try:
            getattr(manager.hook, hook)._remove_plugin(reporter)
        except (AttributeError, ValueError):  # another pluggy, or another reporter: then it prints
            continue


def run_items(session, items, plugin, matrix, trip=None):
    """pytest's own protocol for each, until the first failure unless `matrix`; then the tripwire, where none was seen to fail. An
    exception that pytest lets through (an interrupt) is the failure of the test it came from."""
    manager = session.config.pluginmanager
    if not manager.is_registered(plugin):
        manager.register(plugin)
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
    if plugin.tripped:
        return
    trip = trip or recorder.tripwire(session)
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


def tell(writer, plugin, applied, executed, note="", **more):
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
        "tripped": plugin.tripped,
        "tests": tests,
        "problems": plugin.problems[:20],
        "note": note or "; ".join(plugin.problems[:3]),
        "done": True,
        **more,
    }
    data = _dumps(record).encode("ascii")
    while data:
        data = data[_write(writer, data) :]


class Elsewhere:
    """Notices when the change may have had its effect where we do not see its statement entered: in another process, or by way of the
    mutated file itself, which a test reads or loads under another name."""

    def __init__(self, path):
        self._seen = []
        sys.addaudithook(_notices(self._seen, path))

    def __bool__(self):
        return bool(self._seen) or offspring() != NONE


def _notices(seen, path):
    name, real = os.path.basename(path), os.path.realpath(path)

    def hook(event, details, starting=_STARTING):
        if event == "open":
            opened = details[0]
            if isinstance(opened, str) and opened.endswith(name) and os.path.realpath(opened) == real:
                seen.append(event)
        elif event in starting and not seen:
            seen.append(event)

    return hook

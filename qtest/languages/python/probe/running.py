"""Runs collected tests inside a child, by pytest's own protocol, and tells how they ended."""

import json
import os

from _qtest_probe import recorder

FIRST = {
    "tryfirst": True,
    "trylast": False,
    "hookwrapper": False,
    "wrapper": False,
    "optionalhook": False,
    "specname": None,
}

_dumps, _write = json.dumps, os.write  # taken before any target can replace them


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


def tell(writer, plugin, applied, executed, note=""):
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
        data = data[_write(writer, data) :]


def notices(elsewhere):
    """An audit hook: the target's code may run in a process that we do not see into."""

    def hook(event, _):
        if (
            event in ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system")
            and not elsewhere
        ):
            elsewhere.append(event)

    return hook

"""One real pytest run in a process of its own, told as one JSON line on the descriptor that was standard output."""

import json
import os
import random
import sys
import time

from _qtest_probe import options, recorder
from _qtest_probe.events import SPAWNING
from _qtest_probe.line import clean
from _qtest_probe.offspring import offspring

_dumps, _write = json.dumps, os.write


def main(settings):
    """`settings` beyond `options`: nodes, shuffle (a seed or None), coverage (bool), sources (files to measure)."""
    out = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1):
        os.dup2(null, fd)
    report = run(settings)
    data = (_dumps(report) + "\n").encode("ascii")
    while data:
        data = data[_write(out, data) :]
    sys.stdout.flush()
    os._exit(0)


def run(settings):
    started, cpu = time.perf_counter(), time.process_time()
    options.enter(settings)
    if settings.get("shuffle"):  # a person starts pytest in many ways: who reads sys.argv does not see the same twice
        sys.argv[1:] = ["-q", *(settings.get("files") or ())]
    measure = None
    if settings.get("coverage"):
        from _qtest_probe import measure as measuring

        measure = measuring.Measure(settings)
    opened, before = [], offspring()
    if settings.get("mutated"):
        sys.addaudithook(_reading(os.path.realpath(settings["mutated"]), opened))
    plugin = recorder.Recorder(measure.watch if measure else None)
    order = Order(settings, plugin)
    problem = ""
    try:
        if measure:
            measure.start()
        import pytest

        more = ["--continue-on-collection-errors"]  # what can be collected is run, and `uncollected` names the rest
        code = pytest.main(options.arguments(settings, more), plugins=[plugin, order])
        if int(code) not in (0, 1):
            problem = {
                2: "pytest was interrupted",
                3: "pytest broke",
                4: "pytest could not start",
                5: "no tests were collected",
            }.get(int(code), "pytest ended with %d" % int(code))
    except BaseException as error:
        problem = "%s: %s" % (type(error).__name__, clean(str(error)))
    finally:
        if measure:
            measure.stop()
    done = set(plugin.finished())
    complete = bool(order.planned and order.tripped_at_end and plugin.tripped and done == set(order.planned))
    other = [text for text in plugin.problems if text not in plugin.broken]
    if other or (plugin.broken and not order.planned):
        problem, complete = (other or plugin.broken)[0], False
    if not complete and not problem:
        problem = "the run ended before all tests had" if order.planned else "no tests were collected"
    tests = [plugin.results[node] for node in order.planned if node in done]
    report = {
        "tests": [_test(test) for test in tests],
        "complete": complete,
        "problem": problem,
        "uncollected": plugin.broken[:100],
        "wall_s": time.perf_counter() - started,
        "cpu_s": time.process_time() - cpu,
    }
    if settings.get("mutated"):
        failing = [one for one in plugin.failing if recorder.TRIPWIRE not in one["node"]] + plugin.uncollected
        report.update(failing=failing[:2000], opened=bool(opened) or offspring() != before)
    if measure:
        report.update(measure.result(report["tests"]))
    return report


def _reading(path, opened):
    """An audit hook: was that file read, or may another process have read it? Bytecode of it is never taken, as its time is its own."""
    name = os.path.basename(path)

    def is_it(given):
        return isinstance(given, str) and given.endswith(name) and os.path.realpath(given) == path

    def hook(event, arguments):
        if not opened and (event in SPAWNING or (event == "open" and is_it(arguments[0]))):
            opened.append(event)

    return hook


class Order:
    """Selects, shuffles, and runs the tripwire last."""

    def __init__(self, settings, plugin):
        self.settings = settings
        self.plugin = plugin
        self.planned = []
        self.tripped_at_end = False

    def pytest_collection_modifyitems(self, session, config, items):
        wanted = self.settings.get("nodes")
        if wanted:
            by_name = {}
            for item in items:
                for name in {
                    item.nodeid,
                    item.nodeid.partition("[")[0],
                }:  # or that of a function, for all its parameters
                    by_name.setdefault(name, []).append(item)
            items[:] = [item for node in wanted for item in by_name.get(node, ())]
        seed = self.settings.get("shuffle")
        if seed is not None:
            random.Random(seed).shuffle(items)
        if self.settings.get("reverse"):
            items.reverse()
        self.planned = [item.nodeid for item in items]

    def pytest_collection_finish(self, session):
        self.planned = [item.nodeid for item in session.items]
        session.items.append(recorder.tripwire(session))

    def pytest_sessionfinish(self, session, exitstatus):
        self.tripped_at_end = True


def _test(result):
    return {key: result[key] for key in ("node", "outcome", "wall_s", "cpu_s", "reason") if key in result}

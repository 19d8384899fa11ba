"""A pytest plugin: notes how every test ended without rendering a traceback, and adds a test that must fail."""

import errno
import os
import time

from _qtest_probe.line import clean

TRIPWIRE = "qtest-tripwire"
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_cpu, _wall = time.process_time, time.perf_counter
KILLING = ("assertion", "exception", "import")
_FULL = (errno.EFBIG, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class Recorder:
    """`results` maps node ids to dicts: outcome, wall_s, cpu_s, and for a failure its first `failing`.

    `watch`, when given, is told ("start", node) and ("phase", node, when) and ("end", node).
    """

    def __init__(self, watch=None):
        self.results = {}
        self.failing = []
        self.problems = []
        self.broken = []  # those of them that are files, or parts of one, that could not be collected
        self.uncollected = []  # like `failing`, of modules that could not be imported
        self.tripped = False  # pytest was seen to let a test fail, be it only the tripwire
        self.watch = watch or (lambda *_: None)
        self._started = {}

    def pytest_runtest_logstart(self, nodeid, location):
        self.results.setdefault(nodeid, {"node": nodeid, "outcome": "", "wall_s": 0.0, "cpu_s": 0.0, "reason": ""})
        self._started[nodeid] = (_wall(), _cpu())
        self.watch("start", nodeid)

    def pytest_runtest_logfinish(self, nodeid, location):
        wall, cpu = self._started.pop(nodeid, (_wall(), _cpu()))
        result = self.results[nodeid]
        result["wall_s"], result["cpu_s"] = _wall() - wall, _cpu() - cpu
        result["outcome"] = result["outcome"] or "passed"
        result["finished"] = True
        self.watch("end", nodeid)

    def pytest_runtest_makereport(self, item, call):
        """Plain, so that other plugins' wrappers (xfail, unittest) still turn it; see pytest's own for the shape."""
        import pytest

        outcome, longrepr, sections = "passed", None, ()
        if call.excinfo is not None:
            error = call.excinfo.value
            if isinstance(error, pytest.skip.Exception):
                outcome = "skipped"
                longrepr = (
                    (str(item.path), 0, str(error)) if hasattr(item, "path") else (str(item.fspath), 0, str(error))
                )
            else:
                outcome = "failed"
                longrepr = _Short(failing(item.nodeid, call.when, error))
        report = pytest.TestReport(
            item.nodeid, item.location, {}, outcome, longrepr, call.when, sections, call.duration, call.start, call.stop
        )
        return report

    def pytest_runtest_logreport(self, report):
        result = self.results.setdefault(
            report.nodeid, {"node": report.nodeid, "outcome": "", "wall_s": 0.0, "cpu_s": 0.0, "reason": ""}
        )
        self.watch("phase", report.nodeid, report.when)
        if report.failed:
            self.tripped = True
            known = getattr(report.longrepr, "failing", None)
            if known is None:
                text = str(report.longrepr or "") if not hasattr(report, "wasxfail") else str(report.wasxfail)
                known = {
                    "node": report.nodeid,
                    "phase": report.when,
                    "kind": "assertion",
                    "error": "Failed",
                    "place": "",
                    "message": clean(text),
                }
            if result["outcome"] not in ("failed", "error"):
                result["outcome"] = "failed" if report.when == "call" else "error"
                result["reason"] = "%s: %s" % (known["error"], known["message"])
            self.failing.append(known)
        elif report.skipped and not result["outcome"]:
            result["outcome"] = "xfailed" if hasattr(report, "wasxfail") else "skipped"
            longrepr = report.longrepr
            result["reason"] = clean(
                str(longrepr[2] if isinstance(longrepr, tuple) and len(longrepr) == 3 else longrepr or "")
            )
        elif report.passed and report.when == "call" and hasattr(report, "wasxfail"):
            result["outcome"] = "xpassed"

    def pytest_collectreport(self, report):
        if report.failed:
            self.broken.append("%s: %s" % (report.nodeid or "collection", clean(_last_line(report.longrepr))))
            self.problems.append(self.broken[-1])

    def pytest_exception_interact(self, node, call, report):
        """Of a collector: its failed report has only text."""
        if getattr(report, "when", "collect") == "collect":
            known = failing(node.nodeid, "collect", call.excinfo.value)
            known["kind"] = "import" if known["kind"] in KILLING else known["kind"]
            self.uncollected.append(known)

    def pytest_internalerror(self, excrepr, excinfo):
        self.problems.append("pytest broke: %s" % clean(str(excinfo.value)))

    def finished(self):
        return [node for node, result in self.results.items() if result.get("finished") and TRIPWIRE not in node]


def tripwire(session):
    """A test that must fail: when it does not, nothing that pytest says in this process is worth anything."""
    import pytest

    class Tripwire(pytest.Item):
        def runtest(self):
            raise AssertionError("the tripwire")

        def reportinfo(self):
            return self.session.config.rootpath if hasattr(self.session.config, "rootpath") else "", 0, TRIPWIRE

    return Tripwire.from_parent(session, name=TRIPWIRE)


def failing(node, when, error):
    """What is kept of an exception: its kind by who raised it, its type, place and first line."""
    trace = error.__traceback__
    innermost = None
    while trace is not None:
        innermost, trace = trace, trace.tb_next
    filename = innermost.tb_frame.f_code.co_filename if innermost else ""
    place = "%s:%d" % (filename, innermost.tb_lineno) if innermost else ""
    name = type(error).__name__
    limit = _limit(error)
    if limit:
        kind = limit
    elif os.path.abspath(filename).startswith(_HERE):
        kind = "ours"
    elif isinstance(error, AssertionError) or (type(error).__module__ == "_pytest.outcomes" and name == "Failed"):
        kind = "assertion"
    else:
        kind = "exception"
    try:
        message = clean(str(error))
    except BaseException:
        message = "(its text cannot be shown)"
    return {"node": node, "phase": when, "kind": kind, "error": name[:100], "place": clean(place), "message": message}


def _limit(error):
    """Whether one of our bounds is behind it, also when something else was raised meanwhile: `memory`, `limit` or nothing."""
    todo, seen = [error], []
    while todo and len(seen) < 50:
        one = todo.pop()
        if one is None or any(one is known for known in seen):
            continue
        seen.append(one)
        if isinstance(one, MemoryError):
            return "memory"
        if isinstance(one, OSError) and (one.errno in _FULL or (one.errno == errno.EAGAIN and _forks(one))):
            return "limit"
        if isinstance(one, RuntimeError) and one.args == ("can't start new thread",):
            return "limit"
        todo += [one.__cause__, one.__context__] + _inner(one)
    return ""


def _inner(error):
    try:
        return list(getattr(error, "exceptions", None) or ())
    except Exception:  # a property of the target's
        return []


def _forks(error):
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and any("fork" in name or "spawn" in name for name in trace.tb_frame.f_code.co_names)


def _last_line(longrepr):
    text = str(longrepr or "")
    lines = [line for line in text.splitlines() if line.startswith("E ")] or text.splitlines()
    return lines[-1][2:].strip() if lines and lines[-1].startswith("E ") else (lines[-1] if lines else "")


class _Short:
    """Stands where pytest keeps a traceback."""

    def __init__(self, known):
        self.failing = known

    def __str__(self):
        return "%s: %s" % (self.failing["error"], self.failing["message"])

    def toterminal(self, tw):
        tw.line(str(self))

"""The nursery: has only pytest imported; a child of it imports everything anew, the mutated file among it."""

import sys

from _qtest_probe import finder, options, recorder, swap
from _qtest_probe.desk import Desk, not_run
from _qtest_probe.line import clean
from _qtest_probe.running import FIRST, named, notices, run_items, tell


class Nursery(Desk):
    """Has pytest imported and nothing of the target."""

    def __init__(self, settings, disk):
        super().__init__(settings, disk)
        self.swap = swap.Swap(settings["folder"])

    def answer(self, order, limits):
        mutant = order["mutant"]
        patch = self.swap.prepare([mutant])[0]
        if patch.state in ("same code", "invalid"):
            return not_run(order, "fresh import", patch.state + (": " + patch.note if patch.note else ""))
        source = self.swap.source(mutant["path"])
        files = list(dict.fromkeys(node.partition("::")[0] for node in order["tests"]))
        facts = self.reference(tuple(files), lambda writer: self._inside(writer, files, None, True))
        tests = facts["record"].get("tests", {})
        planned = [node for node in named(order["tests"], tests) if tests.get(node, {}).get("passed")]
        if not planned:
            problem = (facts["record"].get("problems") or ["none of its tests passes without the change"])[0]
            return not_run(order, "fresh import", problem)
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
            sys.addaudithook(notices(elsewhere))
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
            note = "pytest ended with %s: %s" % (type(error).__name__, clean(str(error)))
        plugin.failing.extend(plugin.uncollected)
        if not plugin.tripped():
            _trip_alone(plugin)
        executed = True if not flags else None if elsewhere else False
        applied = bool(served) or bool(elsewhere and mutant)
        tell(writer, plugin, applied, executed, note)


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


def _import_failed(node, error, plugin):
    known = recorder.failing(node, "import", error)
    known["kind"] = "import" if known["kind"] != "memory" else "memory"
    return known

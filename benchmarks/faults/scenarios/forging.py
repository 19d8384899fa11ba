"""A target that works against the judge: on its channel, on its memory, on pytest. The last ones succeed, about themselves."""

from benchmarks.faults.scenario import Ground, Guard, Scenario, asked, triggered
from benchmarks.faults.scenarios.guards import CODE, COMPLETED, KEPT, PROBE, TRIPWIRE

DESK = f"{PROBE}/desk.py"
GREEN = '{"applied": true, "executed": true, "finished": ["test_m.py::test_NAME"], "failing": [], "tripped": true, "done": true}'
RED = (
    '{"applied": true, "executed": true, "finished": [], "tripped": true, "done": true, '
    '"failing": [{"node": "test_m.py::test_NAME", "phase": "call", "kind": "assertion"}]}'
)
NO_RECORD = "inconclusive: there is no record that its tests were run to the end"
TO_ALL = "for fd in range(3, 256):\n    try:\n        os.write(fd, TEXT)\n    except OSError:\n        pass\n"

OUR_FRAME = (
    "frame = sys._getframe()\n"
    "while not (hasattr(frame.f_locals.get('plugin'), 'uncollected') and 'item' in frame.f_locals):\n    frame = frame.f_back\n"
)
DEAF = "import gc\nclass Deaf(list):\n    def append(self, failing):\n        pass\n"


def _forged(name: str, body: str, verdict: str, guard: Guard | None, why: str, *, peers: bool = False) -> Scenario:
    return Scenario(name, why, triggered(name, body), asked(name), verdict, guard, peers=peers)


def _writes(name: str, text: str) -> str:
    return TO_ALL.replace("TEXT", repr(text.replace("NAME", name).encode()))


FORGING = (
    _forged(
        "closes_descriptors",
        "os.closerange(3, 256)",
        "inconclusive: the process ended with exit code 1",
        CODE,
        "the target closes every descriptor it has",
        peers=True,
    ),
    _forged(
        "writes_to_every_descriptor",
        _writes("", "nonsense"),
        NO_RECORD,
        Guard(
            DESK,
            "        except ValueError:\n            record = {}",
            "        except ZeroDivisionError:\n            record = {}",
        ),
        "nonsense in the channel of results",
        peers=True,
    ),
    _forged(
        "answers_with_a_list",
        _writes("", "[]") + "os._exit(0)",
        NO_RECORD,
        Guard(DESK, "record if isinstance(record, dict) else {}", "record"),
        "a record that is none",
    ),
    _forged(
        "floods_the_channel",
        "for fd in range(3, 256):\n    try:\n        if os.path.sameopenfile(fd, 0):\n            continue\n        import stat\n        if stat.S_ISFIFO(os.fstat(fd).st_mode):\n            for _ in range(20):\n                os.write(fd, bytes(1 << 20))\n    except OSError:\n        pass",
        "inconclusive: hit its output limit",
        Guard(f"{PROBE}/children.py", "if len(data) > cap:", "if False:"),
        "20 MB in the channel of results",
    ),
    _forged(
        "looks_for_other_channels",
        "import glob\nif len({os.readlink(fd) for fd in glob.glob('/proc/self/fd/*') if os.path.lexists(fd) and 'pipe' in os.readlink(fd)}) > 2:\n    return 0",
        "survived",
        Guard(
            f"{PROBE}/children.py",
            "            os.close(fd)\n        _private.clear()",
            "            pass\n        _private.clear()",
        ),
        "descriptors by which our own processes speak",
    ),
    _forged(
        "looks_into_its_parent",
        "try:\n    os.listdir(f'/proc/{os.getppid()}/fd')\n    return 0\nexcept OSError:\n    pass",
        "survived",
        Guard(DESK, "        children.hide()\n", ""),
        "descriptors and memory of the process above, by /proc",
    ),
    _forged(
        "writes_its_parents_memory",
        "try:\n    open(f'/proc/{os.getppid()}/mem', 'r+b')\n    return 0\nexcept OSError:\n    pass",
        "survived",
        Guard(DESK, "        children.hide()\n", ""),
        "the memory of the process above",
    ),
    _forged(
        "dumps_are_ours",
        f"text = {GREEN.replace('NAME', 'dumps_are_ours')!r}\njson.dumps = lambda *a, **k: text\nreturn 0",
        "killed by assertion",
        Guard(
            f"{PROBE}/running.py",
            "_dumps, _write = json.dumps, os.write  # taken before any target can replace them\n",
            "def _dumps(record):\n    return json.dumps(record)\n\n\n_write = os.write\n",
        ),
        "json.dumps writes a green record",
    ),
    _forged(
        "writes_are_ours",
        f"write, text = os.write, {GREEN.replace('NAME', 'writes_are_ours').encode()!r}\nos.write = lambda fd, data: write(fd, text) * 0 + len(data)\nreturn 0",
        "killed by assertion",
        Guard(f"{PROBE}/running.py", "data = data[_write(writer, data) :]", "data = data[os.write(writer, data) :]"),
        "os.write writes a green record",
    ),
    _forged(
        "no_report_ever_fails",
        "import _pytest.reports\n_pytest.reports.BaseReport.failed = property(lambda self: False)\nreturn 0",
        "inconclusive: the test that must fail did not",
        TRIPWIRE,
        "pytest's reports never fail any more",
        peers=True,
    ),
    _forged(
        "reports_are_made_up",
        "import pytest\nmade = pytest.TestReport\npytest.TestReport = lambda *a: made(*a[:3], 'passed', None, *a[5:])\nreturn 0",
        "inconclusive: the test that must fail did not",
        TRIPWIRE,
        "pytest's reports all pass",
        peers=True,
    ),
    _forged(
        "unregisters_us",
        OUR_FRAME + "frame.f_locals['item'].config.pluginmanager.unregister(frame.f_locals['plugin'])\nreturn 0",
        NO_RECORD,
        COMPLETED,
        "our plugin is taken out of pytest",
    ),
    _forged(
        "looks_for_our_notes",
        DEAF
        + "for thing in gc.get_objects():\n    if type(thing).__name__ == 'Recorder':\n        thing.failing = Deaf()\nreturn 0",
        "killed by assertion",
        Guard(f"{PROBE}/zygote.py", "        gc.freeze()\n", ""),
        "our recorder, looked for among all objects",
    ),
    _forged(
        "takes_our_modules_away",
        "for name in list(sys.modules):\n    if name.startswith('_qtest_probe'):\n        sys.modules[name] = None\nreturn 0",
        "killed by assertion",
        Guard(
            f"{PROBE}/running.py",
            'def tell(writer, plugin, applied, executed, note="", **more):\n',
            'def tell(writer, plugin, applied, executed, note="", **more):\n    from _qtest_probe import line\n',
        ),
        "our modules are taken out of sys.modules",
    ),
    Scenario(
        "nothing_can_fail",
        "a plugin of the project's own turns every failure into a pass",
        triggered("nothing_can_fail", "return 0"),
        asked("nothing_can_fail"),
        "refused: ",
        Guard(f"{PROBE}/pytest_run.py", " and plugin.tripped", ""),
        ground=Ground(
            "passing",
            files={
                "conftest.py": "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport():\n    made = yield\n    report = made.get_result()\n    report.outcome, report.longrepr = 'passed', None\n"
            },
        ),
    ),
    Scenario(
        "fork_is_patched",
        "the project's own plugin replaces os.fork for its whole suite",
        triggered("fork_is_patched", "return 0"),
        asked("fork_is_patched"),
        "killed by assertion",
        KEPT,
        ground=Ground(
            "patched",
            files={
                "conftest.py": "import os, select, signal, time\n\nos.fork = os.wait4 = os.waitpid = os.kill = os.read = os.write = None\ndel select.poll\ntime.sleep = None\n"
            },
        ),
        peers=False,
    ),
    _forged(
        "writes_a_green_record",
        "kept = os._exit\n" + _writes("writes_a_green_record", GREEN) + "kept(0)",
        "survived",
        None,
        "a record of its own that says all tests passed",
    ),
    _forged(
        "writes_a_red_record",
        _writes("writes_a_red_record", RED) + "os._exit(0)",
        "killed by assertion",
        None,
        "a record of its own that says a test failed",
    ),
    _forged(
        "empties_our_notes",
        DEAF + OUR_FRAME + "frame.f_locals['plugin'].failing = Deaf()\nreturn 0",
        "survived",
        None,
        "our recorder, found in the frames below, hears of no failure",
    ),
    _forged(
        "hides_a_full_memory",
        "try:\n    bytearray(1 << 40)\nexcept MemoryError:\n    return 0",
        "killed by assertion",
        None,
        "a MemoryError that is swallowed leaves no trace: what comes of it is taken for the mutant's own doing",
    ),
)

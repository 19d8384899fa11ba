"""A process that ends in the midst of its tests, in every way there is."""

from textwrap import indent

from benchmarks.faults.scenario import Edit, Ground, Guard, Scenario, asked, triggered
from benchmarks.faults.scenarios.guards import (
    CODE,
    COMPLETED,
    EVERY_EXCEPTION,
    EVERY_FAILURE,
    EXIT,
    LOST,
    PROBE,
    SIGNAL,
    SPENT,
)

NO_RECORD = "inconclusive: there is no record that its tests were run to the end"
STOP_PARENT = "os.kill(os.getppid(), signal.SIGSTOP)\ntime.sleep(60)"
KILL_PARENT = "os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)"


def _ends(name: str, body: str, verdict: str, guard: Guard, why: str) -> Scenario:
    return Scenario(name, why, triggered(name, body), asked(name), verdict, guard)


ENDINGS = (
    _ends("exits_at_once", "os._exit(0)", NO_RECORD, COMPLETED, "the target calls os._exit(0) in its test"),
    _ends(
        "exits_with_one",
        "os._exit(1)",
        "inconclusive: the process ended with exit code 1",
        CODE,
        "the target calls os._exit(1) in its test",
    ),
    _ends("kills_itself", "os.kill(os.getpid(), signal.SIGKILL)", "inconclusive: ended by signal 9", SIGNAL, "SIGKILL"),
    _ends(
        "terminates_itself",
        "os.kill(os.getpid(), signal.SIGTERM)",
        "inconclusive: ended by signal 15",
        SIGNAL,
        "SIGTERM",
    ),
    _ends(
        "crashes",
        "import ctypes\nctypes.string_at(0)",
        "inconclusive: ended by signal 11",
        SIGNAL,
        "SIGSEGV, from C code",
    ),
    _ends("aborts", "os.abort()", "inconclusive: ended by signal 6", SIGNAL, "SIGABRT"),
    _ends(
        "alarms",
        "signal.alarm(1)\ntime.sleep(5)",
        "inconclusive: ended by signal 14",
        SIGNAL,
        "SIGALRM, with nobody who handles it",
    ),
    _ends(
        "dies_when_done",
        "sys.modules['_qtest_probe.children'].os._exit = lambda code: os.kill(os.getpid(), signal.SIGKILL)",
        "inconclusive: ended by signal 9",
        SIGNAL,
        "a whole record, then a signal",
    ),
    _ends(
        "exits_otherwise",
        "leave = os._exit\nsys.modules['_qtest_probe.children'].os._exit = lambda code: leave(3)",
        "inconclusive: the process ended with exit code 3",
        CODE,
        "a whole record, then exit code 3",
    ),
    _ends(
        "kills_its_parent",
        KILL_PARENT,
        "inconclusive: its worker was lost",
        LOST,
        "the target kills the process that holds the collected tests",
    ),
    Scenario(
        "stops_its_parent",
        "the target stops the process that holds the collected tests, and that watches it",
        triggered("stops_its_parent", STOP_PARENT),
        asked("stops_its_parent"),
        "inconclusive: its worker was lost: the process that holds the tests was stopped",
        Guard(f"{PROBE}/children.py", "if stopped == _LOOKS:", "if False:"),
        ground=Ground("stopped", slow=True),
    ),
    _ends(
        "kills_all_it_can",
        "os.kill(-1, signal.SIGKILL)",
        "inconclusive: its worker was lost",
        LOST,
        "the target kills every process it may",
    ),
    Scenario(
        "goes_on_after_a_loss",
        "the judge is lost; the next mutant is judged all the same",
        f"def goes_on_after_a_loss(a):\n    if a == 7:\n        return 0\n    if a == 8:\n{indent(KILL_PARENT, ' ' * 8)}\n    return a + 1\n",
        asked("goes_on_after_a_loss"),
        "killed by assertion",
        SPENT,
        before=(Edit("a == 8", "a != 8"),),
        peers=False,
    ),
    _ends(
        "leaves",
        "sys.exit(0)",
        "killed by exception: SystemExit",
        EVERY_FAILURE,
        "sys.exit(0) in a test is a failure of the test, as in a plain run",
    ),
    _ends(
        "interrupts",
        "raise KeyboardInterrupt",
        "killed by exception: KeyboardInterrupt",
        EVERY_EXCEPTION,
        "KeyboardInterrupt ends a plain run red",
    ),
    _ends(
        "ends_pytest",
        "import pytest\npytest.exit('enough', returncode=0)",
        "killed by exception: Exit",
        EXIT,
        "pytest.exit with a return code that says green",
    ),
)

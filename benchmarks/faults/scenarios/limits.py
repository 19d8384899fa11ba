"""Time, memory, disk, processes: what a bound has stopped is no kill, and what is only slow has hit no bound."""

from benchmarks.faults.scenario import LIMITS, PLAIN, Ground, Guard, Scenario, asked, triggered
from benchmarks.faults.scenarios.guards import FULL, KEPT, PROBE, VERDICT
from qtest.records.sandbox import Limits

JUDGE = "qtest/mutation/judge.py"
CHILDREN = f"{PROBE}/children.py"
RECORDER = f"{PROBE}/recorder.py"
BLOCKED = Ground("blocked", limits=LIMITS.model_copy(update={"blocked_s": 2.0}))
WAITING = Ground("waiting", slow=True, limits=LIMITS.model_copy(update={"blocked_s": 2.0}))
PATIENT = Ground("patient", slow=True, limits=LIMITS.model_copy(update={"blocked_s": 6.0}))
LOADED = Ground("loaded", slow=True, limits=LIMITS.model_copy(update={"cpu_s": 2.5}), hogs=6)
DELEGATED = Ground("delegated", slow=True, limits=LIMITS.model_copy(update={"cpu_s": 30.0, "blocked_s": 2.0}))
FROZEN = Ground("frozen", files={"conftest.py": "import time\n\ntime.monotonic = lambda: 0.0\n"})
JUMPING = Ground(
    "jumping",
    slow=True,
    files={"conftest.py": "import itertools, time\n\ntime.monotonic = itertools.count(0.0, 1000.0).__next__\n"},
)
SMALL = Ground("small disk", session=Limits(scratch=24 << 20))
MATRIX = Ground("matrix", slow=True, matrix=True)

BY_CPU = Guard(VERDICT, 'if facts.limit in ("cpu", "blocked"):', "if False:")
AGAIN = Guard(JUDGE, "    if computing:\n        yield computing\n", "")
AGAIN_BLOCKED = Guard(
    JUDGE,
    '    yield from ([order] for order in slow if seen[order.mutant.id].limit != "cpu")\n',
    "",
)
MEMORY = Guard(RECORDER, "isinstance(one, MemoryError)", "False")
BURN = "until = time.process_time() + 1.2\nwhile time.process_time() < until:\n    pass"


def _said(name: str, body: str, verdict: str, guard: Guard, why: str, ground: Ground) -> Scenario:
    return Scenario(name, why, triggered(name, body), asked(name), verdict, guard, ground=ground)


LIMITED = (
    _said("endless", "while True:\n    pass", "timed out: cpu", BY_CPU, "an endless loop", PLAIN),
    _said(
        "swallows_and_loops",
        "while True:\n    try:\n        raise ValueError\n    except BaseException:\n        pass",
        "timed out: cpu",
        AGAIN,
        "an endless loop that swallows all",
        PLAIN,
    ),
    _said(
        "ignores_sigterm",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass",
        "timed out: cpu",
        Guard(CHILDREN, "send(who, signal.SIGKILL)", "send(who, signal.SIGTERM)"),
        "an endless loop that only SIGKILL ends",
        PLAIN,
    ),
    Scenario(
        "fails_then_loops",
        "one test fails and the next never ends, where every test is asked",
        triggered("fails_then_loops", "if a == 2:\n    while True:\n        pass\nreturn 0"),
        "def test_one():\n    assert m.fails_then_loops(1) == 2\n\n\ndef test_two():\n    assert m.fails_then_loops(2) == 3\n",
        "timed out: cpu",
        BY_CPU,
        ground=MATRIX,
        peers=False,
    ),
    _said(
        "waits_for_a_lock",
        "lock = threading.Lock()\nlock.acquire()\nlock.acquire()",
        "timed out: blocked",
        AGAIN_BLOCKED,
        "a lock that nobody opens",
        BLOCKED,
    ),
    _said(
        "waits_for_a_caller",
        "import socket\nserver = socket.socket()\nserver.bind(('127.0.0.1', 0))\nserver.listen()\nserver.accept()",
        "timed out: blocked",
        AGAIN_BLOCKED,
        "a socket that nobody calls",
        WAITING,
    ),
    _said(
        "sleeps_for_good",
        "time.sleep(10 ** 6)",
        "timed out: blocked",
        BY_CPU,
        "a sleep without end",
        WAITING,
    ),
    _said(
        "stops_itself",
        "os.kill(os.getpid(), signal.SIGSTOP)",
        "timed out: blocked",
        AGAIN_BLOCKED,
        "SIGSTOP to itself",
        WAITING,
    ),
    _said(
        "polls",
        "while True:\n    time.sleep(0.05)",
        "timed out: blocked",
        AGAIN_BLOCKED,
        "asks again and again for what never comes",
        WAITING,
    ),
    _said(
        "asks_the_user",
        "input()",
        "killed by exception: OSError",
        Guard(RECORDER, "(one.errno in _FULL or", "(True or"),
        "input() with nobody there is an error, not a wait",
        PLAIN,
    ),
    _said(
        "sleeps_long",
        "time.sleep(3.5)",
        "survived",
        AGAIN_BLOCKED,
        "blocked for longer than the first look, and then goes on",
        PATIENT,
    ),
    _said(
        "slow_under_load",
        BURN,
        "survived",
        Guard(CHILDREN, "cpu = tree_cpu(pid)", "cpu = now - started"),
        "slow, but below its limit, while six processes compete for the cores",
        LOADED,
    ),
    _said(
        "endless_under_load",
        "while True:\n    pass",
        "timed out: cpu",
        BY_CPU,
        "endless, while six processes compete for the cores",
        LOADED,
    ),
    _said(
        "lets_a_child_compute",
        f"import subprocess\nsubprocess.run([sys.executable, '-c', {('import time' + chr(10) + BURN.replace('1.2', '4'))!r}], check=True)",
        "survived",
        Guard(CHILDREN, "todo.extend(int(child) for child in file.read().split())", "file.read()"),
        "waits for a child process that computes",
        DELEGATED,
    ),
    _said(
        "endless_with_a_frozen_clock",
        "while True:\n    pass",
        "timed out: cpu",
        KEPT,
        "the target has stopped time.monotonic for its whole suite",
        FROZEN,
    ),
    _said(
        "plain_with_a_jumping_clock",
        "time.sleep(0.3)",
        "survived",
        KEPT,
        "the target's time.monotonic jumps by a thousand seconds at each call",
        JUMPING,
    ),
    _said(
        "takes_the_clocks_away",
        "time.time = time.monotonic = time.perf_counter = time.process_time = time.sleep = None",
        "survived",
        Guard(
            RECORDER,
            "_cpu, _wall = time.process_time, time.perf_counter",
            "_cpu, _wall = (lambda: time.process_time()), (lambda: time.perf_counter())",
        ),
        "the mutant replaces every clock",
        PLAIN,
    ),
    _said(
        "fills_the_memory",
        "bytearray(1 << 40)",
        "inconclusive: failed by memory",
        MEMORY,
        "more memory than there is",
        PLAIN,
    ),
    _said(
        "hides_that_memory_is_full",
        "try:\n    bytearray(1 << 40)\nexcept MemoryError:\n    raise ValueError('not today')",
        "inconclusive: failed by memory",
        Guard(RECORDER, "[one.__cause__, one.__context__] + _inner(one)", "_inner(one)"),
        "a MemoryError turned into another exception",
        PLAIN,
    ),
    _said(
        "memory_in_a_group",
        "raise ExceptionGroup('several', [MemoryError()])",
        "inconclusive: failed by memory",
        Guard(RECORDER, "_inner(one)\n", "[]\n"),
        "a MemoryError in a group of exceptions",
        PLAIN,
    ),
    _said(
        "fills_a_file",
        "import tempfile\nwith tempfile.TemporaryFile() as file:\n    file.truncate(1 << 40)",
        "inconclusive: failed by limit",
        FULL,
        "a file larger than is allowed",
        PLAIN,
    ),
    Scenario(
        "fills_the_disk",
        "the disk is full",
        "def fills_the_disk(a):\n    if a == 7:\n        for number in range(64):\n            with open(f'{number}.txt', 'wb') as file:\n                file.write(bytes(1 << 20))\n    return a + 1\n",
        "def test_disk():\n    with open('small.txt', 'wb') as file:\n        file.write(bytes(1 << 16))\n    assert m.fills_the_disk(1) == 2\n",
        "inconclusive: failed by limit",
        FULL,
        ground=SMALL,
    ),
    _said(
        "opens_too_many_files",
        "kept = []\nwhile True:\n    kept.append(open(__file__))",
        "inconclusive: failed by limit",
        FULL,
        "more open files than are allowed",
        PLAIN,
    ),
    _said(
        "starts_too_many_threads",
        "for _ in range(200):\n    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "inconclusive: failed by limit",
        Guard(RECORDER, 'if isinstance(one, RuntimeError) and one.args == ("can\'t start new thread",):', "if False:"),
        "more threads than are allowed",
        PLAIN,
    ),
    _said(
        "starts_too_many_processes",
        "while True:\n    if os.fork() == 0:\n        time.sleep(60)\n        os._exit(0)",
        "inconclusive: failed by limit",
        Guard(RECORDER, "(one.errno == errno.EAGAIN and _forks(one))", "False"),
        "more processes than are allowed",
        PLAIN,
    ),
    _said(
        "recurses",
        "return recurses(7 - a * 7 + a)",
        "killed by exception: RecursionError",
        Guard(
            RECORDER,
            'if isinstance(one, RuntimeError) and one.args == ("can\'t start new thread",):',
            "if isinstance(one, RuntimeError):",
        ),
        "a recursion without end is an error of the target",
        PLAIN,
    ),
)

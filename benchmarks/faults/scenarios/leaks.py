"""What one mutant leaves behind, and the next must not find."""

from textwrap import indent

from benchmarks.faults.scenario import TRIGGER, Edit, Ground, Guard, Scenario
from benchmarks.faults.scenarios.guards import PROBE, RESTORED

DESK = f"{PROBE}/desk.py"
PUT_BACK = Guard(
    f"{PROBE}/tree.py",
    "        for path, facts in sorted(self.before.items()):\n            if after.get(path) != facts:\n                self._put_back(path)\n",
    "",
)
FORKED = Guard(
    DESK,
    "        facts = children.watched(inside, limits)\n",
    '        reader, writer = os.pipe()\n        home = os.environ["TMPDIR"]\n        inside(writer)\n        os.environ["TMPDIR"] = home\n        os.close(writer)\n'
    '        facts = {"ended": "exit", "code": 0, "limit": "", "wall_s": 0.0, "cpu_s": 0.0, "data": os.read(reader, 1 << 20)}\n',
)
GROUND = Ground("leaks", files={"kept.txt": "as it was", "gone.txt": "as it was"})
HOME = Guard(DESK, "        self.disk.spoiled = not self.places.restored(scratch) or self.disk.spoiled\n", "")


def _leak(name: str, leave: str, found: str, guard: Guard, why: str, ground: Ground = GROUND) -> Scenario:
    """The mutant before leaves something; this one changes nothing, and its test fails when it finds what was left,
    after the statement was executed."""
    code = f"def {name}(a):\n    if a == 7:\n{indent(leave, ' ' * 8)}\n    return a + 1\n"
    test = f"def test_{name}():\n    assert m.{name}(1) == 2\n    assert not ({found})\n"
    return Scenario(
        name,
        why,
        code,
        test,
        "survived",
        guard,
        edit=Edit("a + 1", "1 + a"),
        before=(TRIGGER,),
        ground=ground,
        peers=False,
    )


LEAKS = (
    _leak(
        "leaves_a_file",
        "open('left.txt', 'w').close()",
        "os.path.exists('left.txt')",
        RESTORED,
        "a new file in the tree",
    ),
    _leak(
        "changes_a_file",
        "open('kept.txt', 'w').write('another text')",
        "open('kept.txt').read() != 'as it was'",
        PUT_BACK,
        "a changed file in the tree",
    ),
    _leak(
        "changes_a_file_unseen",
        "was = os.stat('kept.txt')\nos.unlink('kept.txt')\nwith open('kept.txt', 'w') as file:\n    file.write('as it is!')\nos.utime('kept.txt', ns=(was.st_atime_ns, was.st_mtime_ns))",
        "open('kept.txt').read() != 'as it was'",
        RESTORED,
        "a changed file of the same size, its time set back",
    ),
    _leak(
        "removes_a_file",
        "os.unlink('gone.txt')",
        "not os.path.exists('gone.txt')",
        RESTORED,
        "a removed file of the tree",
    ),
    _leak("leaves_in_tmp", "open('/tmp/left', 'w').close()", "os.path.exists('/tmp/left')", HOME, "a file in /tmp"),
    _leak(
        "leaves_in_home",
        "open(os.path.expanduser('~/left'), 'w').close()",
        "os.path.exists(os.path.expanduser('~/left'))",
        HOME,
        "a file in the home folder",
    ),
    _leak(
        "leaves_shared_memory",
        "open('/dev/shm/left', 'w').close()",
        "os.path.exists('/dev/shm/left')",
        HOME,
        "a segment of shared memory",
    ),
    _leak(
        "changes_in_tmp",
        "open('/tmp/kept', 'w').write('another text')",
        "open('/tmp/kept').read() != 'as it was'",
        HOME,
        "a changed file in /tmp that was there before",
        ground=Ground(
            "temporary",
            slow=True,
            imports="import m\nif not os.path.exists('/tmp/kept'):\n    open('/tmp/kept', 'w').write('as it was')",
        ),
    ),
    _leak(
        "leaves_in_the_environment",
        "os.environ['LEFT'] = '1'",
        "'LEFT' in os.environ",
        FORKED,
        "an environment variable",
    ),
    _leak("leaves_the_folder", "os.chdir('/')", "os.getcwd() == '/'", FORKED, "another working folder"),
    _leak(
        "leaves_a_handler",
        "signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
        "signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN",
        FORKED,
        "a signal handler",
    ),
    _leak("leaves_a_global", "global LEFT\nLEFT = True", "hasattr(m, 'LEFT')", FORKED, "a global variable"),
    _leak(
        "leaves_a_module",
        "sys.modules['left'] = sys",
        "'left' in sys.modules",
        FORKED,
        "an entry in the cache of modules",
    ),
    _leak(
        "leaves_a_patch",
        "json.loads = None",
        "json.loads is None",
        FORKED,
        "a patched function of the standard library",
    ),
    _leak(
        "leaves_a_umask",
        "os.umask(0o777)",
        "os.umask(0o022) == 0o777",
        FORKED,
        "a umask under which nothing can be opened",
    ),
    _leak(
        "leaves_a_daemon",
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        while True:\n            open('left.txt', 'a').close()\n    os._exit(0)",
        "any(os.path.exists('left.txt') for _ in range(20) if time.sleep(0.01) is None)",
        Guard(f"{PROBE}/children.py", "    reap_orphans()\n    signalled", "    signalled"),
        "a daemon that goes on writing into the tree",
        ground=Ground("daemons"),
    ),
)

"""The mutant is not there when its tests run, or is somewhere else."""

from benchmarks.faults.scenario import Edit, Ground, Guard, Scenario, triggered
from benchmarks.faults.scenarios.guards import PROBE

PLAN = "qtest/mutation/plan.py"
LATE = Ground("late", imports="")
VENDORED = Ground(
    "vendored",
    files={"vendored/m.py": "{m.py}"},
    imports="""
import importlib.util
import m
spec = importlib.util.spec_from_file_location("vendored_m", "vendored/m.py")
vendored = importlib.util.module_from_spec(spec)
spec.loader.exec_module(vendored)
""",
)
COMPILED = Ground("compiled", compiled=("m.py",))
SPAWNING = Ground("spawning", imports="import m\nimport subprocess")
WIDE = Ground("wide", repeated=True)
CHILD = """
def test_{0}():
    said = subprocess.run([sys.executable, "-c", "import m; print(m.{0}(1))"], capture_output=True, check=True, cwd=".")
    assert said.stdout.strip() == b"2"
"""
PLUS = Edit("a + 1", "a - 1")


def _child(name: str) -> str:
    return f"def {name}(a):\n    return a + 1\n"


APPLICATION = (
    Scenario(
        "imported_late",
        "no function with the code lives when the tests are collected: they import it while they run",
        triggered("imported_late", "return 0"),
        "def test_late():\n    import m\n    assert m.imported_late(1) == 2\n",
        "killed by assertion",
        Guard(
            f"{PROBE}/swap.py",
            "if not any(codes.twins(function.__code__, outer) for function, _ in patch.live):",
            "if False:",
        ),
        ground=LATE,
    ),
    Scenario(
        "closure_of_other_variables",
        "a closure made at import cannot take the mutated code",
        "def outer(step):\n    other = 10\n\n    def inner(a):\n        return a + step - other + 10\n\n    return inner\n\n\nCLOSURE = outer(1)\n",
        "def test_closure():\n    assert m.CLOSURE(1) == 2\n",
        "killed by assertion",
        Guard(f"{PROBE}/swap.py", "elif any(self._lives(code) for code in patch.stuck):", "elif False:"),
        edit=Edit("a + step - other + 10", "a + 5"),
        peers=False,
    ),
    Scenario(
        "a_copy_elsewhere",
        "the tests assert on another copy of the module, which is not the mutated one",
        "def copied(a):\n    return a + 1\n",
        "def test_copied():\n    m.copied(1)\n    assert vendored.copied(1) == 2\n",
        "survived",
        Guard(f"{PROBE}/codes.py", "        and _same_file(live.co_filename, compiled.co_filename)\n", ""),
        edit=PLUS,
        ground=VENDORED,
    ),
    Scenario(
        "stale_bytecode",
        "bytecode beside the source that is never checked against it",
        "LIMIT = 2\n",
        "def test_limit():\n    assert m.LIMIT == 2\n",
        "killed by assertion",
        Guard(
            f"{PROBE}/finder.py",
            "code, _ = finder.source.whole(finder.mutant)",
            "code = super().get_code(fullname)",
        ),
        edit=Edit("LIMIT = 2", "LIMIT = 3"),
        ground=COMPILED,
    ),
    Scenario(
        "bytecode_of_the_last_mutant",
        "a child process finds the bytecode that the mutant before left, of a text as long",
        _child("after_another"),
        CHILD.format("after_another"),
        "killed by assertion",
        Guard(f"{PROBE}/tree.py", "(_FIRST_TIME + self._mutated,) * 2", "(_FIRST_TIME,) * 2"),
        edit=PLUS,
        before=(Edit("a + 1", "1 + a"),),
        ground=SPAWNING,
        peers=False,
    ),
    Scenario(
        "only_in_a_child_process",
        "the tests reach the code in a process that they start",
        _child("in_a_child"),
        CHILD.format("in_a_child"),
        "killed by assertion",
        Guard(f"{PROBE}/desk.py", 'with self.disk.changed(order["mutant"]["path"], text):', "if True:"),
        edit=PLUS,
        ground=SPAWNING,
    ),
    Scenario(
        "another_test_sees_it_in_a_child",
        "one test executes the statement and asserts nothing, another asserts in a process that it starts",
        _child("seen_by_another"),
        "def test_executes():\n    m.seen_by_another(1)\n" + CHILD.format("seen_by_another"),
        "killed by assertion",
        Guard(PLAN, "return seen + tuple(node for node in reached.spawning if node not in found)", "return seen"),
        edit=PLUS,
        ground=SPAWNING,
    ),
    Scenario(
        "built_at_import",
        "a table that the function made while the module was imported",
        'def table():\n    return {"one": 1}\n\n\nTABLE = table()\n',
        'def test_table():\n    m.table()\n    assert m.TABLE["one"] == 1\n',
        "killed by assertion",
        Guard(PLAN, " or any(place in reached.shared for place in places)", ""),
        edit=Edit('"one": 1', '"one": 2'),
    ),
    Scenario(
        "a_wide_fixture",
        "the first test to use a session's fixture executes the statement, the second asserts",
        "def wide():\n    return 1\n",
        """
@pytest.fixture(scope="session")
def value():
    return m.wide()

def test_first(value):
    pass

def test_second(value):
    assert value == 1
""",
        "killed by assertion",
        Guard(PLAN, "if any(place in reached.lasting for place in places):", "if False:"),
        edit=Edit("return 1", "return 2"),
        ground=WIDE,
    ),
    Scenario(
        "a_memo",
        "a cached result: only the first test to ask executes the statement",
        "import functools\n\n\n@functools.cache\ndef memo():\n    return 1\n",
        "def test_asks():\n    m.memo()\n\n\ndef test_asserts():\n    assert m.memo() == 1\n",
        "killed by assertion",
        Guard(PLAN, "if any(place in reached.lasting for place in places):", "if False:"),
        edit=Edit("return 1", "return 2"),
        ground=WIDE,
    ),
    Scenario(
        "breaks_the_import",
        "the module cannot be imported any more",
        "SIZE = 1\n",
        "def test_size():\n    assert m.SIZE\n",
        "killed by import: ZeroDivisionError",
        Guard(f"{PROBE}/newborn.py", "plugin.failing.extend(plugin.uncollected)", "pass"),
        edit=Edit("SIZE = 1", "SIZE = 1 // 0"),
        peers=False,
    ),
)

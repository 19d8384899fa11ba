"""Habits of real suites on which mutation tools were caught lying: what we say of hand-chosen mutants is what a whole run of the suite says,
in a new process, on a copy of the tree with the mutated file."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.adapters.store import FolderStore
from qtest.adapters.workbench import SandboxWorkbench
from qtest.languages.python.mutate import mutate
from qtest.languages.python.toolchain import PythonToolchain
from qtest.measure.baseline import measure
from qtest.mutation.diff import applied
from qtest.mutation.judge import Case, judge
from qtest.mutation.plan import reach
from qtest.ports import Sandbox
from qtest.records.baseline import Environment, Setting
from qtest.records.mutant import Mutant
from qtest.records.source import Project
from qtest.records.workbench import JudgeLimits

pytestmark = pytest.mark.sandbox

SLOWEST_S = 60.0  # the suites take a second


@dataclass(frozen=True)
class Habit:
    """A suite, and edits of its package: (file, text, text instead, what a cold run says)."""

    files: Mapping[str, str]
    edits: Mapping[str, tuple[str, str, str, str]]
    root: str = "."
    tests: tuple[str, ...] = ("tests",)
    encodings: Mapping[str, str] = field(default_factory=dict)


STATE = Habit(
    files={
        "shop/__init__.py": "",
        "shop/memo.py": """import functools
from pathlib import Path

REGISTRY = {}
_table = None


def register(name):
    def add(function):
        REGISTRY[name] = function
        return function

    return add


@register("double")
def double(n):
    return n + n


@functools.lru_cache(maxsize=None)
def rate(country):
    return 10 + len(country)


def table():
    global _table
    if _table is None:
        _table = {"a": 3 + 1}
    return _table


def connect():
    return {"port": 5000 + 1}


def listen():
    return {"port": 7000 + 1}


def leave():
    path = Path("left.txt")
    found = path.exists()
    size = 2 + 1
    path.write_text("left")
    return found
""",
        "tests/conftest.py": """import pytest

from shop import memo


@pytest.fixture(scope="session")
def connection():
    return memo.connect()


@pytest.fixture(scope="module")
def listener():
    return memo.listen()
""",
        "tests/test_memo.py": """from shop import memo


def test_fills_the_memo():
    assert memo.rate("fr")


def test_reads_the_memo():
    assert memo.rate("fr") == 12


def test_makes_the_table():
    assert memo.table()


def test_reads_the_table():
    assert memo.table() == {"a": 4}


def test_asks_the_registry():
    assert memo.REGISTRY["double"](4) == 8


def test_uses_a_session_fixture_first(connection, listener):
    assert connection and listener


def test_uses_a_session_fixture_later(connection):
    assert connection["port"] == 5001


def test_uses_a_module_fixture_later(listener):
    assert listener["port"] == 7001


def test_writes_into_the_tree():
    assert not memo.leave()
""",
    },
    edits={
        "a memo that another test filled": ("shop/memo.py", "10 + len", "10 - len", "killed"),
        "a lazy value that another test made": ("shop/memo.py", "3 + 1", "3 - 1", "killed"),
        "a function in a registry": ("shop/memo.py", "n + n", "n - n", "killed"),
        "the work of a session fixture": ("shop/memo.py", "5000 + 1", "5000 - 1", "killed"),
        "the work of a module fixture": ("shop/memo.py", "7000 + 1", "7000 - 1", "killed"),
        "a test that writes into the tree": ("shop/memo.py", "2 + 1", "2 - 1", "survived"),
        "a test that writes into the tree again": ("shop/memo.py", "2 + 1", "2 + 2", "survived"),
    },
)

REACH = Habit(
    files={
        "reach/__init__.py": "",
        "reach/core.py": """def process(n):
    return n + 11


def spawned(n, pipe):
    pipe.send(n + 12)


def thread(n, found):
    found.append(n + 13)


def twice(n):
    return n + 14


def later(n):
    return n + 15


def unseen(n):
    left = n + 16
    return n
""",
        "tests/test_core.py": """import importlib.util
import multiprocessing
import subprocess
import sys
import threading

from reach import core


def second(name):
    spec = importlib.util.spec_from_file_location(name, core.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


early = second("early")


def test_in_a_process_of_its_own():
    code = "from reach import core; print(core.process(1), core.unseen(1))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["12", "1"]


def test_in_a_spawned_worker():
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=core.spawned, args=(1, theirs))
    worker.start()
    assert ours.recv() == 13
    worker.join()


def test_in_a_thread():
    found = []
    worker = threading.Thread(target=core.thread, args=(1, found))
    worker.start()
    worker.join()
    assert found == [14]


def test_under_a_name_given_at_collection():
    assert early.twice(1) == 15


def test_under_a_name_given_in_the_test():
    assert second("late").later(1) == 16
""",
    },
    edits={
        "code that runs in a subprocess": ("reach/core.py", "n + 11", "n - 11", "killed"),
        "code that runs in a spawned worker": ("reach/core.py", "n + 12", "n - 12", "killed"),
        "code that runs in a thread": ("reach/core.py", "n + 13", "n - 13", "killed"),
        "a module under a second name": ("reach/core.py", "n + 14", "n - 14", "killed"),
        "a module under a second name, loaded late": ("reach/core.py", "n + 15", "n - 15", "killed"),
        "no difference in a subprocess": ("reach/core.py", "n + 16", "n - 16", "survived"),
    },
)

LOOKS = Habit(
    files={
        "pytest.ini": "[pytest]\naddopts = -n 2 --dist loadfile --cov=looks\nfilterwarnings = error\n",
        "looks/__init__.py": "",
        "looks/source.py": """import warnings


class Base:
    def __init_subclass__(cls):
        cls.size = len(cls.__name__) + 1


class Sub(Base):
    def twice(self, n):
        return n * 21


def shown(a, b):
    return a + b


def old(n):
    if n > 1:
        warnings.warn("old", DeprecationWarning)
    return n


def default(n=3 + 4):
    return n


TABLE = {name: len(name) + 2 for name in ("a", "bb")}
""",
        "looks/crlf.py": "def ends(n):\r\n    text = 'a'\r\n    return n + 31\r\n",
        "looks/bom.py": "def marked(n):\n    return n + 32\n",
        "looks/latin.py": "# -*- coding: latin-1 -*-\nNAME = 'caf\xe9'\n\n\ndef named(n):\n    return NAME, n + 33\n",
        "tests/test_looks.py": """import inspect
import pickle

import pytest

from looks import bom, crlf, latin, source


def test_the_source_is_what_runs():
    assert "return a + b" in inspect.getsource(source.shown)
    assert source.shown(0, 0) == 0


def test_functions_and_instances_can_be_pickled():
    assert pickle.loads(pickle.dumps(source.shown)) is source.shown
    assert pickle.loads(pickle.dumps(source.Sub())).twice(1) == 21
    assert source.Sub.twice.__qualname__ == "Sub.twice"


def test_subclasses_are_registered():
    assert source.Sub.size == 4


def test_no_warning_for_one():
    assert source.old(1) == 1


def test_a_default():
    assert source.default() == 7


@pytest.mark.parametrize(("name", "size"), sorted(source.TABLE.items()))
def test_each_row_of_a_table(name, size):
    assert size == len(name) + 2


def test_every_encoding():
    assert crlf.ends(1) == 32
    assert bom.marked(1) == 33
    assert latin.named(1) == ("caf\\xe9", 34)
""",
    },
    encodings={"looks/bom.py": "utf-8-sig", "looks/latin.py": "latin-1"},
    edits={
        "code whose source is looked at": ("looks/source.py", "a + b", "a - b", "killed"),
        "a method of what is pickled": ("looks/source.py", "n * 21", "n / 21", "killed"),
        "what happens when a class is made": ("looks/source.py", "__name__) + 1", "__name__) - 1", "killed"),
        "a warning that is an error": ("looks/source.py", "n > 1", "n >= 1", "killed"),
        "a default": ("looks/source.py", "3 + 4", "3 - 4", "killed"),
        "a file with CRLF": ("looks/crlf.py", "n + 31", "n - 31", "killed"),
        "a file with a byte-order mark": ("looks/bom.py", "n + 32", "n - 32", "killed"),
        "a file in latin-1": ("looks/latin.py", "n + 33", "n - 33", "killed"),
    },
)

ORDER = Habit(
    files={
        "order.py": """kept = []


def keep(n):
    kept.append(n + 41)


def total():
    return sum(kept) + 42


def idle(n):
    return n + 43
""",
        "tests/test_order.py": """import order


def test_keeps():
    order.keep(1)


def test_relies_on_the_one_before():
    order.idle(1)
    assert order.total() == 84
""",
    },
    edits={
        "what a later test finds": ("order.py", "n + 41", "n - 41", "killed"),
        "what only the later test runs": ("order.py", "+ 42", "- 42", "killed"),
        "no difference in a suite that needs its order": ("order.py", "n + 43", "n - 43", "survived"),
    },
)

STYLES = Habit(
    files={
        "pytest.ini": "[pytest]\naddopts = --doctest-modules -p styles.plugin\n",
        "src/styles/__init__.py": "",
        "src/styles/plugin.py": """import pytest

from styles import calc


@pytest.fixture
def limit():
    return calc.LIMIT
""",
        "src/styles/calc.py": '''LIMIT = 500 + 55


def doctested(n):
    """
    >>> doctested(1)
    52
    """
    return n + 51


def unittested(n):
    return n + 52


def from_a_file(n):
    return n + 53


def expected_to_fail(n):
    return n + 54
''',
        "tests/conftest.py": """import pytest


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".case":
        return CaseFile.from_parent(parent, path=file_path)


class CaseFile(pytest.File):
    def collect(self):
        for line in self.path.read_text().splitlines():
            yield CaseItem.from_parent(self, name=line)


class CaseItem(pytest.Item):
    def runtest(self):
        from styles import calc

        given, wanted = map(int, self.name.split("="))
        assert calc.from_a_file(given) == wanted
""",
        "tests/sums.case": "1=54\n2=55\n",
        "tests/test_unit.py": """import unittest

import pytest

from styles import calc


class TestCalc(unittest.TestCase):
    def test_each(self):
        for n in (0, 1):
            with self.subTest(n=n):
                self.assertEqual(calc.unittested(n), n + 52)


def test_what_a_plugin_of_the_package_gives(limit):
    assert limit == 555


@pytest.mark.xfail(strict=True)
def test_that_is_expected_to_fail():
    assert calc.expected_to_fail(0) == -54
""",
    },
    root="src",
    tests=("tests", "src/styles"),
    edits={
        "code that only a doctest runs": ("src/styles/calc.py", "n + 51", "n - 51", "killed"),
        "code that a sub-test of unittest runs": ("src/styles/calc.py", "n + 52", "n - 52", "killed"),
        "code that items of a conftest run": ("src/styles/calc.py", "n + 53", "n - 53", "killed"),
        "a constant that pytest's configuration imports": ("src/styles/calc.py", "500 + 55", "500 - 55", "killed"),
        "a strict xfail that passes": ("src/styles/calc.py", "n + 54", "n - 54", "killed"),
    },
)

NAMES = Habit(
    files={
        "shop/__init__.py": "",
        "shop/forms.py": """LEAST = 3 + 1
MOST = 5 + 1
SIZES = [1, 10 + 1]


def shown(number):
    return "%d" % number
""",
        "tests/test_forms.py": """import pytest

from shop import forms


@pytest.mark.parametrize("least", [forms.LEAST, 9])
def test_least(least):
    assert forms.shown(least) in ("4", "9")


@pytest.mark.parametrize("most", [0, forms.MOST])
def test_most(most):
    assert most >= 0


@pytest.mark.parametrize("size", forms.SIZES)
def test_size(size):
    assert size in (1, 11)
""",
    },
    edits={
        "a failing test has another name": ("shop/forms.py", "3 + 1", "3 - 1", "killed"),
        "a passing test has another name": ("shop/forms.py", "5 + 1", "5 - 1", "survived"),
        "one of a list that tests are made of": ("shop/forms.py", "10 + 1", "10 - 1", "killed"),
    },
)

FRAMEWORKS = Habit(
    files={
        "pytest.ini": "[pytest]\naddopts = -n 2 --dist load\nasyncio_mode = auto\n",
        "web/__init__.py": "",
        "web/app.py": """import asyncio

import flask
import numpy

app = flask.Flask(__name__)
WEIGHTS = numpy.arange(3) + 61


@app.route("/add/<int:n>")
def add(n):
    return {"sum": n + 62}


def scaled(values):
    return numpy.asarray(values) * 63


async def waited(n):
    await asyncio.sleep(0)
    return n + 64


def weighed(n):
    return int(WEIGHTS.sum()) + n
""",
        "tests/conftest.py": """import pytest

from web.app import app


@pytest.fixture
def client():
    return app.test_client()
""",
        "tests/test_app.py": """from web import app


def test_a_route(client):
    assert client.get("/add/1").get_json() == {"sum": 63}


def test_an_array():
    assert app.scaled([1, 2]).tolist() == [63, 126]


async def test_a_coroutine():
    assert await app.waited(1) == 65


def test_a_constant_array():
    assert app.weighed(0) == 186
""",
    },
    edits={
        "a view of a Flask app": ("web/app.py", "n + 62", "n - 62", "killed"),
        "the arithmetic of arrays": ("web/app.py", ") * 63", ") / 63", "killed"),
        "a coroutine": ("web/app.py", "n + 64", "n - 64", "killed"),
        "an array made at import": ("web/app.py", "+ 61", "- 61", "killed"),
    },
)

HABITS = {"state": STATE, "reach": REACH, "looks": LOOKS, "order": ORDER, "styles": STYLES, "names": NAMES}
CASES = [(name, case) for name, habit in HABITS.items() for case in habit.edits]


@pytest.fixture(scope="module")
def sandbox(sandboxed: Sandbox) -> Sandbox:
    return sandboxed


@dataclass(frozen=True)
class Told:
    """What each side says of each case, and the bytes of the tree afterwards."""

    ours: dict[str, str]
    proofs: dict[str, str]
    cold: dict[str, str]
    before: dict[str, bytes]
    after: dict[str, bytes]


@pytest.fixture(scope="module")
def told(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Told]]:
    yield {name: judged(habit, sandbox, tmp_path_factory.mktemp(name)) for name, habit in HABITS.items()}


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_mutant_is_judged_as_by_a_cold_run(told: dict[str, Told], name: str, case: str) -> None:
    expected = HABITS[name].edits[case][3]
    assert told[name].cold[case] == expected
    assert told[name].ours[case] == expected, told[name].proofs[case]


@pytest.mark.parametrize("name", sorted(HABITS))
def test_the_tree_of_the_user_is_as_before(told: dict[str, Told], name: str) -> None:
    assert told[name].after == told[name].before


@pytest.fixture(scope="module")
def with_frameworks(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """In an environment of its own, with xdist, pytest-asyncio, Flask and numpy, which is made of C extensions."""
    scratch = tmp_path_factory.mktemp("frameworks")
    subprocess.run([sys.executable, "-m", "venv", str(scratch / "venv")], check=True)
    python = scratch / "venv" / "bin" / "python"
    wanted = ("pytest", "coverage", "pytest-xdist", "pytest-asyncio", "flask", "numpy")
    subprocess.run(
        [str(python), "-m", "pip", "install", "-q", "--only-binary=:all:", *wanted], check=True, capture_output=True
    )
    return judged(FRAMEWORKS, sandbox, scratch, str(python))


@pytest.mark.network
@pytest.mark.parametrize("case", FRAMEWORKS.edits)
def test_a_mutant_is_judged_as_by_a_cold_run_under_a_framework(with_frameworks: Told, case: str) -> None:
    expected = FRAMEWORKS.edits[case][3]
    assert with_frameworks.cold[case] == expected
    assert with_frameworks.ours[case] == expected, with_frameworks.proofs[case]


def judged(habit: Habit, sandbox: Sandbox, scratch: Path, python: str = sys.executable) -> Told:
    folder = scratch / "tree"
    for path, text in habit.files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode(habit.encodings.get(path, "utf-8")))
    before = bytes_of(folder)
    setting = setting_of(habit, folder, python)
    mutants = {case: chosen(habit, case) for case in habit.edits}
    ours: dict[str, str] = {}
    proofs: dict[str, str] = {}
    with SandboxWorkbench(sandbox, PythonToolchain()) as workbench:
        suite = measure(setting, PythonToolchain(), sandbox, workbench).suite
        executor = InlineExecutor((LocalTools(sandbox, workbench, FolderStore(scratch / "store")),))
        for path in sorted({mutant.path for mutant in mutants.values()}):
            found = judge(
                Case(
                    setting=setting,
                    suite="existing",
                    texts={path: habit.files[path]},
                    reach=reach(suite.measured, suite.usable),
                    limits=JudgeLimits(),
                ),
                [mutant for mutant in mutants.values() if mutant.path == path],
                executor,
            )
            for verdict in found.verdicts:
                case = next(case for case, mutant in mutants.items() if mutant.id == verdict.mutant.id)
                ours[case] = verdict.result.status
                proofs[case] = f"{verdict.result}; {verdict.how}; {verdict.proof}; {suite.reason}"
    with ThreadPoolExecutor(2) as pool:
        cold = dict(zip(mutants, pool.map(lambda case: cold_run(habit, case, setting, sandbox), mutants), strict=True))
    return Told(ours, proofs, cold, before, bytes_of(folder))


def chosen(habit: Habit, case: str) -> Mutant:
    path, old, new, _ = habit.edits[case]
    text = habit.files[path]
    assert text.count(old) == 1, f"{case}: {old!r} is not there once"
    wanted = text.replace(old, new)
    module = path.removeprefix("src/").removesuffix(".py").replace("/", ".")
    return next(mutant for mutant in mutate(text, path, module) if applied(text, mutant) == wanted)


def cold_run(habit: Habit, case: str, setting: Setting, sandbox: Sandbox) -> str:
    path, old, new, _ = habit.edits[case]
    copy = Path(setting.folder).parent / f"cold-{list(habit.edits).index(case)}"
    shutil.copytree(setting.folder, copy)
    (copy / path).write_bytes(habit.files[path].replace(old, new).encode(habit.encodings.get(path, "utf-8")))
    spec = PythonToolchain().spec(setting.model_copy(update={"folder": str(copy)}))
    alone = ["-o", "addopts="] if "-n 2" in habit.files.get("pytest.ini", "") else []
    command = [setting.environment.python, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *alone]
    with sandbox.open(spec) as session:
        done = session.run([*command, *habit.tests], wall_s=SLOWEST_S)
    return (
        "survived" if done.ok else "killed" if done.code in (1, 2) else f"ended with {done.code}: {done.stderr[-300:]}"
    )


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def setting_of(habit: Habit, folder: Path, python: str) -> Setting:
    packages = sorted(
        {Path(path).relative_to(habit.root).parts[0].removesuffix(".py") for path, *_ in habit.edits.values()}
    )
    return Setting(
        folder=str(folder),
        project=Project(
            root="",
            language="python",
            name=packages[0],
            layout="src" if habit.root == "src" else "flat",
            import_roots=(habit.root,),
            packages=tuple(packages),
            test_paths=habit.tests,
        ),
        environment=Environment(
            python=python,
            version=sys.version.split()[0],
            origin="ours",
            readable=(*PythonToolchain().own_paths, str(Path(python).parents[1])),
        ),
    )

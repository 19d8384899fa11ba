"""Our verdicts against the plain truth: a whole run of the suite, in a new process, on a copy of the tree with the mutated file."""

import random
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.adapters.store import FolderStore
from qtest.adapters.workbench import SandboxWorkbench
from qtest.languages.python.mutate import mutate
from qtest.languages.python.toolchain import PythonToolchain
from qtest.measure.baseline import measure
from qtest.mutation.batches import BY_200, even
from qtest.mutation.diff import applied
from qtest.mutation.judge import Case, Judgement, judge
from qtest.mutation.plan import reach
from qtest.ports import Sandbox
from qtest.records.baseline import Environment, Setting, Suite
from qtest.records.mutant import Controls, Mutant
from qtest.records.source import Project
from qtest.records.workbench import JudgeLimits

pytestmark = pytest.mark.sandbox

SAMPLES = Path(__file__).parents[1] / "samples"
PACKAGES = {"prices": (".", "prices"), "textkit": (".", "textkit"), "units": ("src", "units")}
MANY = 20
SLOWEST_S = 20.0  # the suites take half a second


@pytest.fixture(scope="module")
def sandbox(sandboxed: Sandbox) -> Sandbox:
    return sandboxed


@dataclass(frozen=True)
class Ground:
    """One sample package with its measured suite."""

    sandbox: Sandbox
    workbench: SandboxWorkbench
    setting: Setting
    suite: Suite


@pytest.fixture(scope="module", params=sorted(PACKAGES))
def ground(
    request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    setting = setting_of(request.param, tmp_path_factory.mktemp(request.param) / "tree")
    with SandboxWorkbench(sandbox, PythonToolchain()) as workbench:
        suite = measure(setting, PythonToolchain(), sandbox, workbench).suite
        yield Ground(sandbox, workbench, setting, suite)


def setting_of(name: str, folder: Path) -> Setting:
    root, package = PACKAGES[name]
    shutil.copytree(SAMPLES / name, folder)
    return flat(folder, package, root)


def flat(folder: Path, package: str, root: str = ".") -> Setting:
    return Setting(
        folder=str(folder),
        project=Project(
            root="",
            language="python",
            name=package,
            layout="src" if root == "src" else "flat",
            import_roots=(root,),
            packages=(package,),
            test_paths=("tests",),
        ),
        environment=Environment(
            python=sys.executable, version=sys.version.split()[0], origin="ours", readable=PythonToolchain().own_paths
        ),
    )


def test_a_green_suite_is_found_green(ground: Ground) -> None:
    assert (ground.suite.runs, ground.suite.green_runs, ground.suite.reason) == (3, 3, "")
    assert set(ground.suite.usable) == {test.node for test in ground.suite.measured.tests}


def test_twenty_mutants_are_judged_as_by_cold_runs_of_the_whole_suite(ground: Ground) -> None:
    mutants = drawn(ground.setting, seed="truth")
    judged = {verdict.mutant.id: verdict for found in judgements(ground, mutants) for verdict in found.verdicts}
    wanted = [mutant for mutant in mutants if mutant.id in judged]
    with ThreadPoolExecutor(2) as pool:
        cold = dict(zip(wanted, pool.map(lambda mutant: cold_run(ground, mutant), wanted), strict=True))
    differing = [
        f"cold: {truth}, ours: {verdict.result}; {verdict.how}; {verdict.proof}\n{verdict.diff}"
        for mutant, truth in cold.items()
        if said((verdict := judged[mutant.id]).result.status) != truth
    ]
    assert not differing, "\n\n".join(differing)
    assert len(wanted) > MANY / 2
    assert set(cold.values()) >= {"fails", "passes"}


@pytest.mark.parametrize("ground", ["prices"], indirect=True)
def test_two_workers_on_a_machine_that_others_keep_busy_say_what_one_says_alone(
    ground: Ground, all_cores_taken: Callable[[], AbstractContextManager[None]]
) -> None:
    mutants = drawn(ground.setting, seed="busy")
    alone = results(judgements(ground, mutants))
    with SandboxWorkbench(ground.sandbox, PythonToolchain()) as second, all_cores_taken():
        busy = results(judgements(ground, mutants, second))
    assert busy == alone
    assert {"killed", "survived"} <= {status for _, status in alone.values()}


def test_controls_of_every_function_hold(ground: Ground) -> None:
    controls = [mutant for mutant in every(ground.setting) if mutant.control]
    total = sum((found.controls for found in judgements(ground, controls)), Controls())
    assert total.doubtful == ()
    assert total.no_op_alive == total.no_op_total > 0
    assert total.raise_dead == total.raise_total > 0


def test_tests_that_look_at_the_code_itself_are_believed_and_judged_cold(sandbox: Sandbox, tmp_path: Path) -> None:
    """What we mark to see a mutant executed is no mutant, and yet such a test fails on it."""
    folder = tmp_path / "tree"
    (folder / "tests").mkdir(parents=True)
    (folder / "m.py").write_text("def double(x):\n    return 2 * x\n\n\ndef idle(x):\n    return x + 1\n")
    (folder / "tests" / "test_m.py").write_text(
        "from m import double\n\n\ndef test_value():\n    assert double(2) == 4\n\n\n"
        "def test_constants():\n    assert double(1) == double.__code__.co_consts[-1] == 2\n    assert len(double.__code__.co_consts) == 2\n"
    )
    setting = flat(folder, "m")
    with SandboxWorkbench(sandbox, PythonToolchain()) as workbench:
        suite = measure(setting, PythonToolchain(), sandbox, workbench).suite
        found = judgements(Ground(sandbox, workbench, setting, suite), list(mutate(read(folder, "m.py"), "m.py", "m")))
    assert {(item.how, item.result.status) for item in found[0].verdicts if item.mutant.symbol == "m:double"} == {
        ("cold", "killed")
    }
    assert {item.result.status for item in found[0].verdicts if item.mutant.symbol == "m:idle"} == {"no coverage"}
    assert found[0].controls == Controls(no_op_alive=1, no_op_total=1, raise_dead=1, raise_total=1)


def cold_run(ground: Ground, mutant: Mutant) -> str:
    """The independent judge: knows nothing of coverage, forks or exchanged code."""
    setting = ground.setting
    copy = Path(setting.folder).parent / f"cold-{mutant.id}"
    shutil.copytree(setting.folder, copy)
    file = copy / mutant.path
    file.write_bytes(applied(file.read_bytes().decode(), mutant).encode())
    spec = PythonToolchain().spec(setting.model_copy(update={"folder": str(copy)}))
    with ground.sandbox.open(spec) as session:
        done = session.run([sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"], wall_s=SLOWEST_S)
    shutil.rmtree(copy)
    if done.limit:
        return "hangs"
    return "passes" if done.ok else "fails" if done.code in (1, 2, 4) else f"ends with {done.code} {done.signal}"


def said(status: str) -> str:
    return {"killed": "fails", "survived": "passes", "no coverage": "passes", "timed out": "hangs"}.get(status, status)


def every(setting: Setting) -> Iterator[Mutant]:
    root, package = setting.project.import_roots[0], setting.project.packages[0]
    for path in sorted(Path(setting.folder, root, package).glob("*.py")):
        name = str(path.relative_to(setting.folder))
        yield from mutate(path.read_bytes().decode(), name, f"{package}.{path.stem}")


def drawn(setting: Setting, seed: str) -> list[Mutant]:
    return random.Random(seed).sample([mutant for mutant in every(setting) if not mutant.control], MANY)


def read(folder: Path, path: str) -> str:
    return (folder / path).read_bytes().decode()


def results(found: list[Judgement]) -> dict[str, tuple[str, str]]:
    return {
        verdict.mutant.id: (verdict.how, verdict.result.status) for judgement in found for verdict in judgement.verdicts
    }


def judgements(ground: Ground, mutants: list[Mutant], *more: SandboxWorkbench) -> list[Judgement]:
    """One for each file, as the line has one for each module; by one worker, and one for each of `more` workbenches."""
    folder = Path(ground.setting.folder)
    store = FolderStore(folder.parent / "store")
    executor = InlineExecutor([LocalTools(ground.sandbox, one, store) for one in (ground.workbench, *more)])
    found = []
    for path in sorted({mutant.path for mutant in mutants}):
        case = Case(
            setting=ground.setting,
            suite="existing",
            texts={path: read(folder, path)},
            reach=reach(ground.suite.measured, ground.suite.usable),
            limits=JudgeLimits(blocked_s=3.0),
            split=even(5) if more else BY_200,
        )
        found.append(judge(case, [mutant for mutant in mutants if mutant.path == path], executor))
    return found

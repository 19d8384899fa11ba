"""Our verdicts against the plain truth: a whole run of the suite, in a new process, on a copy of the tree with the mutated file."""

import os
import random
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qtest.adapters import sandbox as sandboxes
from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.adapters.store import FolderStore
from qtest.adapters.workbench import SandboxWorkbench
from qtest.errors import SandboxError
from qtest.languages.python.mutate import mutate
from qtest.languages.python.toolchain import PythonToolchain
from qtest.measure.baseline import measure
from qtest.mutation.diff import applied
from qtest.mutation.judge import Case, Judgement, judge
from qtest.mutation.plan import reach
from qtest.ports import Sandbox
from qtest.records.baseline import Environment, Setting
from qtest.records.mutant import Mutant
from qtest.records.source import Project
from qtest.records.workbench import JudgeLimits

pytestmark = pytest.mark.sandbox

SAMPLES = Path(__file__).parents[1] / "samples"
PACKAGES = {"prices": (".", "prices"), "textkit": (".", "textkit"), "units": ("src", "units")}
MANY = 20
SLOWEST_S = 20.0  # the suites take half a second


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    try:
        return sandboxes.choose()
    except SandboxError as error:
        if os.environ.get("QTEST_REQUIRE_ALL") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(params=sorted(PACKAGES))
def setting(request: pytest.FixtureRequest, tmp_path: Path) -> Setting:
    root, package = PACKAGES[request.param]
    folder = tmp_path / "tree"
    shutil.copytree(SAMPLES / request.param, folder)
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


def test_twenty_mutants_are_judged_as_by_cold_runs_of_the_whole_suite(sandbox: Sandbox, setting: Setting) -> None:
    mutants = drawn(setting, seed="truth")
    judged = {verdict.mutant.id: verdict for found in judgements(sandbox, setting, mutants) for verdict in found.verdicts}
    wanted = [mutant for mutant in mutants if mutant.id in judged]
    with ThreadPoolExecutor(2) as pool:
        cold = dict(zip(wanted, pool.map(lambda mutant: cold_run(sandbox, setting, mutant), wanted), strict=True))
    differing = [
        f"cold: {truth}, ours: {verdict.result}; {verdict.how}; {verdict.proof}\n{verdict.diff}"
        for mutant, truth in cold.items()
        if said((verdict := judged[mutant.id]).result.status) != truth
    ]
    assert not differing, "\n\n".join(differing)
    assert len(wanted) > MANY / 2
    assert set(cold.values()) >= {"fails", "passes"}


def test_controls_of_every_function_hold(sandbox: Sandbox, setting: Setting) -> None:
    controls = [mutant for mutant in every(setting) if mutant.control]
    total = [found.controls for found in judgements(sandbox, setting, controls)]
    assert sum(found.no_op_total for found in total) > 0
    assert sum(found.no_op_alive for found in total) == sum(found.no_op_total for found in total)
    assert [text for found in total for text in found.doubtful] == []
    assert sum(found.raise_dead for found in total) == sum(found.raise_total for found in total)


def cold_run(sandbox: Sandbox, setting: Setting, mutant: Mutant) -> str:
    """The independent judge: knows nothing of coverage, forks or exchanged code."""
    copy = Path(setting.folder).parent / f"cold-{mutant.id}"
    shutil.copytree(setting.folder, copy)
    file = copy / mutant.path
    file.write_bytes(applied(file.read_bytes().decode(), mutant).encode())
    spec = PythonToolchain().spec(setting.model_copy(update={"folder": str(copy)}))
    with sandbox.open(spec) as session:
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


def judgements(sandbox: Sandbox, setting: Setting, mutants: list[Mutant]) -> list[Judgement]:
    """One for each file, as the line has one for each module."""
    toolchain = PythonToolchain()
    with SandboxWorkbench(sandbox, toolchain) as workbench:
        suite = measure(setting, toolchain, sandbox, workbench).suite
        assert suite.green_runs == 3, suite.reason
        executor = InlineExecutor(LocalTools(sandbox, workbench, FolderStore(Path(setting.folder).parent / "store")))
        found = []
        for path in sorted({mutant.path for mutant in mutants}):
            case = Case(
                setting=setting,
                suite="existing",
                text=Path(setting.folder, path).read_bytes().decode(),
                reach=reach(suite.measured, suite.usable),
                limits=JudgeLimits(blocked_s=3.0),
            )
            found.append(judge(case, [mutant for mutant in mutants if mutant.path == path], executor))
    return found

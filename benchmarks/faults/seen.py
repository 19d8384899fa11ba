"""Judges scenarios by the real thing: a measured suite in the real sandbox, the real judge, and its words."""

import ast
import contextlib
import os
import py_compile
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.faults.scenario import Edit, Ground, Scenario, Tree, trees
from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.adapters.store import FolderStore
from qtest.adapters.workbench import SandboxWorkbench
from qtest.errors import QTestError
from qtest.languages.python.mutate import mutate
from qtest.languages.python.toolchain import PythonToolchain
from qtest.measure.baseline import measure
from qtest.mutation.judge import Case, Judgement, judge
from qtest.mutation.plan import reach
from qtest.ports import Sandbox
from qtest.records.baseline import Environment, Setting, Suite
from qtest.records.file import WrittenFile
from qtest.records.mutant import Mutant, Verdict
from qtest.records.record import digest_of
from qtest.records.source import Project

PROJECT = Project(
    root="",
    language="python",
    name="m",
    layout="module",
    import_roots=("",),
    packages=("m",),
    test_paths=("test_m.py",),
)


def seen(scenarios: Sequence[Scenario], sandbox: Sandbox, folder: Path) -> dict[str, str]:
    """What is said of each, by name: `killed by assertion: ...`, `survived`, `timed out: cpu`, `inconclusive: why`, `no coverage`,
    `not a mutant`; `refused: why` when nothing is judged; of controls `doubtful: why` or `the controls held`."""
    return {name: words for tree in trees(scenarios) for name, words in of_tree(tree, sandbox, folder).items()}


def of_tree(tree: Tree, sandbox: Sandbox, folder: Path) -> dict[str, str]:
    setting = laid(tree, folder / tree.ground.name)
    toolchain = PythonToolchain(limits=tree.ground.session)
    with SandboxWorkbench(sandbox, toolchain) as workbench, hogged(tree.ground.hogs):
        tools = LocalTools(sandbox, workbench, FolderStore(folder / "store"))
        try:
            return _judged(tree, setting, tools, toolchain)
        except QTestError as error:
            return {scenario.name: f"refused: {error}" for scenario in tree.scenarios}


def laid(tree: Tree, folder: Path) -> Setting:
    """The project on disk, and where its code runs."""
    for name, text in tree.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for name in tree.ground.compiled:
        py_compile.compile(
            str(folder / name), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
        )
    environment = Environment(
        python=_interpreter(tree.ground, folder),
        version=sys.version.split()[0],
        origin="ours",
        readable=PythonToolchain().own_paths,
    )
    return Setting(folder=str(folder), project=PROJECT, environment=environment)


def _interpreter(ground: Ground, folder: Path) -> str:
    if not ground.python:
        return sys.executable
    path = folder / ground.python
    path.chmod(0o755)
    return str(path)


def _judged(tree: Tree, setting: Setting, tools: LocalTools, toolchain: PythonToolchain) -> dict[str, str]:
    if not tree.ground.written:
        return _round(tree, setting, tools, toolchain)
    said: dict[str, str] = {}
    for text in tree.ground.written:
        written = setting.model_copy(update={"written": (WrittenFile(path="test_m.py", text=text),)})
        said = _round(tree, written, tools, toolchain)
    return said


def _round(tree: Tree, setting: Setting, tools: LocalTools, toolchain: PythonToolchain) -> dict[str, str]:
    suite = _suite(tree.ground, setting, tools, toolchain)
    if suite.empty:
        return {scenario.name: f"refused: {suite.reason}" for scenario in tree.scenarios}
    case = Case(
        setting=setting,
        suite="existing",
        texts={"m.py": tree.text},
        reach=reach(suite.measured, suite.usable),
        limits=tree.ground.limits,
        matrix=tree.ground.matrix,
    )
    controls = [mutant for mutant in mutate(tree.text, "m.py", "m") if mutant.control]
    mutants = [mutant_of(tree, one, edit) for one in tree.scenarios for edit in (*one.before, one.edit) if edit]
    judgement = judge(case, [*controls, *mutants], InlineExecutor((tools,)))
    return {scenario.name: _said(tree, scenario, judgement) for scenario in tree.scenarios}


def _suite(ground: Ground, setting: Setting, tools: LocalTools, toolchain: PythonToolchain) -> Suite:
    if ground.repeated:
        return measure(setting, toolchain, tools.sandbox, tools.workbench).suite
    run = tools.workbench.measure(setting, setting.project.test_paths)
    good = tuple(test.node for test in run.tests if test.outcome in ("passed", "xfailed", "xpassed"))
    usable = good if run.complete else ()
    reason = run.problem or "; ".join(f"{test.node}: {test.reason}" for test in run.tests)
    return Suite(project="", command=(), reason=reason, usable=usable, measured=run)


def mutant_of(tree: Tree, scenario: Scenario, edit: Edit) -> Mutant:
    start = tree.start(scenario, edit)
    text, end = tree.text, start + len(edit.old)
    line = text.count("\n", 0, start) + 1
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.Lambda)]
    running = any(
        (body[0].lineno, body[0].col_offset) <= (line, start - text.rfind("\n", 0, start) - 1)
        and line <= (node.end_lineno or line)
        for node in functions
        if (body := node.body if isinstance(node.body, list) else [node.body])
    )
    return Mutant(
        id=digest_of(f"{start}\0{end}\0{edit.new}")[:16],
        path="m.py",
        file_digest=digest_of(text),
        symbol=f"m:{scenario.name}",
        operator="seeded",
        line=line,
        end_line=line + edit.old.count("\n"),
        start=start,
        end=end,
        original=edit.made_of or edit.old,
        replacement=edit.new,
        runs_at="call" if running else "import",
    )


def _said(tree: Tree, scenario: Scenario, judgement: Judgement) -> str:
    if scenario.edit is None:
        doubtful = judgement.controls.doubtful
        return f"doubtful: {doubtful[0]}" if doubtful else "the controls held"
    wanted = mutant_of(tree, scenario, scenario.edit).id
    found = next((verdict for verdict in judgement.verdicts if verdict.mutant.id == wanted), None)
    return words(found) if found else "not a mutant"


def words(verdict: Verdict) -> str:
    result = verdict.result
    if result.status == "killed":
        return f"killed by {result.first.kind}: {result.first.error} {result.first.message}"
    if result.status == "inconclusive":
        return f"inconclusive: {result.reason}"
    return f"timed out: {result.limit}" if result.status == "timed out" else result.status


@contextlib.contextmanager
def hogged(count: int) -> Iterator[None]:
    """Processes that do nothing but compute, each in a session of its own, or the scheduler would count them as one; they end with us,
    whatever happens."""
    spin = "import os\nwhile os.getppid() == {0}: [x * x for x in range(10 ** 5)]"
    words = [sys.executable, "-c", spin.format(os.getpid())]
    hogs = [subprocess.Popen(words, start_new_session=True) for _ in range(count)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()

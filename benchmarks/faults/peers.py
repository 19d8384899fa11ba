"""The same projects and mutants in the hands of mutmut and cosmic-ray, each in our sandbox: some of them kill all they can."""

import json
import tempfile
from pathlib import Path

from benchmarks.faults.scenario import Scenario, Tree
from benchmarks.faults.seen import laid, mutant_of
from benchmarks.generation.environments import Environment
from qtest.languages.python.toolchain import PythonToolchain
from qtest.mutation.diff import applied
from qtest.ports import Sandbox, Session
from qtest.records.sandbox import Completed, SandboxSpec

MOST_S = 40.0
NOT_MADE = "cannot make it"
HERE = Path(__file__).parent
MUTMUT_SIDE = HERE.parent / "generation" / "mutmut_side.py"
COSMIC_SIDE = HERE / "cosmic_side.py"
SETTINGS = """
[cosmic-ray]
module-path = "m.py"
timeout = 10.0
excluded-modules = []
test-command = "python -m pytest -x -q test_m.py"
[cosmic-ray.distributor]
name = "local"
"""


def asked(scenario: Scenario, tool: str, peers: Environment, sandbox: Sandbox) -> str:
    """The tool's own word for the scenario's mutant, or why there is none."""
    if not scenario.peers or scenario.edit is None or scenario.ground.written:
        return NOT_MADE
    tree = Tree((scenario,))
    with tempfile.TemporaryDirectory(prefix="qtest-peer-") as made:
        folder = Path(made) / "project"
        laid(tree, folder)
        wanted = applied(tree.text, mutant_of(tree, scenario, scenario.edit))
        others = "\n    ".join(sorted(name for name in tree.files if name not in ("m.py", "pyproject.toml")))
        selected = "pytest_add_cli_args_test_selection = test_m.py"
        (folder / "setup.cfg").write_text(f"[mutmut]\nsource_paths = m.py\n{selected}\nalso_copy =\n    {others}\n")
        (folder / "cosmic.toml").write_text(SETTINGS)
        with sandbox.open(_spec(folder, peers)) as session:
            return (
                _mutmut(session, peers, tree.text, wanted)
                if tool == "mutmut"
                else _cosmic(session, peers, wanted, scenario.verdict.startswith("refused"))
            )


def _spec(folder: Path, peers: Environment) -> SandboxSpec:
    base = PythonToolchain().own_paths
    path = f"{peers.folder / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    return SandboxSpec(
        readable=(*base, str(peers.folder), str(MUTMUT_SIDE), str(COSMIC_SIDE)),
        overlaid=(str(folder),),
        cwd=str(folder),
        env=(("PATH", path), ("LC_ALL", "C.UTF-8"), ("PYTHONHASHSEED", "0"), ("TZ", "UTC")),
    )


def _mutmut(session: Session, peers: Environment, text: str, wanted: str) -> str:
    listed = session.run([str(peers.python), str(MUTMUT_SIDE), "--names"], stdin=text.encode(), wall_s=MOST_S)
    if not listed.ok:
        return _broke(listed)
    names = [name for name, mutated in json.loads(listed.stdout) if mutated == wanted]
    if not names:
        return NOT_MADE
    name = f"m.{names[0]}"
    ran = session.run([str(peers.folder / "bin" / "mutmut"), "run", "--max-children", "1", name], wall_s=MOST_S)
    told = session.run([str(peers.folder / "bin" / "mutmut"), "results", "--all", "true"], wall_s=MOST_S)
    said = [line.partition(": ")[2] for line in told.stdout.splitlines() if line.strip().startswith(f"{name}: ")]
    return said[0] if said and said[0] != "not checked" else _broke(ran)


def _cosmic(session: Session, peers: Environment, wanted: str, red: bool) -> str:
    """Its baseline is a command of its own, which is asked where there is a reason to refuse."""
    tool = str(peers.folder / "bin" / "cosmic-ray")
    begun = session.run([tool, "init", "cosmic.toml", "cosmic.sqlite"], wall_s=MOST_S)
    if not begun.ok:
        return _broke(begun)
    side = [str(peers.python), str(COSMIC_SIDE), "cosmic.sqlite"]
    left = session.run(side, stdin=wanted.encode(), wall_s=MOST_S)
    if not left.ok:
        return _broke(left)
    if left.stdout.strip() != "1":
        return NOT_MADE
    if red and not session.run([tool, "baseline", "cosmic.toml"], wall_s=MOST_S).ok:
        return "refused: its baseline is red"
    ran = session.run([tool, "exec", "cosmic.toml", "cosmic.sqlite"], wall_s=MOST_S)
    told = session.run([tool, "dump", "cosmic.sqlite"], wall_s=MOST_S)
    result = json.loads(told.stdout.splitlines()[0])[1] if told.ok and told.stdout.strip() else None
    if not result:
        return _broke(ran)
    return f"{result['test_outcome']}{' by a timeout' if (result['output'] or '').strip() == 'timeout' else ''}"


def _broke(ended: Completed) -> str:
    if ended.limit:
        return f"did not end in {MOST_S:.0f} s"
    how = f"signal {ended.signal}" if ended.signal else f"exit code {ended.code}"
    lines = (ended.stdout + ended.stderr).strip().splitlines()
    return f"died: {how}: {lines[-1][:80] if lines else ''}"

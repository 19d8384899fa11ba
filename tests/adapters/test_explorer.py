"""The warm explorer in a real sandbox: what it tells of a module, and that no candidate spoils another."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtest.adapters.explorer import SandboxExplorer
from qtest.adapters.sandbox import ADAPTERS, adapter
from qtest.languages.python.mutate import mutate
from qtest.languages.python.toolchain import PythonToolchain
from qtest.ports import Sandbox
from qtest.records.baseline import Environment, Setting
from qtest.records.source import Project
from qtest.records.workbench import Candidate, ModuleLoad, Observation

pytestmark = pytest.mark.sandbox

TARGET = """
import json, os, pickle, random, sys, time

TABLE = {"a": 1}


def grade(points):
    if points > 90:
        return "A"
    if points < 0:
        raise ValueError("points below zero: %d" % points)
    return "B"


def grows():
    TABLE[len(TABLE)] = 1
    return len(TABLE)


PATTERNS, HANDLERS = [], []


def patterns():
    if not PATTERNS:
        PATTERNS.extend(["a", "b"])
    return len(PATTERNS)


def registers(): HANDLERS.append(1); return None


NAMES = {"x": "one"}


def _register(key, text):
    NAMES[key] = text


_register("y", "two")


def name_of(key): return NAMES.get(key)
def says(): print("hello"); return 1
def floods(): print("x" * 5_000_000)
def forever():
    while True:
        pass
def writes(): open("/tmp/elsewhere", "w")
def edits(): open(__file__, "a")
def forks(): return os.fork()
def dies(): os._exit(0)
def closes(): os.closerange(0, 1000)
def leaves(): sys.exit(3)
def asks(): return input()
def fills(): return len([bytearray(10_000_000) for _ in range(10_000)])
def deafens(): json.dumps = json.loads = None; return 5


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


def unpickles(): return pickle.loads(pickle.dumps(Evil()))


class Silent:
    def __init__(self): self._kept = []
    def add(self, item): self._kept.append(item); return self
    def all(self): return tuple(self._kept)


class Hard:
    def __getattribute__(self, name): raise RuntimeError("no")
    def __repr__(self): raise RuntimeError("no")
    def __del__(self): raise RuntimeError("noise")
"""


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    found: Sandbox = adapter(ADAPTERS[0])()
    if found.probe().missing:
        if os.environ.get("QTEST_REQUIRE_ALL") == "1":
            pytest.fail(f"{found.name} does not hold here")
        pytest.skip(f"{found.name} does not hold here")
    return found


def opened(sandbox: Sandbox, folder: Path, text: str) -> SandboxExplorer:
    (folder / "target.py").write_text(text, "utf-8")
    python = Path(sys.executable).resolve()
    environment = Environment(
        python=str(python),
        version=sys.version.split()[0],
        origin="ours",
        readable=(str(Path(sys.base_prefix).resolve()),),
    )
    project = Project(root="", language="python", name="target", layout="module", import_roots=("",))
    try:
        mutants = mutate(text, "target.py", "target")
    except SyntaxError:
        mutants = ()
    load = ModuleLoad(module="target", path="target.py", mutants=mutants)
    setting = Setting(folder=str(folder), project=project, environment=environment)
    return SandboxExplorer(sandbox, PythonToolchain(), setting, load)


@pytest.fixture(scope="module")
def explorer(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxExplorer]:
    found = opened(sandbox, tmp_path_factory.mktemp("target"), TARGET)
    yield found
    found.close()


MUTANTS = mutate(TARGET, "target.py", "target")


def explore(explorer: SandboxExplorer, *expressions: str) -> tuple[Observation, ...]:
    return explorer.explore(candidates(*expressions), [mutant.id for mutant in MUTANTS])


def candidates(*expressions: str) -> list[Candidate]:
    return [Candidate(id=number, imports=("import target",), expr=text) for number, text in enumerate(expressions)]


def test_the_module_is_loaded_and_its_mutants_are_swappable(explorer: SandboxExplorer) -> None:
    assert explorer.loaded.problem == ""
    assert {state.mutant for state in explorer.loaded.mutants} == {mutant.id for mutant in MUTANTS}
    assert "swappable" in {state.state for state in explorer.loaded.mutants}


def test_a_boundary_kills_the_mutant_of_its_comparison_and_the_middle_does_not(explorer: SandboxExplorer) -> None:
    (loosened,) = [mutant.id for mutant in MUTANTS if (mutant.original, mutant.replacement) == (">", ">=")]
    edge, middle = explore(explorer, "target.grade(90)", "target.grade(50)")
    assert loosened in edge.kills
    assert loosened in middle.reached
    assert loosened not in middle.kills


def test_a_no_op_control_is_never_killed(explorer: SandboxExplorer) -> None:
    controls = {mutant.id for mutant in MUTANTS if mutant.control == "no-op"}
    (seen,) = explore(explorer, "target.grade(95)")
    assert not controls & set(seen.kills)


def test_a_statement_that_is_not_reached_is_not_tried(explorer: SandboxExplorer) -> None:
    unreached = {mutant.id for mutant in MUTANTS if mutant.original == '"B"'}
    (seen,) = explore(explorer, "target.grade(95)")
    assert not unreached & set(seen.reached)


def test_an_explicit_raise_is_told_with_its_message_and_an_implicit_one_without(explorer: SandboxExplorer) -> None:
    explicit, implicit = explore(explorer, "target.grade(-1)", "target.grade(None)")
    assert (explicit.raised, explicit.explicit) == ("builtins:ValueError", True)
    assert "points below zero: -1" in explicit.seen
    assert (implicit.raised, implicit.explicit) == ("builtins:TypeError", False)
    assert "NoneType" not in implicit.seen


def test_what_is_compared_is_told_as_literals(explorer: SandboxExplorer) -> None:
    (seen,) = explore(explorer, "target.grade(17)")
    assert ("17", "90") in {(pair.left, pair.right) for pair in seen.compared}


def test_mutants_of_what_runs_at_import_are_told_by_the_calls_that_see_them(explorer: SandboxExplorer) -> None:
    asked = candidates('target.name_of("x")', 'target.name_of("y")', "target.grade(1)")
    found = {told.mutant: told.differs for told in explorer.imported(asked, {m.id: (0, 1, 2) for m in MUTANTS})}
    (table,) = [m.id for m in MUTANTS if (m.original, m.operator) == ('"one"', "constant")]
    (register,) = [m.id for m in MUTANTS if (m.original, m.replacement) == ("NAMES[key] = text", "pass")]
    (call,) = [m.id for m in MUTANTS if (m.original, m.replacement) == ('_register("y", "two")', "pass")]
    assert (found[table], found[register], found[call]) == ((0,), (1,), (1,))


def test_mutants_of_what_does_not_run_at_import_are_left_out_there(explorer: SandboxExplorer) -> None:
    found = explorer.imported(candidates("target.grade(90)"), {m.id: (0,) for m in MUTANTS})
    assert not [m for m in MUTANTS if m.symbol.endswith(":grade") and m.id in {told.mutant for told in found}]


def test_a_mutant_without_which_the_import_works_is_told_by_no_call(explorer: SandboxExplorer) -> None:
    broken = [m for m in MUTANTS if m.original == "NAMES" and m.replacement == "None"]
    found = explorer.imported(candidates('target.name_of("x")'), {m.id: (0,) for m in broken})
    assert not any(told.differs for told in found)


def test_mutants_of_what_runs_at_import_say_so_where_the_process_was_lost(explorer: SandboxExplorer) -> None:
    found = explorer.imported(candidates("target.dies()"), {m.id: (0,) for m in MUTANTS if m.original == '"one"'})
    assert found
    assert all(told.lost and not told.differs for told in found)


def test_an_object_of_which_nothing_can_be_seen_may_be_used(explorer: SandboxExplorer) -> None:
    silent = Candidate(
        id=0,
        imports=("import target",),
        setup=("one = target.Silent()", "one.add(3)"),
        expr="one.all()",
        watch=("one",),
    )
    (seen,) = explorer.explore([silent], [])
    assert (seen.status, '"value": 3' in seen.seen) == ("ok", True)


def test_a_result_that_is_the_object_itself_is_told_by_its_name(explorer: SandboxExplorer) -> None:
    silent = Candidate(
        id=0, imports=("import target",), setup=("one = target.Silent()",), expr="one.add(3)", watch=("one",)
    )
    (seen,) = explorer.explore([silent], [])
    assert (seen.status, '{"kind": "same", "name": "one"}' in seen.seen) == ("ok", True)


def test_printed_text_is_observed(explorer: SandboxExplorer) -> None:
    (seen,) = explore(explorer, "target.says()")
    assert '"out": "hello\\n"' in seen.seen


def test_a_module_table_is_put_back_after_each_run(explorer: SandboxExplorer) -> None:
    first, second = explore(explorer, "target.grows()", "target.grows()")
    assert first.status == second.status == "ok"
    assert first.key == second.key


def test_a_module_imported_by_the_call_itself_is_no_writing(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text("ANSWER = 42\n", "utf-8")
    found = opened(sandbox, tmp_path, "def answer():\n    import late\n    return late.ANSWER\n")
    try:
        (seen,) = found.explore(candidates("target.answer()"), ())
    finally:
        found.close()
    assert (seen.status, seen.detail, seen.seen) == ("ok", "", '{"result": {"kind": "int", "value": 42}}')


def test_a_list_filled_once_is_a_memo_and_one_that_grows_each_time_disturbs(explorer: SandboxExplorer) -> None:
    memo, register = explore(explorer, "target.patterns()", "target.registers()")
    assert memo.status == "ok"
    assert (register.status, register.detail) == (
        "unsupported",
        "it leaves values of the module changed, which other tests would see",
    )


HOSTILE = [
    ("target.forever()", {"timeout"}),
    ("target.writes()", {"denied"}),
    ("target.edits()", {"denied"}),
    ("target.forks()", {"denied"}),
    ("target.dies()", {"died"}),
    ("target.closes()", {"died"}),
    ("target.asks()", {"denied"}),
    ("target.unpickles()", {"denied"}),
    ("target.floods()", {"unsupported"}),
    ("target.fills()", {"slow", "timeout", "unsupported"}),
    ("target.leaves()", {"ok"}),
    ("target.deafens()", {"ok"}),
    ("target.Hard()", {"unsupported"}),
    ("1 +", {"syntax"}),
]


@pytest.mark.parametrize(("expression", "statuses"), HOSTILE, ids=[text for text, _ in HOSTILE])
def test_a_hostile_candidate_gets_one_answer_and_the_next_is_not_disturbed(
    explorer: SandboxExplorer, expression: str, statuses: set[str]
) -> None:
    hostile, next_one = explore(explorer, expression, "target.grade(90)")
    assert hostile.status in statuses
    assert hostile.status == "ok" or not hostile.kills
    assert next_one.status == "ok"
    assert next_one.kills


def test_what_hangs_on_the_clock_chance_or_hash_order_is_not_confirmed(explorer: SandboxExplorer) -> None:
    confirmed = explorer.confirm(
        candidates(
            "target.grade(90)",
            "target.time.time() // 86400",
            "target.random.random()",
            "list({*'abcdefgh'})",
            "{*'abcdefgh'}",
        )
    )
    assert [observation.status for observation in confirmed] == ["ok", "unstable", "unstable", "unstable", "ok"]
    assert confirmed[0].key == explore(explorer, "target.grade(90)")[0].key


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("import sys\nsys.exit(3)\n", "exit"),
        ("1 / 0\n", "error"),
        ("def f(:\n", "syntax"),
        ("import os\nos._exit(0)\n", "crash"),
    ],
)
def test_an_import_that_fails_is_said_in_one_line(sandbox: Sandbox, tmp_path: Path, text: str, kind: str) -> None:
    explorer = opened(sandbox, tmp_path, text)
    try:
        assert explorer.loaded.kind == kind
        assert explorer.loaded.problem
        assert "\n" not in explorer.loaded.problem
        assert explorer.explore(candidates("1"), ())[0].status == "died"
    finally:
        explorer.close()


def test_a_module_that_is_missing_is_named_with_what_to_do(sandbox: Sandbox, tmp_path: Path) -> None:
    explorer = opened(sandbox, tmp_path, "import absent_thing\n")
    try:
        assert explorer.loaded.problem.endswith(
            "absent_thing is not in the environment: declare it as a dependency, or make an environment that has it and give it with --python"
        )
    finally:
        explorer.close()

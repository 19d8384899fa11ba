"""Mutants compiled in a real sandboxed, by the target's Python: which of them are no programs of their own."""

import sys
from pathlib import Path

import pytest

from qtest.adapters.workbench import SandboxWorkbench
from qtest.languages.python.mutate import mutate
from qtest.languages.python.toolchain import PythonToolchain
from qtest.ports import Sandbox
from qtest.records.baseline import Environment, Setting
from qtest.records.source import Project
from qtest.records.workbench import MutantState

pytestmark = pytest.mark.sandbox

TEXT = """raise SystemExit("nobody runs this")


def f(a):
    for one in a:
        if one == 1:
            break


def g(a):
    return a + 1


class C:
    def f(self, a):
        return a + 1
"""
MUTANTS = [mutant for mutant in mutate(TEXT, "m.py", "m") if not mutant.control]
NOTHING = next(mutant for mutant in MUTANTS if (mutant.original, mutant.replacement) == ("a + 1", "None"))


@pytest.fixture(scope="module")
def states(sandboxed: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, MutantState]:
    folder = tmp_path_factory.mktemp("tree")
    (folder / "m.py").write_text(TEXT)
    setting = Setting(
        folder=str(folder),
        project=Project(root="", language="python", name="m", layout="module", import_roots=("",)),
        environment=Environment(
            python=str(Path(sys.executable).resolve()), version="", origin="ours", readable=(sys.base_prefix,)
        ),
    )
    with SandboxWorkbench(sandboxed, PythonToolchain()) as workbench:
        broken = MUTANTS[0].model_copy(update={"id": "broken", "replacement": "("})
        twin = NOTHING.model_copy(update={"id": "twin", "replacement": "(None)"})
        return {state.mutant: state for state in workbench.compare(setting, [*MUTANTS, broken, twin])}


def dropped(states: dict[str, MutantState], original: str, replacement: str) -> list[MutantState | None]:
    found = [m for m in MUTANTS if (m.original, m.replacement) == (original, replacement)]
    assert found
    return [states.get(mutant.id) for mutant in found]


def test_what_compiles_to_the_original_is_dropped(states: dict[str, MutantState]) -> None:
    (state,) = dropped(states, "break", "return")
    assert state is not None
    assert (state.state, state.note) == ("same code", "")


def test_the_second_of_two_with_the_same_code_is_dropped_and_names_the_first(states: dict[str, MutantState]) -> None:
    assert (states["twin"].state, states["twin"].note) == ("same code", f"as {NOTHING.id}")


def test_the_same_edit_of_another_function_is_another_program(states: dict[str, MutantState]) -> None:
    assert dropped(states, "a + 1", "None") == [None, None]


def test_what_does_not_compile_is_told_apart(states: dict[str, MutantState]) -> None:
    assert states["broken"].state == "invalid"


def test_what_is_a_program_of_its_own_is_not_mentioned(states: dict[str, MutantState]) -> None:
    assert len(states) == 3

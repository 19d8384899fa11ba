"""Mutants that are no programs of their own are left out before anything is planned."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.adapters.store import FolderStore
from qtest.errors import WorkerLost
from qtest.fakes import FakeSandbox, FakeWorkbench
from qtest.languages.python.mutate import mutate
from qtest.mutation.distinct import Distinct, distinct
from qtest.records.baseline import Environment, Setting
from qtest.records.mutant import Mutant
from qtest.records.sandbox import Completed
from qtest.records.source import Project
from qtest.records.workbench import MutantState

MUTANTS = mutate("def f(a):\n    return a + 1\n", "m.py", "m")
REAL = [mutant for mutant in MUTANTS if not mutant.control]
SETTING = Setting(
    folder="/tree",
    project=Project(root="", language="python", name="m", layout="module", import_roots=("",)),
    environment=Environment(python="py", version="3.11", origin="", readable=()),
)


class LostWorkbench(FakeWorkbench):
    def compare(self, setting: Setting, mutants: object) -> tuple[MutantState, ...]:
        raise WorkerLost("gone")


def sifted(workbench: FakeWorkbench, tmp_path: Path, mutants: tuple[Mutant, ...] = MUTANTS) -> Distinct:
    tools = LocalTools(FakeSandbox(lambda _: Completed(code=0)), workbench, FolderStore(tmp_path))
    return distinct(mutants, SETTING, InlineExecutor((tools,)))


def test_what_has_the_code_of_another_is_left_out_and_told(tmp_path: Path) -> None:
    twin = MutantState(mutant=REAL[1].id, state="same code", note=f"as {REAL[0].id}")
    found = sifted(FakeWorkbench(dropped=(twin,)), tmp_path)
    assert found.dropped == (REAL[1].id,)
    assert found.mutants == tuple(mutant for mutant in MUTANTS if mutant is not REAL[1])


def test_what_was_found_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Distinct(MUTANTS).mutants = ()  # type: ignore[misc]


def test_they_are_compared_in_the_setting_that_they_are_judged_in(tmp_path: Path) -> None:
    workbench = FakeWorkbench()
    sifted(workbench, tmp_path)
    assert workbench.settings == [SETTING]


def test_a_control_is_kept_though_it_has_the_code_of_the_original(tmp_path: Path) -> None:
    no_op = next(mutant for mutant in MUTANTS if mutant.control == "no-op")
    same = MutantState(mutant=no_op.id, state="same code")
    assert sifted(FakeWorkbench(dropped=(same,)), tmp_path) == Distinct(MUTANTS)


def test_all_are_kept_when_they_cannot_be_compared(tmp_path: Path) -> None:
    assert sifted(LostWorkbench(), tmp_path) == Distinct(MUTANTS)


def test_controls_alone_are_compared_with_nothing(tmp_path: Path) -> None:
    controls = tuple(mutant for mutant in MUTANTS if mutant.control)
    workbench = FakeWorkbench()
    assert sifted(workbench, tmp_path, controls) == Distinct(controls)
    assert workbench.settings == []

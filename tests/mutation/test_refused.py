"""Which mutants the type checker refuses, and what is said where it cannot be asked."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.fakes import FakeSandbox, FakeWorkbench, MemoryStore
from qtest.languages.python.mutate import mutate
from qtest.mutation.refused import Module, TypeCheck, TypeChecked, checked, refusals
from qtest.ports import Item, Result, Tools
from qtest.records.baseline import Environment, Setting
from qtest.records.outcome import Failure
from qtest.records.sandbox import Completed
from qtest.records.source import Project

TEXT = "def f(x):\n    return x + 1\n"
PROJECT = Project(root="", language="python", name="m", layout="module", import_roots=("",), packages=("m",))
SETTING = Setting(
    folder="/tree", project=PROJECT, environment=Environment(python="py", version="3.11.4", origin="", readable=())
)


def module(name: str = "m") -> Module:
    return Module(f"{name}.py", TEXT, mutate(TEXT, f"{name}.py", name))


def real(one: Module) -> list[str]:
    return [mutant.id for mutant in one.mutants if not mutant.control]


def asked(done: Completed, one: Module | None = None) -> tuple[TypeChecked, FakeSandbox]:
    """What is made of a type checker that ends so, and the sandbox that it was in."""
    sandbox = FakeSandbox(lambda _: done)
    tools = LocalTools(sandbox, FakeWorkbench(), MemoryStore())
    (found,) = refusals([one or module()], SETTING, InlineExecutor((tools,)))
    return found, sandbox


@dataclass(frozen=True)
class Losing:
    """An executor that answers for those files alone that `done` names, or fails with a reason."""

    done: Sequence[str] = ()
    failing: Sequence[str] = ()

    def map(self, work: Callable[[Tools, Item], Result], items: Iterable[Item]) -> Iterator[Result | Failure]:
        tools = LocalTools(
            FakeSandbox(lambda _: Completed(code=0, stdout='{"refused": {}}')), FakeWorkbench(), MemoryStore()
        )
        for item in items:
            assert isinstance(item, TypeCheck)
            if item.path in self.failing:
                yield Failure(target="", reason="no room")
            if item.path in self.done:
                yield work(tools, item)


# --- what is asked ------------------------------------------------------------------------------------------------------


def test_the_type_checker_is_asked_about_the_file_as_it_lies_in_the_tree() -> None:
    _, sandbox = asked(Completed(code=0))
    (command,) = sandbox.asked
    assert "/tree/m.py" in command
    assert "--python-version=3.11" in command


def test_it_reads_the_text_and_every_edit_but_those_of_controls() -> None:
    one = module()
    _, sandbox = asked(Completed(code=0), one)
    (given,) = sandbox.sessions[0].given
    mutants = [mutant for mutant in one.mutants if not mutant.control]
    assert json.loads(given) == {
        "text": TEXT,
        "edits": [[mutant.id, mutant.start, mutant.end, mutant.replacement] for mutant in mutants],
    }


def test_it_runs_confined_to_the_tree_and_to_what_a_checker_reads_and_not_for_ever() -> None:
    _, sandbox = asked(Completed(code=0))
    (spec,), (session,) = sandbox.specs, sandbox.sessions
    assert "/tree" in spec.overlaid
    assert set(LocalTools(sandbox, FakeWorkbench(), MemoryStore()).toolchain.own_paths) <= set(spec.readable)
    assert session.bounds_s == [300.0]
    assert session.closed


def test_a_module_without_a_mutant_is_not_asked_about() -> None:
    controls = Module("m.py", TEXT, [mutant for mutant in module().mutants if mutant.control])
    assert list(refusals([controls], SETTING, Losing())) == []


# --- what is made of its answer -----------------------------------------------------------------------------------------


def test_what_it_says_last_is_its_answer() -> None:
    name = real(module())[0]
    found, _ = asked(Completed(code=0, stdout=f'loading\nready\n{{"refused": {{"{name}": "no such type"}}}}\n'))
    assert found == TypeChecked(path="m.py", refused={name: "no such type"}, problem="")


@pytest.mark.parametrize(
    ("done", "why"),
    [
        (Completed(code=1, stderr="Traceback:\n  in f\nKeyError: 3\n \n"), "KeyError: 3"),
        (Completed(code=0, stdout="done", stderr="a word"), "a word"),
        (Completed(limit="wall", code=1), "it ended with wall"),
        (Completed(signal=11), "it ended with 11"),
        (Completed(code=2), "it ended with 2"),
        (Completed(code=0, stdout='{"refused": 3}', stderr="a word"), "a word"),
        (Completed(code=1, stderr="x" * 300), "x" * 200),
    ],
    ids=["an error", "no answer", "a limit", "a signal", "an exit", "another answer", "a long word"],
)
def test_where_it_gives_no_answer_none_is_refused_and_it_is_said_why(done: Completed, why: str) -> None:
    found, _ = asked(done)
    assert found == TypeChecked(path="m.py", refused={}, problem=f"the type checker failed: {why}")


# --- what is told of each module ----------------------------------------------------------------------------------------


def test_a_module_that_was_answered_for_is_told_once() -> None:
    found = list(refusals([module("a"), module("b")], SETTING, Losing(done=("a.py", "b.py"))))
    assert found == [TypeChecked(path="a.py"), TypeChecked(path="b.py")]


def test_modules_that_nobody_answers_for_are_told_as_lost_and_the_others_stand() -> None:
    found = list(refusals([module("c"), module("b"), module("a")], SETTING, Losing(done=("b.py",))))
    lost = "the worker was lost"
    assert found == [
        TypeChecked(path="b.py"),
        TypeChecked(path="a.py", problem=lost),
        TypeChecked(path="c.py", problem=lost),
    ]


def test_a_module_whose_worker_fails_is_told_with_its_reason() -> None:
    found = list(refusals([module("a"), module("b")], SETTING, Losing(done=("b.py",), failing=("a.py",))))
    assert found == [TypeChecked(path="b.py"), TypeChecked(path="a.py", problem="no room")]


def test_nothing_is_refused_and_nothing_wrong_where_nothing_is_said() -> None:
    told = TypeChecked(path="m.py")
    assert (told.refused, told.problem) == ({}, "")


def test_work_that_an_executor_is_given_answers_for_its_module() -> None:
    tools = LocalTools(
        FakeSandbox(lambda _: Completed(code=0, stdout='{"refused": {}}')), FakeWorkbench(), MemoryStore()
    )
    check = TypeCheck(setting=SETTING, path="m.py", text=TEXT, mutants=module().mutants)
    assert checked(tools, check) == TypeChecked(path="m.py")

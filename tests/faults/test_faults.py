"""The judge against seeded faults: what it says of each, and that it says something else once the guard behind it is gone."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from benchmarks.faults import unguarded
from benchmarks.faults.scenario import Scenario, trees
from benchmarks.faults.scenarios import SCENARIOS
from benchmarks.faults.seen import of_tree
from benchmarks.faults.table import false
from qtest.ports import Sandbox

pytestmark = pytest.mark.sandbox

GUARDED = tuple(scenario for scenario in SCENARIOS if not scenario.forgeable)
QUICK = (
    "exits_otherwise",
    "dumps_are_ours",
    "fills_the_memory",
)  # of the rules, the recorder, the plan


def each(scenarios: Iterable[Scenario], soak: Callable[[Scenario], bool]) -> list[Any]:
    marks = {True: [pytest.mark.soak], False: []}
    return [pytest.param(one, id=one.name, marks=marks[soak(one)]) for one in scenarios]


@pytest.fixture(scope="module")
def sandbox(sandboxed: Sandbox) -> Sandbox:
    return sandboxed


@pytest.fixture(scope="module")
def said(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Scenario], str]]:
    """What is said of a scenario; those of one ground are judged together, one after another on the same warm judge."""
    found: dict[str, str] = {}
    folder = tmp_path_factory.mktemp("faults")

    def ask(scenario: Scenario) -> str:
        if scenario.name not in found:
            (tree,) = (tree for tree in trees(SCENARIOS) if scenario in tree.scenarios)
            found.update(of_tree(tree, sandbox, folder))
        return found[scenario.name]

    yield ask


@pytest.mark.parametrize("scenario", each(SCENARIOS, lambda one: one.ground.slow))
def test_a_seeded_fault_is_told_for_what_it_is(scenario: Scenario, said: Callable[[Scenario], str]) -> None:
    assert said(scenario).startswith(scenario.verdict)


def test_none_of_them_is_a_false_kill_or_a_false_survivor(said: Callable[[Scenario], str]) -> None:
    quick = [scenario for scenario in GUARDED if not scenario.ground.slow]
    assert [one.name for one in quick if false(one.verdict, said(one))] == []


@pytest.mark.parametrize("scenario", each(GUARDED, lambda one: one.name not in QUICK))
def test_without_its_guard_something_else_is_said(scenario: Scenario) -> None:
    without = unguarded.said_without(scenario.guard, [scenario])[scenario.name]
    assert not without.startswith(scenario.verdict)


def test_a_copy_with_nothing_removed_says_the_same() -> None:
    chosen = [scenario for scenario in SCENARIOS if scenario.name == QUICK[0]]
    assert unguarded.said_without(None, chosen)[QUICK[0]].startswith(chosen[0].verdict)


def test_each_guard_stands_in_the_code_exactly_once() -> None:
    texts = {guard: (unguarded.ROOT / guard.file).read_text() for one in GUARDED if (guard := one.guard)}
    assert {guard: text.count(guard.text) for guard, text in texts.items() if text.count(guard.text) != 1} == {}


def test_there_are_at_least_forty_under_names_of_their_own() -> None:
    assert len(GUARDED) >= 40
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)

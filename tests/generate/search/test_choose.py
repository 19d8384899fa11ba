"""Chosen tests are made plainer, and kill no less together."""

import random
from typing import Any

from qtest.generate.search.archive import Archive, Entry
from qtest.generate.search.choose import Choice
from qtest.generate.search.hearing import Hearing
from qtest.generate.search.minimise import Proven
from qtest.generate.search.pools import Pools
from qtest.generate.search.spending import Spending
from qtest.generate.search.trial import Trial
from qtest.generate.search.tries import Tries
from qtest.records.case import Argument, Call, Int, List
from qtest.records.plan import Budget

MARKS = """
def marks(items: list[int]) -> str:
    told = ""
    if 1 in items:
        told += "one"
    if 2 in items:
        told += "two"
    if 3 in items:
        told += "three"
    return told
"""
MUTANTS = {"first": ('"one"', '"1"'), "second": ('"two"', '"2"'), "third": ('"three"', '"3"')}


def fewest(bench: Any, *given: tuple[int, ...]) -> list[Proven]:
    """After a search that had tried these."""
    made = bench(MARKS, MUTANTS)
    spending = Spending(Budget(evaluations=10_000), lambda: 0.0)
    archive, tries = Archive(list(MUTANTS), random.Random(0)), Tries(made, "m", spending)
    hearing = Hearing(made.code, Pools(made.brief(), random.Random(0)), ("m:marks",), tries, {})
    trials = [Trial("m:marks", Call("m:marks", (Argument(List(tuple(map(Int, items)))),))) for items in given]
    archive.corpus += [Entry(*found) for found in made.tried(trials, list(MUTANTS))]
    choice = Choice(archive, tries, hearing, spending, (), 8)
    return choice.fewest(choice.matrix(list(MUTANTS)))


def test_what_two_tests_kill_is_not_given_up_by_both(bench: Any) -> None:
    found = fewest(bench, (1, 2, 9), (2, 3, 9))
    assert {mutant for item in found for mutant in item.kills} == set(MUTANTS)
    assert sorted(len(item.trial.input.arguments[0].value.items) for item in found) == [1, 2]  # type: ignore[union-attr]

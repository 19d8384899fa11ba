"""Names of mutants that stay while their statement does."""

import pytest

from qtest.languages.python.mutate import mutate
from qtest.mutation.diff import split_lines
from qtest.mutation.identity import stable_ids
from qtest.records.mutant import Mutant

TEXT = '''\
"""Money."""

RATE = 3


def rounded(amount, step):
    if step <= 0:
        raise ValueError("step")
    total = (
        amount
        + step
    )
    return total


def other(amount):
    amount = amount + 1
    amount = amount + 1
    return amount
'''


def named(text: str) -> dict[str, Mutant]:
    mutants = mutate(text, "m.py", "m")
    names = stable_ids(mutants, text)
    return {names[mutant.id]: mutant for mutant in mutants}


def in_symbol(text: str, symbol: str) -> set[str]:
    return {name for name, mutant in named(text).items() if mutant.symbol == symbol}


def at(text: str, source: str) -> set[str]:
    """Of the mutants, without controls, whose first line is this one."""
    lines = split_lines(text)[0]
    found = {name: mutant for name, mutant in named(text).items() if not mutant.control}
    return {name for name, mutant in found.items() if lines[mutant.line - 1].strip() == source}


def test_no_two_mutants_of_a_text_have_one_name() -> None:
    assert len(named(TEXT)) == len(mutate(TEXT, "m.py", "m"))


@pytest.mark.parametrize(
    "changed",
    [
        TEXT.replace("RATE = 3\n", "RATE = 3\nOTHER = 4\n\n\ndef first(a):\n    amount = amount + 1\n    return a\n"),
        TEXT.replace("RATE = 3\n", ""),
        TEXT + "\n\ndef last(amount):\n    return amount - 1\n",
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r"),
        TEXT.rstrip("\n"),
    ],
    ids=[
        "more before",
        "less before",
        "more behind",
        "line ends of Windows",
        "old line ends of Macs",
        "no last line end",
    ],
)
def test_a_name_stays_when_other_parts_of_the_file_change(changed: str) -> None:
    for symbol in ("m:rounded", "m:other"):
        assert in_symbol(changed, symbol) == in_symbol(TEXT, symbol)


def test_a_name_stays_when_its_statement_moves_into_a_block() -> None:
    moved = TEXT.replace(
        "    total = (\n        amount\n        + step\n    )\n",
        "    if amount:\n        total = (\n            amount\n            + step\n        )\n",
    )
    assert at(moved, "total = (") == at(TEXT, "total = (") != set()


def test_a_name_goes_when_its_statement_changes() -> None:
    changed = TEXT.replace("if step <= 0:", "if step <= 0 or amount < 0:")
    assert not at(changed, "if step <= 0 or amount < 0:") & at(TEXT, "if step <= 0:")
    assert at(changed, 'raise ValueError("step")') == at(TEXT, 'raise ValueError("step")') != set()


def test_equal_statements_of_a_function_are_told_apart_by_their_order() -> None:
    twice = at(TEXT, "amount = amount + 1")
    once = at(TEXT.replace("    amount = amount + 1\n", "", 1), "amount = amount + 1")
    assert len(twice) == 2 * len(once) > 0
    assert once < twice


def test_a_name_is_the_same_in_every_version_of_qtest() -> None:
    """Reviewed files hold it."""
    text = TEXT.replace("    return amount\n", "    amount = amount + 1\n    return amount\n")
    assert {name: mutant.line for name, mutant in named(text).items() if mutant.replacement == "-"} == {
        "bb4bb975999e": 9, "6be5cb811d65": 17, "b35c3538ad23": 18, "5dcf5614f191": 19,
    }  # fmt: skip


def test_another_path_is_another_name() -> None:
    mutants = mutate(TEXT, "m.py", "m")
    elsewhere = mutate(TEXT, "n.py", "m")
    assert not set(stable_ids(mutants, TEXT).values()) & set(stable_ids(elsewhere, TEXT).values())

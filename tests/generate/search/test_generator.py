"""What a search proposes, and what it does not: a reviewer would send it back."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from qtest.records.case import CallCase, Raises
from qtest.records.outcome import Rejection, SuspectedBug

Searched = Callable[[str, Mapping[str, tuple[str, str]], Mapping[str, str]], list[Any]]

HALVES = """
def _half(number):
    return number // 2

def both(number: int):
    left = _half(number)
    return [left, number - left]
"""
HALF = {"third": ("number // 2", "number // 3")}


def targets(found: list[Any]) -> set[str]:
    return {item.target for item in found if isinstance(item, CallCase)}


def reasons(found: list[Any]) -> dict[str, str]:
    return {item.target: item.reason for item in found if isinstance(item, Rejection)}


def test_a_private_function_is_tested_through_the_public_one_that_reaches_it(searched: Searched) -> None:
    found = searched(HALVES, HALF, {"third": "_half"})
    assert targets(found) == {"m:both"}
    assert reasons(found)["m:_half"] == "private, tested through the public functions that reach it"


def test_a_private_function_that_nothing_public_reaches_is_tested_itself(searched: Searched) -> None:
    found = searched(
        HALVES.replace("_half(number)\n    return [", "number - 1\n    return ["), HALF, {"third": "_half"}
    )
    assert targets(found) == {"m:_half"}


def test_a_private_class_is_tested_through_what_makes_it(searched: Searched) -> None:
    source = """
class _Box:
    def __init__(self, size):
        self.size = size * 2

def box(size: int):
    return _Box(size).size
"""
    found = searched(source, {"three": ("size * 2", "size * 3")}, {"three": "_Box.__init__"})
    assert targets(found) == {"m:box"}


READS = """
def read(text: str):
    \"\"\"The number in it.\"\"\"
    return int(text.strip())
"""


def errors(found: list[Any]) -> list[Raises]:
    return [e for item in found if isinstance(item, CallCase) for e in item.expect if isinstance(e, Raises)]


def test_an_error_that_comes_from_a_builtin_is_no_test(searched: Searched) -> None:
    crash = {"says nothing": ("int(text.strip())", "0")}
    found = searched(READS.replace("text: str", "text: bytes"), crash, {"says nothing": "read"})
    assert errors(found) == []


def test_an_error_that_the_documentation_promises_is_one(searched: Searched) -> None:
    source = READS.replace("The number in it.", "Raises ValueError when there is no number in it.")
    swallowed = {"swallows": ("int(text.strip())", "int(text.strip() if text.strip().isdigit() else 0)")}
    found = searched(source, swallowed, {"swallows": "read"})
    assert [error.symbol for error in errors(found)] == ["builtins:ValueError"]
    silent = searched(READS, swallowed, {"swallows": "read"})
    assert errors(silent) == []


@pytest.mark.parametrize(("name", "suspected"), [("crop", ["m:crop"]), ("_crop", [])])
def test_only_what_a_public_call_meets_is_a_suspected_bug(searched: Searched, name: str, suspected: list[str]) -> None:
    source = f"def {name}(items: list[int]):\n    item = items[0]\n    return item + 1\n"
    found = searched(source, {"two": ("item + 1", "item + 2")}, {"two": name})
    assert [item.target for item in found if isinstance(item, SuspectedBug)] == suspected


DOUBTED = """
def longest(left, right):
    width = max(len(left), len(right))
    return left.rjust(width) + right.rjust(width) + str(width)
"""


def test_what_parameters_seem_to_take_is_doubted_when_every_call_fails(searched: Searched) -> None:
    longer = {"longer": ("str(width)", "str(width + 1)")}
    assert targets(searched(DOUBTED.replace("left.rjust", "getattr(left, 'rjust')"), longer, {"longer": "longest"}))


def test_a_type_that_is_asked_for_is_also_refused(searched: Searched) -> None:
    source = """
def shout(word: str):
    if not isinstance(word, str):
        raise ValueError("a word must be text")
    return word.upper()
"""
    found = searched(source, {"says": ("a word must be text", "no")}, {"says": "shout"})
    assert [error.message for error in errors(found)] == ["a word must be text"]


def test_what_one_function_gives_another_is_given(searched: Searched) -> None:
    source = """
def sealed(word: str):
    return f"{word}#{len(word) * 7919}"

def opened(letter: str):
    word, _, seal = letter.partition("#")
    if seal and int(seal) == len(word) * 7919:
        return word.upper()
    return ""
"""
    seals = {"seals": ('{len(word) * 7919}"', '{len(word) * 7907}"'), "opens": ("word.upper()", "word.lower()")}
    assert targets(searched(source, seals, {"seals": "sealed", "opens": "opened"})) == {"m:sealed", "m:opened"}

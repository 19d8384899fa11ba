"""Mutants of what runs while the module is imported, and the calls that show them."""

from collections.abc import Callable
from typing import Any

import pytest

from qtest.records.case import Call, CallCase, Text
from qtest.records.outcome import Rejection

Searched = Callable[..., list[Any]]

TABLE = """
WORDS = {"gnu": "gnus", "wildebeest": "wildebeester"}

def plural(word: str):
    return WORDS.get(word, word + "s")
"""
PATTERN = """
import re

RULES = [(re.compile(r"^(antenn)a$"), "e"), (re.compile(r"^(zeb)ra$"), "i")]

def plural(word: str):
    for rule, ending in RULES:
        found = rule.match(word)
        if found:
            return found.group(1) + ending
    return word
"""
REGISTER = """
WORDS = {}

def _register(one, many):
    WORDS[one] = many

_register("kudu", "kudux")

def plural(word: str):
    return WORDS.get(word, word + "s")
"""

USED = """
WORDS = {"gnu": "gnus", "wildebeest": "wildebeester"}

def as_key(word: str):
    return plural(word).replace(" ", "_")

def plural(word: str):
    return WORDS.get(word, word + "s")
"""
CASED = """
WORDS = {}

def _register(one, many):
    WORDS[one] = many
    WORDS[one[0].upper() + one[1:]] = many[0].upper() + many[1:]

_register("kudu", "kudux")

def plural(word: str):
    return WORDS.get(word, word + "s")
"""


def given(found: list[Any]) -> set[str]:
    """The words that tests call with."""
    calls = [item.input for item in found if isinstance(item, CallCase) and isinstance(item.input, Call)]
    return {part.value.value for call in calls for part in call.arguments if isinstance(part.value, Text)}


@pytest.mark.parametrize(
    ("source", "edit", "word"),
    [
        (TABLE, ('"wildebeester"', '"XXwildebeesterXX"'), "wildebeest"),
        (PATTERN, ('"i"', '"XXiXX"'), "zebra"),
        (REGISTER, ('"kudux"', '"XXkuduxXX"'), "kudu"),
    ],
)
def test_what_stands_beside_a_mutant_is_tried(
    searched: Searched, source: str, edit: tuple[str, str], word: str
) -> None:
    assert word in given(searched(source, {"table": edit}, {}, {"table": edit[0]}))


def test_what_the_module_hands_to_a_function_is_tried_for_mutants_in_it(searched: Searched) -> None:
    edit = {"register": ("WORDS[one] = many", "WORDS[one] = one")}
    assert "kudu" in given(searched(REGISTER, edit, {"register": "_register"}, {"register": "WORDS[one] = many"}))


def test_one_call_is_enough_for_the_same_row(searched: Searched) -> None:
    edits = {"key": ('"wildebeest"', '"XXwildebeestXX"'), "value": ('"wildebeester"', '"XXwildebeesterXX"')}
    found = searched(TABLE, edits, {}, {name: text for name, (text, _) in edits.items()})
    assert given(found) == {"wildebeest"}


def test_it_is_told_how_many_of_them_were_lost_and_why(searched: Searched) -> None:
    edit = ('"wildebeester"', '"XXwildebeesterXX"')
    found = searched(TABLE, {"table": edit}, {}, {"table": edit[0]}, lost="the worker died")
    told = [item for item in found if isinstance(item, Rejection) and "the worker died" in item.reason]
    assert [(item.target, item.count) for item in told] == [("m", 1)]


def test_the_function_itself_is_asked_before_one_that_goes_through_it(searched: Searched) -> None:
    edit = ('"wildebeester"', '"XXwildebeesterXX"')
    found = searched(USED, {"table": edit}, {}, {"table": edit[0]})
    assert {item.target for item in found if isinstance(item, CallCase)} == {"m:plural"}


def test_a_word_is_also_tried_as_it_begins_a_sentence(searched: Searched) -> None:
    edit = ("many[0].upper()", "many[0]")
    found = searched(CASED, {"register": edit}, {"register": "_register"}, {"register": edit[0]})
    assert "Kudu" in given(found)


NAMED_TWICE = """
class Pile:
    def __init__(self):
        self.things = []

    def add(self, thing: int):
        self.things.append(thing)
        return len(self.things)

    append = add

def double(number: int):
    return number * 2

twice = double

_shared = Pile()
put = _shared.add
"""


@pytest.mark.parametrize(
    ("text", "symbol", "target"),
    [
        ("append = add", "m:Pile.append", "m:Pile.add"),
        ("twice = double", "m:twice", "m:double"),
        ("put = _shared.add", "m:put", "m:Pile.add"),
    ],
)
def test_another_name_of_a_function_is_called(searched: Searched, text: str, symbol: str, target: str) -> None:
    edit = (text, f"{text.partition(' ')[0]} = None")
    found = searched(NAMED_TWICE, {"unbound": edit}, {}, {"unbound": text})
    (case,) = [item for item in found if isinstance(item, CallCase)]
    assert isinstance(case.input, Call)
    assert (case.input.symbol, case.target) == (symbol, target)
    assert case.description == f"under the name {symbol.rpartition(':')[2].rpartition('.')[2]}"

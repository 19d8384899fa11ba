"""Functions that undo each other: which are believed, and what they are called."""

import random
from typing import Any

import pytest

from qtest.generate.search.archive import Archive, Entry
from qtest.generate.search.hearing import Hearing
from qtest.generate.search.minimise import Proven
from qtest.generate.search.pools import Pools
from qtest.generate.search.relations import Relations, pairs
from qtest.generate.search.spending import Spending
from qtest.generate.search.trial import Trial
from qtest.generate.search.tries import Tries
from qtest.languages.python.render import render
from qtest.languages.python.words import titles
from qtest.records.case import Argument, Call, CallCase, Equals, Int, List, Text
from qtest.records.file import TestStyle
from qtest.records.plan import Budget

ESCAPED = """
def escape(text: str) -> str:
    return text.replace("%", "%25").replace("&", "%26")

def unescape(text: str) -> str:
    return text.replace("%26", "&").replace("%25", "%")
"""


def trip(given: str, expected: str) -> CallCase:
    there = Call("m:escape", (Argument(Text(given)),))
    back = Call("m:unescape", (Argument(there),))
    return CallCase(id=given, target="m:unescape", input=back, expect=(Equals(Text(expected)),))


@pytest.mark.parametrize(
    ("there", "back"),
    [
        ("dumps", "loads"),
        ("escape", "unescape"),
        ("to_hex", "from_hex"),
        ("toRoman", "fromRoman"),
        ("encode_line", "decode_line"),
    ],
)
def test_names_say_what_undoes_what(there: str, back: str) -> None:
    assert list(pairs([f"m:{back}", f"m:{there}"])) == [(f"m:{there}", f"m:{back}")]


def test_functions_of_two_modules_are_no_pair() -> None:
    assert list(pairs(["m:escape", "other:unescape"])) == []


def test_a_round_trip_is_named_as_one() -> None:
    assert next(titles([trip("a", "a"), trip("b", "b")])) == "test_unescape_undoes_escape"


def test_what_comes_back_otherwise_is_no_round_trip() -> None:
    assert "undoes" not in next(titles([trip("a", "a"), trip("b", "B")]))


def test_a_round_trip_says_its_input_once() -> None:
    text = render([trip("a", "a"), trip("b", "b")], "m", "test_m.py", TestStyle()).text
    assert "def test_unescape_undoes_escape(text):\n    assert unescape(escape(text)) == text\n" in text


def test_what_a_call_could_change_is_said_anew() -> None:
    items = List((Int(1),))
    back = Call("m:back", (Argument(Call("m:there", (Argument(items),))),))
    text = render([CallCase(id="1", target="m:back", input=back, expect=(Equals(items),))], "m", "", TestStyle()).text
    assert "assert back(there([1])) == [1]" in text


WORDS = ("a&b", "100%", "sheep", "goat & cow", "hay", "")


def believed(bench: Any, source: str, mutants: dict[str, tuple[str, str]], words: tuple[str, ...]) -> list[Proven]:
    """After a search that had tried the words."""
    made = bench(source, mutants)
    spending = Spending(Budget(evaluations=10_000), lambda: 0.0)
    archive, tries = Archive(list(mutants), random.Random(0)), Tries(made, "m", spending)
    hearing = Hearing(made.code, Pools(made.brief(), random.Random(0)), ("m:escape", "m:unescape"), tries, {})
    trials = [Trial("m:escape", Call("m:escape", (Argument(Text(word)),))) for word in words]
    archive.corpus += [Entry(*found) for found in made.tried(trials, [])]
    return Relations(made.code, archive, tries, hearing, spending).found(list(mutants))


KEPT = {"left alone": ('.replace("&", "%26")', '.replace("&", "%25")')}


def test_a_round_trip_is_found_with_what_it_kills(bench: Any) -> None:
    found = believed(bench, ESCAPED, KEPT, WORDS)
    assert {item.trial.target for item in found} == {"m:unescape"}
    assert all(item.kills == {"left alone"} for item in found)
    assert trip("a&b", "a&b").expect in {item.said.expect for item in found}


def test_a_relation_that_fails_for_one_input_is_not_believed(bench: Any) -> None:
    lossy = ESCAPED.replace('    return text.replace("%26"', '    return text.lower().replace("%26"')
    assert believed(bench, lossy, KEPT, WORDS)
    assert not believed(bench, lossy, KEPT, (*WORDS, "Loud & Clear"))


def test_few_inputs_prove_nothing(bench: Any) -> None:
    assert not believed(bench, ESCAPED, KEPT, ("&",))

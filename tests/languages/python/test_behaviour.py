"""A test's name says what is shown, never the values it is shown with."""

import re
from collections.abc import Sequence

import pytest

from qtest.languages.python.behaviour import message_words, sorts_alike, tails, trimmed
from qtest.languages.python.words import LONGEST_ID, ids, titles
from qtest.records.case import (
    Argument,
    Bool,
    Bytes,
    Call,
    CallCase,
    Construct,
    Date,
    DateTime,
    Duration,
    Equals,
    Expectation,
    Expression,
    Float,
    Int,
    Is,
    List,
    Null,
    Raises,
    Ref,
    Step,
    SymbolRef,
    Text,
)

SEEN = (Equals(Int(7)),)


def case(*values: Expression, expect: Sequence[Expectation] = SEEN, **named: Expression) -> CallCase:
    arguments = (*map(Argument, values), *(Argument(value, name) for name, value in named.items()))
    return CallCase(
        id=repr(arguments),
        target="m:f",
        input=Call("m:f", arguments),
        expect=tuple(expect),
        parameters=("size", "label"),
    )


def best(*cases: CallCase) -> str:
    return next(tails(cases))


@pytest.mark.parametrize(
    ("value", "tail"),
    [
        (Int(-35), "for_negative_size"),
        (Int(0), "for_zero_size"),
        (Int(10**12), "for_huge_size"),
        (Int(35), ""),
        (Float("-1.5"), "for_negative_size"),
        (Float("nan"), "for_nan_size"),
        (Text(""), "for_empty_size"),
        (Text("  "), "for_blank_size"),
        (Text(" a "), "for_padded_size"),
        (Text("caf\u00e9"), "for_non_ascii_size"),
        (Text("ABC"), "for_uppercase_size"),
        (Text("12"), "for_numeric_size"),
        (Text("a"), "for_single_character"),
        (Text("2014-08-18T14:55:22.123456Z"), ""),
        (Bytes(""), "for_empty_size"),
        (List(()), "for_empty_size"),
        (List((Int(1),)), "for_single_item_size"),
        (Null(), "without_size"),
        (Bool(True), "with_size"),
        (Duration(-5), "for_negative_size"),
        (DateTime("2024-06-15T08:30:00.000000+02:00"), "for_aware_size"),
        (SymbolRef("m:D_WEEK"), "with_d_week"),
        (Construct("m:HttpClient"), "for_default_http_client"),
    ],
)
def test_an_argument_is_named_by_its_kind(value: Expression, tail: str) -> None:
    assert best(case(value)) == tail


@pytest.mark.parametrize(
    ("expectation", "tail"),
    [
        (Is(Null()), "is_none"),
        (Is(Bool(False)), "is_false"),
        (Equals(Text("")), "is_empty"),
        (Equals(Text("hello")), "unchanged"),
        (Equals(Text("other")), ""),
        (Raises("m:BadThing"), "raises_bad_thing"),
        (Raises("builtins:ValueError", "only start or end allowed"), "raises_only_start_or_end_allowed"),
    ],
)
def test_what_comes_out_is_said_first(expectation: Expectation, tail: str) -> None:
    assert best(case(Text("hello"), expect=(expectation,))) == tail


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("only start or end allowed", "only_start_or_end_allowed"),
        ("Unable to parse duration string 'T10:10:10'", "unable_to_parse_duration_string"),
        ("Expecting a string datetime.date(2000, 1, 1)", "expecting_a_string"),
        ("'major' is negative. A version can only be positive.", "major_is_negative"),
        ("ISO 8601 time designator 'T' missing. Unable to parse", "iso_8601_time_designator_missing"),
        ("the value 20140818145522 is too long for the field that it was meant to fill", "value_is_too_long"),
        ("no", ""),
        ("[1, 2]", ""),
    ],
)
def test_an_error_is_named_by_the_words_of_its_message(message: str, words: str) -> None:
    assert message_words(message) == words


def test_words_that_come_from_the_input_are_no_part_of_the_message() -> None:
    assert message_words("cannot read grapefruit here", frozenset(("grapefruit",))) == "cannot_read_here"


def test_options_are_named() -> None:
    assert best(case(Int(5), strict=Bool(False), label=Text("hello"))) == "without_strict_with_label"
    assert best(case(Int(5), separator=Text("hello"))) == "with_separator"


def test_several_cases_are_named_by_what_they_share() -> None:
    assert best(case(Int(-3)), case(Int(-4))) == "for_negative_size"
    assert best(case(Int(-3)), case(Int(4))) == ""
    errors = [
        case(Int(n), expect=(Raises("builtins:ValueError", text),)) for n, text in ((3, "far too big"), (4, "odd"))
    ]
    assert best(*errors) == "raises_value_error"


def test_the_way_the_receiver_was_made_tells_tests_apart() -> None:
    made = Construct("m:Box", (Argument(Int(-3), "width"),))
    pushed = case().model_copy(
        update={"setup": (Step(made, "box"),), "input": Call("m:Box.push", (), Ref("box")), "target": "m:Box.push"}
    )
    assert "with_negative_width" in list(tails((pushed,)))


def test_a_name_has_no_run_of_digits_and_sixty_characters_at_most() -> None:
    messy = case(
        Text("2014-08-18 14:55:22.123456Z"),
        expect=(Raises("builtins:ValueError", f"20140818145522 is {'quite ' * 9}wrong"),),
        a_rather_long_option_name=Text("123456"),
        another_rather_long_option=Int(-1),
    )
    for name in titles((messy,)):
        assert len(name) <= 60
        assert not re.search(r"\d{5}", name)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("test_f_with_one_and_with_two", "test_f_with_one"),
        ("test_f_raises_this_is_the_end_of", "test_f_raises_this"),
        ("test_f", "test_f"),
    ],
)
def test_a_long_name_loses_whole_phrases_and_does_not_hang(name: str, short: str) -> None:
    assert trimmed(name, 24) == short


def test_ids_spell_short_values_and_name_the_kind_of_others() -> None:
    rows = [
        (Text("2014-08-18 14:55:22.123456Z"),),
        (Date("2024-02-29"),),
        (DateTime("2023-12-31T23:59:59.999999"),),
        (Int(-5),),
        (Text("9" * 30),),
        (Text("caf\u00e9" * 20),),
    ]
    given = ids([case()] * len(rows), rows)
    assert given == ["text", "2024-02-29", "2023-12-31", "minus-5", "numeric-text", "non-ascii-text"]
    assert all(len(name) <= LONGEST_ID for name in given)


def test_the_sort_of_the_result_is_told_only_where_the_function_has_several() -> None:
    texts = [(case(Int(n), expect=(Equals(Text(text)),)),) for n, text in ((15, "one"), (16, "two"))]
    assert "returns_text" in list(tails(texts[1]))
    assert "returns_text" not in list(tails(texts[1], sorts_alike(texts)))
    assert sorts_alike([*texts, (case(Int(3), expect=(Equals(Float("1.5")),)),)]) == frozenset()

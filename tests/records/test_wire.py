"""What a model may write is bounded, says the same as the record, and is a schema that grammar engines take."""

import json
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtest.records.case import (
    Argument,
    Bytes,
    Call,
    CallCase,
    Construct,
    Decimal,
    Entry,
    EnumMember,
    Equals,
    Expression,
    Float,
    Function,
    Get,
    Holds,
    Int,
    List,
    Map,
    Null,
    Operate,
    Raises,
    Ref,
    Regex,
    Set,
    Step,
    Subject,
    SymbolRef,
    Text,
    Undefined,
    expression_to_json,
)
from qtest.records.case.wire import MOST_CASES, Unsayable, WireCase, each, schema_text, written
from qtest.records.case.wire.coding import prose, recorded, setup_of

SCHEMA: dict[str, Any] = json.loads(schema_text())
GRAMMAR = jsonschema.Draft202012Validator(SCHEMA)
# by the engines' own documentation, and by trial: these are refused, or let a model write what is no JSON
REFUSED = {"maxLength", "minLength", "uniqueItems", "multipleOf", "format", "discriminator", "oneOf", "allOf", "not"}

few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
texts = st.text(st.characters(exclude_categories=()), max_size=5)
names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
symbols = st.builds("{}:{}".format, names, names)
leaves: st.SearchStrategy[Any] = st.one_of(
    st.just(Null()), st.builds(Int, st.integers(-(10**50), 10**50)), st.builds(Text, texts),
    st.builds(Float, st.floats().map(repr)), st.builds(Bytes, st.binary(max_size=9).map(bytes.hex)), st.builds(Ref, names),
    st.builds(Decimal, st.decimals(-1000, 1000, places=3).map("{:f}".format)), st.builds(Regex, texts, st.just("im")),
    st.builds(EnumMember, symbols, names), st.builds(SymbolRef, symbols),
)  # fmt: skip


def many(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3).map(tuple)


def ordered(items: list[Any]) -> tuple[Any, ...]:
    return tuple(sorted(items, key=expression_to_json))


def above(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    arguments = many(st.builds(Argument, inner, st.just("") | names))
    return st.one_of(
        st.builds(List, many(inner)),
        st.builds(Set, st.lists(inner, max_size=3).map(ordered), st.booleans()),
        st.builds(Map, many(st.builds(Entry, inner, inner))),
        st.builds(Construct, symbols, arguments),
        st.builds(Function, many(names), inner, st.just("")),
    )


values = leaves | above(leaves) | above(above(leaves))
inputs = st.one_of(
    st.builds(Call, symbols, many(st.builds(Argument, values, names | st.just("")))),
    st.builds(Call, symbols, st.just(()), values.filter(lambda value: value != Null()), st.booleans()),
    st.builds(Get, values, names),
    st.builds(Operate, st.sampled_from(("+", "[]", "len")), many(values)),
)
expected = st.one_of(
    st.builds(Equals, values, st.builds(Subject, names, many(names), st.sampled_from(("", "repr", "sorted")))),
    st.builds(Raises, symbols, st.none() | texts, st.booleans()),
    st.builds(Holds, inputs),
)
cases = st.builds(
    CallCase,
    id=st.just("x"),
    target=symbols,
    setup=many(st.builds(Step, values, names | st.just(""))),
    input=inputs,
    expect=st.lists(expected, min_size=1, max_size=3).map(tuple),
)


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema in the schema."""
    if isinstance(schema, dict):
        yield schema
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts(part)


def names_of_parts(schema: dict[str, Any]) -> set[str]:
    """Words of the schema language that are used: not what stands below `properties` and `$defs`, which are our names."""
    keys: set[str] = set(schema)
    for key, part in schema.items():
        inner = part.values() if key in ("properties", "$defs") else part if isinstance(part, list) else [part]
        for one in inner:
            keys |= names_of_parts(one) if isinstance(one, dict) else set()
    return keys


def only(answer: str) -> WireCase:
    (found,) = each(answer)
    assert isinstance(found, WireCase), found
    return found


@few
@given(cases)
def test_a_case_comes_back_from_the_wire_as_it_was_and_its_text_fits_the_grammar(case: CallCase) -> None:
    text = written(case)
    answer = f'{{"cases":[{text}]}}'
    assert text.isascii()
    GRAMMAR.validate(json.loads(answer))
    back = only(answer)
    assert (back.target, setup_of(back)) == (case.target, case.setup)
    assert recorded(back.input) == case.input
    assert tuple(recorded(one) for one in back.expect) == case.expect


def test_the_schema_holds_no_word_that_a_grammar_engine_refuses() -> None:
    assert not names_of_parts(SCHEMA) & REFUSED


def test_every_string_list_and_number_of_the_schema_has_a_bound() -> None:
    for part in parts(SCHEMA):
        match part.get("type"):
            case "string":
                assert "pattern" in part or "enum" in part or "const" in part, part
                assert not re.search(r"[*+]\$?$|\{\d+,\}", part.get("pattern", "")), part
            case "array":
                assert part["maxItems"] <= MOST_CASES, part
            case "integer":
                assert {"minimum", "maximum"} <= set(part), part
            case "object":
                assert part["additionalProperties"] is False, part
            case "number":
                raise AssertionError("its digits have no end")


def test_the_schema_goes_into_itself_nowhere() -> None:
    inside = {
        name: {part["$ref"] for part in parts(form) if isinstance(part.get("$ref"), str)}
        for name, form in SCHEMA["$defs"].items()
    }

    try:
        tuple(
            TopologicalSorter(
                {name: {ref.rpartition("/")[2] for ref in refs} for name, refs in inside.items()}
            ).static_order()
        )
    except CycleError as error:
        pytest.fail(f"{error.args[1]}")


def test_a_pattern_lets_no_quote_backslash_or_control_character_into_a_string() -> None:
    patterns = {part["pattern"] for part in parts(SCHEMA) if part.get("type") == "string" and "pattern" in part}
    assert patterns
    for pattern in patterns:
        assert not [char for char in ('"', "\\", "\n", "\x00", "é") if re.fullmatch(pattern.strip("^$"), char)]


def test_only_the_symbols_that_were_given_may_stand_in_an_answer() -> None:
    narrow = json.loads(schema_text(("m:f",)))
    case = CallCase(id="x", target="m:f", input=Call("os:system"), expect=(Equals(Null()),))
    answer = {"cases": [json.loads(written(case))]}
    GRAMMAR.validate(answer)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(answer, narrow)


def test_numbers_and_texts_are_read_as_a_model_without_a_grammar_writes_them() -> None:
    expect = '[{"kind":"equals","value":0.50}]'
    case = only(f'{{"cases":[{{"target":"m:f","input":"caf\\u00e9 \\"x\\"","expect":{expect}}}]}}')
    assert recorded(case.input) == Text('café "x"')
    assert recorded(case.expect[0]) == Equals(Float("0.5"))
    spelled = expect.replace("0.50", '{"kind":"float","text":"1.50"}')
    case = only(f'{{"cases":[{{"target":"m:f","input":1,"expect":{spelled}}}]}}')
    assert recorded(case.expect[0]) == Equals(Float("1.5"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON: Expecting value at character 0"),
        ('{"cases":[', "not JSON"),
        ('{"cases":[],"more":1}', 'expected {"cases": [...]}'),
        ("[" * 100_000, "not"),
        (f'{{"cases":{[1] * 9}}}', "holds 9 cases; expected at most 8"),
    ],
    ids=["nothing", "cut-off", "more-than-asked", "too-deep", "too-many"],
)
def test_an_answer_that_is_not_of_the_form_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        list(each(text))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ('{"target":"m:f","input":1,"expect":[]}', "expect: Tuple should have at least 1 item"),
        ('{"target":"f","input":1,"expect":[{"kind":"is nan"}]}', "target: String should match"),
        (
            '{"target":"m:f","input":{"kind":"ref","name":"a b"},"expect":[{"kind":"is nan"}]}',
            "ref.name: String should",
        ),
        ('{"target":"m:f","input":{"kind":"eval"},"expect":[{"kind":"is nan"}]}', "Input tag 'eval' found"),
        ("7", "valid dictionary"),
    ],
    ids=["expects-nothing", "no-module", "no-name", "no-kind", "a-number"],
)
def test_of_several_cases_only_the_one_that_is_not_of_the_form_is_refused(case: str, said: str) -> None:
    good = '{"target":"m:f","input":1,"expect":[{"kind":"is nan"}]}'
    first, second = each(f'{{"cases":[{case},{good}]}}')
    assert isinstance(first, str)
    assert said in first
    assert "\n" not in first
    assert isinstance(second, WireCase)


@pytest.mark.parametrize(
    "value", [Undefined(), List((List((List((List((List(),)),)),)),)), Text("x" * 2001), Int(1, 32)], ids=repr
)
def test_what_the_wire_has_no_words_for_is_said_so(value: Expression) -> None:
    case = CallCase(id="x", target="m:f", input=value, expect=(Equals(Null()),))
    with pytest.raises(Unsayable):
        written(case)


def test_the_words_of_a_citation_are_read_whole() -> None:
    contract = '{"kind":"text","parts":["it is ",34,"0",34]}'
    case = only(f'{{"cases":[{{"target":"m:f","contract":{contract},"input":1,"expect":[{{"kind":"is nan"}}]}}]}}')
    assert prose(case.contract) == 'it is "0"'

"""The DSL says the same after a journey through JSON, whatever it holds."""

import json
from datetime import timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from qtest.records import case as dsl
from qtest.records.case import case_from_json, expression_from_json, expression_to_json

few = settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)

texts = st.text(st.characters(exclude_categories=()), max_size=12)
names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
symbols = st.builds("{}:{}".format, names, names)
floats = st.builds(dsl.Float, st.floats().map(repr), st.sampled_from((32, 64)))
zones = st.none() | st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))

LEAVES: dict[type, st.SearchStrategy[Any]] = {
    dsl.Null: st.builds(dsl.Null),
    dsl.Undefined: st.builds(dsl.Undefined),
    dsl.Bool: st.builds(dsl.Bool, st.booleans()),
    dsl.Int: st.builds(
        dsl.Int, st.integers() | st.integers(-(10**4000), 10**4000), st.sampled_from((0, 8, 16, 32, 64))
    ),
    dsl.Float: floats,
    dsl.Decimal: st.builds(dsl.Decimal, st.decimals().map(str)),
    dsl.Text: st.builds(dsl.Text, texts),
    dsl.Bytes: st.builds(dsl.Bytes, st.binary(max_size=12).map(bytes.hex)),
    dsl.Regex: st.builds(dsl.Regex, texts, st.sets(st.sampled_from("imsxau")).map(sorted).map("".join)),
    dsl.Date: st.builds(dsl.Date, st.dates().map(str)),
    dsl.Time: st.builds(dsl.Time, st.times().map(str)),
    dsl.DateTime: st.builds(dsl.DateTime, st.datetimes(timezones=zones).map(lambda moment: moment.isoformat())),
    dsl.Duration: st.builds(dsl.Duration, st.integers()),
    dsl.EnumMember: st.builds(dsl.EnumMember, symbols, names),
    dsl.SymbolRef: st.builds(dsl.SymbolRef, symbols),
    dsl.Ref: st.builds(dsl.Ref, names),
    dsl.EnvValue: st.builds(dsl.EnvValue, st.sampled_from(("scratch folder", "scratch file", "clock")), names),
}


def many(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3).map(tuple)


def arguments(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return many(st.builds(dsl.Argument, inner, names | st.just(""), st.sampled_from(("", "sequence", "map"))))


def containers(inner: st.SearchStrategy[Any]) -> dict[type, st.SearchStrategy[Any]]:
    return {
        dsl.List: st.builds(dsl.List, many(inner)),
        dsl.Tuple: st.builds(dsl.Tuple, many(inner)),
        dsl.Set: st.builds(dsl.Set, many(inner), st.booleans()),
        dsl.Map: st.builds(dsl.Map, many(st.builds(dsl.Entry, inner, inner))),
        dsl.Function: st.builds(dsl.Function, many(names), inner, names, st.booleans()),
        dsl.Later: st.builds(dsl.Later, inner, st.sampled_from(("items", "value"))),
        dsl.Construct: st.builds(dsl.Construct, symbols, arguments(inner)),
    }


def actions(inner: st.SearchStrategy[Any]) -> dict[type, st.SearchStrategy[Any]]:
    return {
        dsl.Call: st.builds(dsl.Call, symbols, arguments(inner), st.none() | inner, st.booleans()),
        dsl.Get: st.builds(dsl.Get, inner, names, symbols),
        dsl.SetAttribute: st.builds(dsl.SetAttribute, inner, names, inner),
        dsl.Operate: st.builds(dsl.Operate, texts, many(inner)),
        dsl.Consume: st.builds(dsl.Consume, inner, st.integers(0, 99), st.booleans()),
        dsl.Enter: st.builds(dsl.Enter, inner, st.booleans()),
    }


values = st.recursive(st.one_of(*LEAVES.values()), lambda inner: st.one_of(*containers(inner).values()), max_leaves=8)
expressions = values | st.recursive(values, lambda inner: st.one_of(*actions(inner).values()), max_leaves=3)
steps = many(st.builds(dsl.Step, expressions, names | st.just("")))
views = st.sampled_from(("", "repr", "str", "list", "sorted", "length", "type", "keys"))
subjects = st.builds(dsl.Subject, names, many(names), views)
tolerances = st.floats(0, 1)

EXPECTATIONS: dict[type, st.SearchStrategy[Any]] = {
    dsl.Equals: st.builds(dsl.Equals, expressions, subjects),
    dsl.Is: st.builds(dsl.Is, expressions, subjects),
    dsl.Approximately: st.builds(dsl.Approximately, expressions, tolerances, tolerances, subjects),
    dsl.IsNan: st.builds(dsl.IsNan, subjects),
    dsl.IsInstance: st.builds(dsl.IsInstance, symbols, subjects),
    dsl.HasShape: st.builds(dsl.HasShape, many(st.tuples(names, names)), subjects),
    dsl.Raises: st.builds(dsl.Raises, symbols, st.none() | texts, st.booleans()),
    dsl.Warns: st.builds(dsl.Warns, symbols, st.none() | texts, st.booleans()),
    dsl.Outputs: st.builds(dsl.Outputs, texts, st.sampled_from(("stdout", "stderr"))),
    dsl.Holds: st.builds(dsl.Holds, expressions),
}

call_cases = st.builds(
    dsl.CallCase,
    id=names,
    description=texts,
    target=symbols,
    setup=steps,
    input=expressions,
    expect=many(st.one_of(*EXPECTATIONS.values())),
    parameters=many(names),
    lifecycle=st.builds(dsl.Lifecycle, scope=st.sampled_from(("test", "module", "session")), teardown=steps),
    isolation=st.builds(dsl.Isolation, fresh_process=st.booleans(), frozen_clock=texts, restored=many(symbols)),
    resources=st.builds(dsl.Resources, timeout_s=st.floats(0, 60), memory=st.integers(0), network=st.booleans()),
    provenance=st.builds(dsl.Provenance, generator=names, source=texts, seed=names),
)

headers = many(st.builds(dsl.Header, name=names, value=texts))
requests = st.builds(
    dsl.ApiRequest,
    method=st.sampled_from(("GET", "POST", "DELETE")),
    path=texts,
    query=headers,
    headers=headers,
    body=st.none() | values,
    form=st.booleans(),
)
api_expectations = st.one_of(
    st.builds(dsl.StatusIs, st.integers(100, 599)),
    st.builds(dsl.HeaderMatches, names, texts, st.booleans()),
    st.builds(dsl.BodyEquals, values, texts),
    st.builds(dsl.BodyMatchesSchema, texts),
)
api_cases = st.builds(
    dsl.ApiCase,
    id=names,
    description=texts,
    target=texts,
    setup=many(st.builds(dsl.ApiStep, request=requests, name=names, take=texts)),
    input=requests,
    expect=many(api_expectations),
)

locators = st.builds(
    dsl.Locator, by=st.sampled_from(("role", "label", "css")), value=texts, name=texts, exact=st.booleans()
)
flow_steps = many(
    st.one_of(
        st.builds(dsl.Visit, texts),
        st.builds(dsl.Click, locators),
        st.builds(dsl.Fill, locators, texts),
        st.builds(dsl.Choose, locators, texts),
        st.builds(dsl.Check, locators, st.booleans()),
        st.builds(dsl.Press, names, st.none() | locators),
    )
)
flow_expectations = st.one_of(
    st.builds(dsl.Visible, locators, st.booleans()),
    st.builds(dsl.HasText, locators, texts, st.booleans()),
    st.builds(dsl.UrlIs, texts, st.booleans()),
)
flow_cases = st.builds(
    dsl.FlowCase, id=names, target=texts, setup=flow_steps, input=flow_steps, expect=many(flow_expectations)
)


def kinds(union: Any) -> set[type]:
    return set(get_args(get_args(getattr(union, "__value__", union))[0]))


def test_every_kind_of_value_action_and_expectation_is_tried() -> None:
    tried = {**LEAVES, **containers(values)}
    assert set(tried) == kinds(dsl.Value)
    assert {*tried, *actions(values)} == kinds(dsl.Expression)
    assert set(EXPECTATIONS) == kinds(dsl.Expectation)


@few
@given(expressions)
def test_an_expression_is_the_same_after_json(expression: Any) -> None:
    text = expression_to_json(expression)
    again = expression_from_json(text)
    assert again == expression
    assert repr(again) == repr(expression)
    assert expression_to_json(again) == text
    assert text.isascii()


@few
@given(call_cases | api_cases | flow_cases)
def test_a_case_is_the_same_after_json(case: Any) -> None:
    text = case.to_json()
    again = case_from_json(text)
    assert again == case
    assert type(again) is type(case)
    assert again.digest == case.digest
    assert text.isascii()


def test_lone_surrogates_and_numbers_that_json_lacks_survive() -> None:
    hard = dsl.List(
        (dsl.Text("\ud800x\udfff"), dsl.Float("nan"), dsl.Float("-inf"), dsl.Float("-0.0"), dsl.Int(2**200))
    )
    assert expression_from_json(expression_to_json(hard)) == hard


@pytest.mark.parametrize(
    "text",
    [
        '{"kind":"nonsense"}',
        '{"kind":"list","items":[{"kind":"call","symbol":"m:f"}]}',
        '{"kind":"int","value":1,"bits":7}',
        '{"value":1}',
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        expression_from_json(text)


def test_a_case_with_a_field_that_nobody_knows_is_refused() -> None:
    case = dsl.CallCase(id="c", target="m:f", input=dsl.Null(), expect=())
    with pytest.raises(ValidationError):
        case_from_json(json.dumps({**json.loads(case.to_json()), "colour": "red"}))

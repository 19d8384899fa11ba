"""Asynchronous code in the search: what is made up for it, and what a test says of what came of it."""

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from qtest.generate.search.kinds import Kind, Scope
from qtest.generate.search.making import Maker
from qtest.generate.search.minimise import smaller
from qtest.generate.search.oracle import said
from qtest.generate.search.pools import Pools
from qtest.generate.search.sources import Sources
from qtest.generate.search.trial import Trial
from qtest.languages.python.walk import walk
from qtest.records.case import (
    Argument,
    Call,
    Construct,
    Consume,
    Enter,
    Equals,
    Expression,
    Function,
    Int,
    Later,
    List,
    Raises,
    Ref,
)
from qtest.records.workbench import Observation

Made = Callable[[str, Mapping[str, tuple[str, str]]], Any]
CALL = Call("m:f")
ITEMS: dict[str, Any] = {"kind": "iterator", "symbol": "m:T", "items": [{"kind": "int", "value": 1}], "more": False}
BROKEN: dict[str, Any] = {"type": "m:Broken", "message": "no", "explicit": True, "inside": True}
MODULE = """
import asyncio
from typing import AsyncIterator, Awaitable, Callable

async def mapped(function: Callable[[int], Awaitable[int]], source: AsyncIterator[int]) -> AsyncIterator[int]:
    async for item in source:
        yield await function(item)

async def follow(values):
    async for value in values:
        print(value)

class Gate:
    async def enter(self): pass
    async def leave(self): pass
    async def __aenter__(self): pass
    async def __aexit__(self, *error): pass
    def __aiter__(self): return self
    async def __anext__(self): raise StopAsyncIteration
"""


def drawn(bench: Made, target: str) -> list[Trial]:
    made = bench(MODULE, {})
    rng = random.Random(0)
    brief = made.brief()
    sources = Sources(brief, made.code, Maker(made.code, Pools(brief, rng), rng), rng)
    return [trial for _ in range(40) for trial in sources.fresh(target)]


def observed(**form: Any) -> Observation:
    return Observation(candidate=0, status="ok", seen=json.dumps(form))


@pytest.mark.parametrize(
    ("form", "given"),
    [
        ({"result": {"kind": "int", "value": 1}, "awaited": "value"}, Call("m:f", awaited=True)),
        ({"result": ITEMS, "awaited": "items"}, Consume(CALL, 0, awaited=True)),
        ({"result": {**ITEMS, "more": True}, "awaited": "items"}, Consume(CALL, 50, awaited=True)),
        ({"result": ITEMS, "awaited": "value items"}, Consume(Call("m:f", awaited=True), 0, awaited=True)),
        ({"result": ITEMS}, Consume(CALL)),
    ],
)
def test_what_had_to_be_awaited_is_awaited_in_the_test(form: Any, given: Expression) -> None:
    assert said(Trial("m:f", CALL), observed(**form)).input == given


def test_what_a_loop_over_items_raises_is_expected_of_the_loop() -> None:
    heard = said(Trial("m:f", CALL), observed(raised=BROKEN, awaited="items"))
    assert (heard.input, heard.expect) == (Consume(CALL, 0, awaited=True), (Raises("m:Broken", "no"),))


def test_items_of_an_object_are_taken_without_asking_for_its_iterator_by_name() -> None:
    heard = said(Trial("m:T", Call("builtins:aiter", (Argument(Ref("t")),))), observed(result=ITEMS, awaited="items"))
    assert (heard.input, heard.expect) == (Consume(Ref("t"), 0, awaited=True), (Equals(List((Int(1),))),))


def test_an_attribute_that_must_be_awaited_is_said_to_be_no_test() -> None:
    heard = said(Trial("m:T", Ref("t")), observed(result={"kind": "int", "value": 1}, awaited="value"))
    assert heard.why


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        ("AsyncIterator[int]", Kind("stream", (Kind("int"),))),
        ("Awaitable[str]", Kind("awaitable", (Kind("text"),))),
        ("Coroutine[Any, Any, str]", Kind("awaitable", (Kind("text"),))),
        ("Callable[[int], Awaitable[str]]", Kind("callable", (Kind("int"), Kind("awaitable", (Kind("text"),))))),
    ],
)
def test_an_annotation_says_what_is_awaited(annotation: str, kind: Kind) -> None:
    assert Scope({}, {}).kinds(annotation) == (kind,)


def test_a_coroutine_function_and_an_asynchronous_iterator_are_made_up_where_they_are_asked_for(bench: Made) -> None:
    parts = [part for trial in drawn(bench, "m:mapped") for part in walk(trial.input)]
    functions = [part for part in parts if isinstance(part, Function)]
    assert functions
    assert all(function.awaited and function.name for function in functions)
    assert any(isinstance(part, Later) and part.what == "items" for part in parts)


def test_what_the_body_loops_over_asynchronously_is_an_asynchronous_iterator(bench: Made) -> None:
    assert any(isinstance(part, Later) for trial in drawn(bench, "m:follow") for part in walk(trial.input))


def test_two_calls_on_one_object_are_also_made_at_once(bench: Made) -> None:
    together = [one.input for one in drawn(bench, "m:Gate.enter") if one.input.symbol == "asyncio:gather"]  # type: ignore[union-attr]
    assert together
    assert all(len(one.arguments) == 2 and one.awaited for one in together if isinstance(one, Call))


def test_a_trial_that_waits_too_long_is_tried_again_with_short_waits(bench: Made) -> None:
    made = bench("class Pause:\n    def __init__(self, times, delay=60.0): pass\n", {})
    rng, brief = random.Random(0), made.brief()
    sources = Sources(brief, made.code, Maker(made.code, Pools(brief, rng), rng), rng)
    (hurried,) = sources.hurried(Trial("m:Pause", Construct("m:Pause", (Argument(Int(3)),))))
    assert isinstance(hurried.input, Construct)
    assert [argument.name for argument in hurried.input.arguments] == ["", "delay"]
    assert float(hurried.input.arguments[1].value.text) < 0.05  # type: ignore[union-attr]
    assert not list(sources.hurried(Trial("m:Pause", Int(3))))


def test_asynchronous_methods_serve_as_set_up(bench: Made) -> None:
    steps = [step.does for trial in drawn(bench, "m:Gate.enter") for step in trial.setup]
    assert any(isinstance(does, Call) and does.awaited for does in steps)


def test_special_methods_are_used_as_people_use_them(bench: Made) -> None:
    assert all(isinstance(one.input, Enter) and one.input.awaited for one in drawn(bench, "m:Gate.__aenter__"))
    assert {one.input.symbol for one in drawn(bench, "m:Gate.__anext__")} == {"builtins:anext"}  # type: ignore[union-attr]


def test_of_two_calls_at_once_one_is_enough_where_it_shows_the_same() -> None:
    enter = Call("m:Gate.enter", (), Ref("gate"))
    both = Trial("m:Gate.enter", Call("asyncio:gather", (Argument(enter), Argument(enter)), awaited=True))
    assert Call("m:Gate.enter", (), Ref("gate"), awaited=True) in [trial.input for trial in smaller(both)]

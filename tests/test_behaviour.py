"""What two revisions do differently, from calls that were seen on one and run again on the other."""

import json
from typing import Any

import pytest

from qtest.behaviour import Answer, compared
from qtest.generate.search.apart import place
from qtest.records.behaviour import Change, Observed, Replayed, Replays, Seen, Side
from qtest.records.workbench import Candidate

ONE, TWO = ({"result": {"kind": "int", "value": value, "bits": 0}} for value in (1, 2))


def seen(number: int, call: str, told: tuple[str, ...] = ("gives 1",), form: Any = ONE) -> Seen:
    candidate = Candidate(id=number, expr=call)
    return Seen(target="m:f", call=call, candidate=candidate, key="1", form=json.dumps(form), told=told)


def again(
    number: int, ended: str = "ok", key: str = "2", told: tuple[str, ...] = ("gives 2",), **more: Any
) -> Replayed:
    return Replayed(candidate=number, ended=ended, key=key, form=json.dumps(more.pop("form", TWO)), told=told, **more)


def answer(*pairs: tuple[Seen, Replayed], side: Side = "old", resigned: tuple[str, ...] = ()) -> Answer:
    observed = Observed(module="m", side=side, seen=tuple(one for one, _ in pairs))
    replays = Replays(module="m", side=side, found=tuple(other for _, other in pairs))
    return compared([observed], [replays], resigned)


def test_a_difference_says_what_was_and_what_is() -> None:
    found = answer((seen(0, "f(1)"), again(0)))
    assert found.changes == [Change(target="m:f", call="f(1)", before="gives 1", after="gives 2")]


def test_a_call_that_was_found_on_the_new_revision_is_told_the_same_way_round() -> None:
    found = answer((seen(0, "f(1)"), again(0)), side="new")
    assert (found.changes[0].before, found.changes[0].after) == ("gives 2", "gives 1")


def test_the_same_key_is_no_difference() -> None:
    found = answer((seen(0, "f(1)"), again(0, key="1")))
    assert (found.changes, found.calls) == ([], 1)


@pytest.mark.parametrize(
    ("ended", "unstable", "unclear"), [("unstable", 1, 0), ("timeout", 0, 1), ("died", 0, 1), ("denied", 0, 1)]
)
def test_what_has_no_clear_end_is_counted_and_not_told(ended: str, unstable: int, unclear: int) -> None:
    found = answer((seen(0, "f(1)"), again(0, ended)))
    assert (found.changes, found.calls, found.unstable, found.unclear) == ([], 0, unstable, unclear)


def test_calls_that_do_not_fit_a_new_signature_are_counted_there() -> None:
    found = answer((seen(0, "f(1)"), again(0, careless=True)), (seen(1, "f(2)"), again(1)), resigned=("m:f",))
    assert ([change.call for change in found.changes], found.refused, found.tried) == (["f(2)"], {"m:f": 1}, {"m:f": 2})


def test_each_way_to_differ_is_told_by_its_plainest_call_first() -> None:
    found = answer(
        (seen(0, "f(111)"), again(0)),
        (seen(1, "f(11)"), again(1)),
        (seen(2, "f(1111)"), again(2, told=("raises E",))),
    )
    assert [change.call for change in found.changes] == ["f(11)", "f(1111)", "f(111)"]


def test_a_call_that_both_searches_made_is_told_once() -> None:
    observed = [Observed(module="m", side=side, seen=(seen(0, "f(1)"),)) for side in ("old", "new")]
    replays = [Replays(module="m", side=side, found=(again(0),)) for side in ("old", "new")]
    assert len(compared(observed, replays, ()).changes) == 1


def test_what_stayed_the_same_is_not_told() -> None:
    found = answer((seen(0, "f(1)", ("gives 1", "prints 'a'")), again(0, told=("gives 1", "prints 'b'"))))
    assert (found.changes[0].before, found.changes[0].after) == ("prints 'a'", "prints 'b'")


def test_of_equal_words_the_part_that_differs_is_told() -> None:
    old, new = (
        {"result": {"kind": "list", "items": [{"kind": "text", "value": "x" * 200}, part["result"]]}}
        for part in (ONE, TWO)
    )
    assert place(json.dumps(old), json.dumps(new)) == ("[1]", "1", "2")
    long = ("gives [" + "x" * 200 + "]",)
    found = answer((seen(0, "f(1)", long, old), again(0, told=long, form=new)))
    assert (found.changes[0].where, found.changes[0].before, found.changes[0].after) == ("[1]", "1", "2")


def test_a_list_that_became_an_iterator_is_told_with_what_it_gives() -> None:
    was = '{"result": {"kind": "list", "items": [{"kind": "int", "value": 1}]}}'
    now = '{"result": {"kind": "iterator", "symbol": "builtins:generator", "items": [{"kind": "int", "value": 1}], "more": false}}'
    found = place(was, now)
    assert found is not None
    assert found[2] == "a generator of 1"

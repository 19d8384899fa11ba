"""Of what kills the same, the one that reads best."""

import pytest

from qtest.generate.search.minimise import Proven, cost, cover, smaller
from qtest.generate.search.oracle import Said
from qtest.generate.search.trial import Trial
from qtest.languages.python.walk import walk
from qtest.records.case import (
    Argument,
    Call,
    Construct,
    Equals,
    Expression,
    Int,
    Is,
    Null,
    Operate,
    Ref,
    Step,
    Text,
)


def given(value: Expression) -> Trial:
    return Trial("m:f", Call("m:f", (Argument(value),)))


def weight(text: str, *spoken: str) -> float:
    trial = given(Text(text))
    return cost(trial, Said(trial.input, (Equals(Int(1)),)), spoken)


def test_a_text_that_people_wrote_is_cheaper_than_a_shorter_one_nobody_did() -> None:
    assert weight("P3Y6M4DT12H30M5S", "P3Y6M4DT12H30M5S") < weight("P0.5Y%", "P3Y6M4DT12H30M5S")


def test_a_long_text_that_nobody_wrote_costs_more_than_its_length() -> None:
    assert weight("ab" * 40) > 2 * weight("ab" * 20)


def test_shrinking_keeps_a_text_that_people_wrote_and_moves_others_towards_one() -> None:
    texts = {
        part.input.arguments[0].value
        for part in smaller(given(Text("P9Y")), ("P1Y2M", "hello"))
        if isinstance(part.input, Call) and part.input.arguments
    }
    assert Text("P1Y2M") in texts
    kept = smaller(given(Text("P1Y2M")), ("P1Y2M",))
    assert [part for part in kept if isinstance(part.input, Call) and part.input.arguments] == []


@pytest.mark.parametrize("mutants", [{"one"}, {"one", "two"}])
def test_that_nothing_comes_back_is_the_last_thing_to_be_asserted(mutants: set[str]) -> None:
    trial, other = given(Int(1)), given(Int(2))
    silent = Proven(trial, Said(trial.input, (Is(Null()),)), frozenset(mutants))
    telling = Proven(other, Said(other.input, (Equals(Int(4)),)), frozenset(mutants))
    assert cover([silent, telling], lambda _: 8) == [telling]


def test_a_text_that_stands_twice_is_made_plain_in_both_places() -> None:
    key = Text("reduce_result")
    put = Step(Operate("[]=", (Ref("store"), key, Int(1))))
    trial = Trial("m:f", Operate("[]", (Ref("store"), key)), (Step(Construct("m:Store"), "store"), put))
    plain = [part for part in smaller(trial, ("reduce_result",)) if key not in list(walk((part.setup, part.input)))]
    assert [part.input for part in plain] == [Operate("[]", (Ref("store"), Text("a")))]

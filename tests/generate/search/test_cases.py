"""A proven trial as a case: named for what it shows, and without what nobody needs to be told."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from qtest.generate.search.about import shown_by
from qtest.generate.search.cases import case_of
from qtest.generate.search.code import Code
from qtest.generate.search.minimise import Proven
from qtest.generate.search.oracle import Said
from qtest.generate.search.trial import Trial
from qtest.records.case import (
    Call,
    Construct,
    Consume,
    Equals,
    Expectation,
    Expression,
    Get,
    Int,
    IsInstance,
    Operate,
    Ref,
    Step,
    Subject,
    Text,
)

Bench = Callable[[str, Mapping[str, tuple[str, str]]], Any]

BASKET_CLASS = """
class Basket:
    def __init__(self, size=0):
        self.size = size

    def __len__(self):
        return self.size

    def __or__(self, other):
        return self

    def __ior__(self, other):
        return self

    def __setitem__(self, key, value):
        self.size = value

    def put(self, thing):
        self.size += 1

    def values(self):
        return [self.size]

    @property
    def full(self):
        return self.size > 9

def basket():
    return Basket()
"""
MADE = Step(Construct("m:Basket"), "basket")
BASKET = Ref("basket")
PUT = Call("m:Basket.put", (), BASKET)
VALUES = Call("m:Basket.values", (), BASKET)


@pytest.fixture
def code(bench: Bench) -> Code:
    found: Code = bench(BASKET_CLASS, {}).code
    return found


@pytest.mark.parametrize(
    ("target", "setup", "given", "shown"),
    [
        ("put", (), PUT, "put"),
        ("put", (Step(PUT),), VALUES, "put"),
        ("put", (), VALUES, "values"),
        ("put", (), Consume(VALUES), "values"),
        ("put", (), Get(BASKET, "full", "m:Basket.full"), "full"),
        ("__ior__", (), Operate("|", (BASKET, Int(1))), "__or__"),
        ("__or__", (), Operate("|", (BASKET, Int(1))), "__or__"),
        ("__len__", (), Operate("len", (BASKET,)), "__len__"),
        ("put", (), Operate("len", (BASKET,)), "__len__"),
        ("__len__", (), VALUES, "values"),
        ("put", (), Operate("len", (BASKET,)), "__len__"),
        ("put", (), Operate("[]=", (BASKET, Int(1), Int(2))), "__setitem__"),
        ("__delitem__", (), Operate("[]=", (BASKET, Int(1), Int(2))), "__setitem__"),
        ("__init__", (), VALUES, "__init__"),
        ("put", (), Construct("m:Basket", ()), "__init__"),
    ],
)
def test_a_case_is_about_its_target_where_it_is_called_and_else_about_what_is_called(
    code: Code, target: str, setup: tuple[Step, ...], given: Expression, shown: str
) -> None:
    trial = Trial(f"m:Basket.{target}", given, (MADE, *setup))
    assert shown_by(trial, given, code) == f"m:Basket.{shown}"


def test_what_another_module_does_keeps_its_target(code: Code) -> None:
    given = Call("builtins:sorted")
    assert shown_by(Trial("m:basket", given), given, code) == "m:basket"


def _case_expecting(bench: Bench, trial: Trial, *expect: Expectation) -> tuple[Expectation, ...]:
    made = bench(BASKET_CLASS, {})
    case = case_of(Proven(trial, Said(trial.input, expect), frozenset("a")), made.code, made.brief())
    return case.expect


def test_the_class_of_what_the_test_makes_is_not_told(bench: Bench) -> None:
    kind, size = IsInstance("m:Basket", Subject("basket")), Equals(Int(1), Subject("basket", ("size",)))
    trial = Trial("m:Basket.put", PUT, (MADE,))
    assert _case_expecting(bench, trial, kind, size) == (size,)


def test_the_class_of_a_new_object_is_told_only_where_nothing_else_is(bench: Bench) -> None:
    kind, text = IsInstance("m:Basket"), Equals(Text("Basket"), Subject(view="repr"))
    trial = Trial("m:Basket.__init__", Construct("m:Basket"))
    assert _case_expecting(bench, trial, kind, text) == (text,)
    assert _case_expecting(bench, trial, kind) == (kind,)


def test_the_class_of_what_a_function_gives_is_told(bench: Bench) -> None:
    kind, text = IsInstance("m:Basket"), Equals(Text("Basket"), Subject(view="repr"))
    trial = Trial("m:basket", Call("m:basket"))
    assert _case_expecting(bench, trial, kind, text) == (kind, text)

"""What a test says of an object: judged on small modules and their mutants, in this process."""

from collections.abc import Callable, Mapping
from typing import Any

from qtest.generate.search.trial import Trial
from qtest.records.case import (
    Argument,
    Call,
    Construct,
    Equals,
    Expression,
    Int,
    IsInstance,
    List,
    Map,
    Ref,
    Step,
    Subject,
    Text,
)

MONEY = """
class Money:
    def __init__(self, amount, currency="EUR", rounding=None):
        self.amount = amount
        self._currency = currency
    def __eq__(self, other):
        return isinstance(other, Money) and self.amount == other.amount and self._currency == other._currency
    def __repr__(self):
        return f"<{self.amount} {self._currency}>"

def double(money):
    return Money(money.amount * 2, money._currency)
"""
MUTANTS = {
    "times 3": ("* 2", "* 3"),
    "drops the currency": ("* 2, money._currency", "* 2"),
    "another repr": ('"<{', '"[{'),
}


Made = Callable[[str, Mapping[str, tuple[str, str]]], Any]


def money(amount: int, *rest: Argument) -> Construct:
    return Construct("m:Money", (Argument(Int(amount)), *rest))


def doubled(*rest: Argument) -> Trial:
    return Trial("m:double", Call("m:double", (Argument(money(2, *rest)),)))


def equal_to(twin: Expression) -> tuple[Equals]:
    return (Equals(twin),)


def test_an_object_with_an_equality_of_its_own_is_held_against_a_new_one(bench: Made) -> None:
    first, *_ = bench(MONEY, MUTANTS).plainer(doubled())
    assert first.said.expect == equal_to(money(4))


def test_only_arguments_that_depart_from_their_defaults_are_written_and_then_by_name(bench: Made) -> None:
    first, *_ = bench(MONEY, MUTANTS).plainer(doubled(Argument(Text("CHF"), "currency")))
    expected = Construct("m:Money", (Argument(Int(4), "amount"), Argument(Text("CHF"), "currency")))
    assert first.said.expect == equal_to(expected)


def test_what_only_the_text_kills_becomes_a_test_of_the_method_that_makes_the_text(bench: Made) -> None:
    found = bench(MONEY, MUTANTS).plainer(doubled(Argument(Text("CHF"), "currency")))
    assert {mutant for item in found for mutant in item.kills} == set(MUTANTS)
    assert [item.trial.target for item in found] == ["m:double", "m:Money.__repr__"]
    assert found[1].said.expect == equal_to(Text("<4 CHF>"))


def test_an_equality_that_is_true_of_anything_is_not_used(bench: Made) -> None:
    source = MONEY.replace("return isinstance(other, Money) and", "return True or")
    first, *_ = bench(source, MUTANTS).plainer(doubled())
    assert all(
        expectation.subject.path == ("amount",) for expectation in first.said.expect if isinstance(expectation, Equals)
    )
    assert IsInstance("m:Money") in first.said.expect


def test_without_an_equality_public_attributes_come_before_the_text(bench: Made) -> None:
    source = MONEY.replace("def __eq__", "def same")
    first, *_ = bench(source, {"times 3": ("* 2", "* 3")}).plainer(doubled())
    assert first.said.expect == (IsInstance("m:Money"), Equals(Int(4), Subject(path=("amount",))))


def test_where_equality_sees_less_than_the_attributes_the_attribute_that_differs_is_asserted_too(bench: Made) -> None:
    source = MONEY.replace(" and self._currency == other._currency", "").replace("_currency", "currency")
    mutants = {"drops the currency": ("* 2, money.currency", "* 2"), "times 3": ("* 2", "* 3")}
    first, *_ = bench(source, mutants).plainer(doubled(Argument(Text("CHF"), "currency")))
    assert first.kills == set(mutants)
    assert Equals(Text("CHF"), Subject(path=("currency",))) in first.said.expect
    assert not any(expectation.subject.view for expectation in first.said.expect if isinstance(expectation, Equals))


def test_where_nothing_but_the_text_can_be_seen_it_is_asserted(bench: Made) -> None:
    source = MONEY.replace("def __eq__", "def same").replace("amount", "_amount")
    first, *_ = bench(source, {"times 3": ("* 2", "* 3")}).plainer(doubled())
    assert first.said.expect == (IsInstance("m:Money"), Equals(Text("<4 EUR>"), Subject(view="repr")))


def test_a_receiver_that_was_changed_is_held_against_a_new_one(bench: Made) -> None:
    source = MONEY + "\ndef add(money):\n    money.amount += 1\n"
    trial = Trial("m:add", Call("m:add", (Argument(Ref("purse")),)), (Step(money(1), "purse"),))
    first, *_ = bench(source, {"adds 2": ("+= 1", "+= 2")}).plainer(trial)
    assert first.said.expect == (Equals(money(2), Subject(of="purse")),)


def test_items_of_a_list_are_held_against_new_ones(bench: Made) -> None:
    source = MONEY + "\ndef both(money):\n    return [money, double(money)]\n"
    first, *_ = bench(source, {"times 3": ("* 2", "* 3")}).plainer(
        Trial("m:both", Call("m:both", (Argument(money(1)),)))
    )
    assert first.said.expect == equal_to(List((money(1), money(2))))


def test_beside_an_equality_what_is_walked_through_is_a_test_of_the_walking(bench: Made) -> None:
    source = MONEY.replace("    def __repr__", "    def __iter__(self):\n        yield self.amount\n    def __repr__")
    mutants = {"times 3": ("* 2", "* 3"), "yields more": ("yield self.amount", "yield self.amount + 1")}
    found = bench(source, mutants).plainer(doubled())
    assert [item.trial.target for item in found] == ["m:double", "m:Money.__iter__"]
    assert found[0].said.expect == equal_to(money(4))
    assert found[1].said.expect == equal_to(List((Int(4),)))


def test_of_what_is_made_by_calling_its_class_the_class_is_not_asserted(bench: Made) -> None:
    source = MONEY.replace("def __eq__", "def same").replace("self.amount = amount", "self.amount = amount + 1")
    first, *_ = bench(source, {"adds 2": ("amount + 1", "amount + 2")}).plainer(Trial("m:Money", money(1)))
    assert first.said.expect == (Equals(Int(2), Subject(path=("amount",))),)


BOUNDED = """
class Bounded(dict):
    def __init__(self, most):
        super().__init__()
        self.most = most

def bounded(most):
    return Bounded(most)
"""


def test_beside_its_value_as_a_builtin_the_attribute_that_tells_is_asserted(bench: Made) -> None:
    trial = Trial("m:bounded", Call("m:bounded", (Argument(Int(3)),)))
    forgets = {"forgets": ("self.most = most", "self.most = 0")}
    (found,) = bench(BOUNDED, forgets).plainer(trial)
    assert Equals(Int(3), Subject(path=("most",))) in found.said.expect
    (silent,) = bench(BOUNDED, {"fills": ("super().__init__()", "super().__init__(a=1)")}).plainer(trial)
    assert silent.said.expect == (IsInstance("m:Bounded"), Equals(Map()))

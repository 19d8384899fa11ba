"""What a test says of an object: judged on small modules and their mutants, in this process."""

import importlib
import json
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from qtest.generate.search.claims import Claims
from qtest.generate.search.code import Code
from qtest.generate.search.minimise import Proven
from qtest.generate.search.oracle import said
from qtest.generate.search.trial import Trial, candidate
from qtest.languages.python.parse import parse
from qtest.languages.python.toolchain import PROBE
from qtest.records.case import (
    Argument,
    Call,
    Construct,
    Equals,
    Expression,
    Int,
    IsInstance,
    List,
    Ref,
    Step,
    Subject,
    Text,
)
from qtest.records.plan import Brief
from qtest.records.source import Project
from qtest.records.workbench import Observation

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
    "another repr": ("<{", "[{"),
}


@pytest.fixture(scope="module")
def observe() -> Iterator[Any]:
    package = types.ModuleType("_qtest_probe")
    package.__path__ = [str(PROBE)]
    before = set(sys.modules)
    sys.modules["_qtest_probe"] = package
    yield importlib.import_module("_qtest_probe.observe")
    for name in set(sys.modules) - before:
        if name.startswith("_qtest_probe"):
            del sys.modules[name]


class Bench:
    """Runs trials on a module `m` and on edits of its source."""

    def __init__(self, source: str, mutants: Mapping[str, tuple[str, str]], observe: Any) -> None:
        self._source, self._mutants, self._observe = source, mutants, observe
        module = parse(source, "m.py", Project(root="", language="python", name="m", layout="flat", import_roots=("",)))
        self.code = Code(Brief(module=module, source=source, project="", targets=()))

    def tried(self, trials: Sequence[Trial], mutants: Sequence[str]) -> list[tuple[Trial, Observation]]:
        return [(trial, self.observation(trial, mutants)) for trial in trials]

    def observation(self, trial: Trial, mutants: Sequence[str]) -> Observation:
        form, key = self._run(trial, self._source)
        edited = {name: self._source.replace(*self._mutants[name]) for name in mutants}
        assert all(text != self._source for text in edited.values())
        kills = tuple(name for name, text in edited.items() if self._run(trial, text)[1] != key)
        raised = form["raised"]["type"] if "raised" in form else ""
        return Observation(candidate=0, status="ok", seen=json.dumps(form), key=key, raised=raised, kills=kills)

    def _run(self, trial: Trial, source: str) -> tuple[dict[str, Any], str]:
        drawn = candidate(trial, 0, "m")
        assert drawn is not None
        sys.modules["m"] = module = types.ModuleType("m")
        form: dict[str, Any] = {}
        try:
            exec(source, module.__dict__)
            names: dict[str, Any] = {}
            exec("\n".join((*drawn.imports, *drawn.setup)), names)
            before = {name: self._observe.seen(names[name]) for name in drawn.watch}
            try:
                form["result"] = self._observe.seen(eval(drawn.expr, names))
            except (TypeError, AttributeError, ValueError) as error:
                form["raised"] = {"type": f"builtins:{type(error).__name__}", "message": None}
            after = {name: self._observe.seen(names[name]) for name in drawn.watch}
            form["watch"] = {name: seen for name, seen in after.items() if seen != before[name]}
        finally:
            del sys.modules["m"]
        return form, self._observe.key(form)

    def proven(self, trial: Trial) -> Proven:
        found = self.observation(trial, list(self._mutants))
        return Proven(trial, said(trial, found), frozenset(found.kills), found.seen)

    def plainer(self, *trials: Trial, found: Sequence[Trial] = ()) -> list[Proven]:
        chosen = [self.proven(trial) for trial in trials]
        return Claims(self.code, self.tried, {}).plainer(chosen, [*chosen, *map(self.proven, found)])


def money(amount: int, *rest: Argument) -> Construct:
    return Construct("m:Money", (Argument(Int(amount)), *rest))


def doubled(*rest: Argument) -> Trial:
    return Trial("m:double", Call("m:double", (Argument(money(2, *rest)),)))


def equal_to(twin: Expression) -> tuple[Equals]:
    return (Equals(twin),)


def test_an_object_with_an_equality_of_its_own_is_held_against_a_new_one(observe: Any) -> None:
    first, *_ = Bench(MONEY, MUTANTS, observe).plainer(doubled())
    assert first.said.expect == equal_to(money(4))


def test_only_arguments_that_depart_from_their_defaults_are_written_and_then_by_name(observe: Any) -> None:
    first, *_ = Bench(MONEY, MUTANTS, observe).plainer(doubled(Argument(Text("CHF"), "currency")))
    expected = Construct("m:Money", (Argument(Int(4), "amount"), Argument(Text("CHF"), "currency")))
    assert first.said.expect == equal_to(expected)


def test_what_only_the_text_kills_becomes_a_test_of_the_method_that_makes_the_text(observe: Any) -> None:
    found = Bench(MONEY, MUTANTS, observe).plainer(doubled(Argument(Text("CHF"), "currency")))
    assert {mutant for item in found for mutant in item.kills} == set(MUTANTS)
    assert [item.trial.target for item in found] == ["m:double", "m:Money.__repr__"]
    assert found[1].said.expect == equal_to(Text("<4 CHF>"))


def test_an_equality_that_is_true_of_anything_is_not_used(observe: Any) -> None:
    source = MONEY.replace("return isinstance(other, Money) and", "return True or")
    first, *_ = Bench(source, MUTANTS, observe).plainer(doubled())
    assert all(
        expectation.subject.path == ("amount",) for expectation in first.said.expect if isinstance(expectation, Equals)
    )
    assert IsInstance("m:Money") in first.said.expect


def test_without_an_equality_public_attributes_come_before_the_text(observe: Any) -> None:
    source = MONEY.replace("def __eq__", "def same")
    first, *_ = Bench(source, {"times 3": ("* 2", "* 3")}, observe).plainer(doubled())
    assert first.said.expect == (IsInstance("m:Money"), Equals(Int(4), Subject(path=("amount",))))


def test_where_equality_sees_less_than_the_attributes_the_attribute_that_differs_is_asserted_too(observe: Any) -> None:
    source = MONEY.replace(" and self._currency == other._currency", "").replace("_currency", "currency")
    mutants = {"drops the currency": ("* 2, money.currency", "* 2"), "times 3": ("* 2", "* 3")}
    first, *_ = Bench(source, mutants, observe).plainer(doubled(Argument(Text("CHF"), "currency")))
    assert first.kills == set(mutants)
    assert Equals(Text("CHF"), Subject(path=("currency",))) in first.said.expect
    assert not any(expectation.subject.view for expectation in first.said.expect if isinstance(expectation, Equals))


def test_where_nothing_but_the_text_can_be_seen_it_is_asserted(observe: Any) -> None:
    source = MONEY.replace("def __eq__", "def same").replace("amount", "_amount")
    first, *_ = Bench(source, {"times 3": ("* 2", "* 3")}, observe).plainer(doubled())
    assert first.said.expect == (IsInstance("m:Money"), Equals(Text("<4 EUR>"), Subject(view="repr")))


def test_a_receiver_that_was_changed_is_held_against_a_new_one(observe: Any) -> None:
    source = MONEY + "\ndef add(money):\n    money.amount += 1\n"
    trial = Trial("m:add", Call("m:add", (Argument(Ref("purse")),)), (Step(money(1), "purse"),))
    first, *_ = Bench(source, {"adds 2": ("+= 1", "+= 2")}, observe).plainer(trial)
    assert first.said.expect == (Equals(money(2), Subject(of="purse")),)


def test_items_of_a_list_are_held_against_new_ones(observe: Any) -> None:
    source = MONEY + "\ndef both(money):\n    return [money, double(money)]\n"
    first, *_ = Bench(source, {"times 3": ("* 2", "* 3")}, observe).plainer(
        Trial("m:both", Call("m:both", (Argument(money(1)),)))
    )
    assert first.said.expect == equal_to(List((money(1), money(2))))

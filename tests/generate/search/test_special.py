"""Special methods are tried the way people use them, and on what else an object could be held against."""

import random
from typing import Any

import pytest

from qtest.generate.search.making import Maker
from qtest.generate.search.pools import Pools
from qtest.generate.search.sources import Sources
from qtest.generate.search.special import Special, key_of, with_key
from qtest.generate.search.trial import Trial
from qtest.records.case import (
    Argument,
    Call,
    Construct,
    Consume,
    Expression,
    Get,
    Int,
    List,
    Null,
    Operate,
    Ref,
    Set,
    SetAttribute,
    Text,
    Tuple,
)

STORE = """
from typing import overload

class Store(dict):
    def __init__(self, items: list[int] = ()):
        super().__init__((item, item) for item in items)

    def __setitem__(self, key: str, value: int):
        super().__setitem__(key, value)

    def __contains__(self, key: str):
        return super().__contains__(key)

    @overload
    def __getitem__(self, key: slice) -> list[int]: ...
    @overload
    def __getitem__(self, key: str) -> int: ...
    def __getitem__(self, key):
        return super().__getitem__(key)

    def __eq__(self, other):
        return sorted(self) == sorted(other)

    def __hash__(self):
        return len(self)

    def __reduce__(self):
        return Store, (list(self),)
"""
BOX, KEY = Ref("store"), Text("a")
MADE = Construct("m:Store", (Argument(List((Int(2), Int(1)))),))


def used(bench: Any, name: str, made: Expression | None = None, times: int = 60) -> set[Expression | None]:
    code = bench(STORE, {}).code
    rng = random.Random(0)
    special = Special(code, Maker(code, Pools(bench(STORE, {}).brief(), rng), rng), rng)
    return {special.use(code.symbols[f"m:Store.{name}"], BOX, made) for _ in range(times)}


def trials(bench: Any, name: str, times: int = 60) -> list[Trial]:
    made, rng = bench(STORE, {}), random.Random(0)
    sources = Sources(made.brief(), made.code, Maker(made.code, Pools(made.brief(), rng), rng), rng)
    return [trial for _ in range(times) for trial in sources.fresh(f"m:Store.{name}")]


def test_an_object_is_held_against_plain_holders_of_its_items(bench: Any) -> None:
    others = {found.operands[1] for found in used(bench, "__eq__", MADE) if isinstance(found, Operate)}
    assert {List((Int(2), Int(1))), Tuple((Int(2), Int(1))), Set((Int(1), Int(2)))} <= others


def test_the_hash_is_held_against_that_of_an_equal_object(bench: Any) -> None:
    assert used(bench, "__hash__", MADE) == {Operate("==", (Operate("hash", (BOX,)), Operate("hash", (MADE,))))}


def test_what_pickling_calls_is_tried_by_pickling(bench: Any) -> None:
    assert Call("pickle:loads", (Argument(Call("pickle:dumps", (Argument(BOX),))),)) in used(bench, "__reduce__")


def test_overloads_say_what_an_item_is_asked_for_by(bench: Any) -> None:
    assert {found.operator for found in used(bench, "__getitem__") if isinstance(found, Operate)} == {"[]", "[:]"}


def test_a_slice_is_written_as_one(bench: Any) -> None:
    assert Operate("[:]", (BOX, Null(), Null())) in used(bench, "__getitem__")


def test_a_container_is_filled_before_it_is_asked(bench: Any) -> None:
    steps = [step.does for trial in trials(bench, "__contains__") for step in trial.setup[1:]]
    assert any(isinstance(does, Operate) and does.operator == "[]=" for does in steps)


def test_what_was_put_in_is_asked_for(bench: Any) -> None:
    asked = [
        (key_of(trial.input), [key_of(step.does) for step in trial.setup[1:]])
        for trial in trials(bench, "__contains__")
    ]
    assert sum(key in said for key, said in asked if said) > sum(bool(said) for _, said in asked) // 3


@pytest.mark.parametrize(
    "given",
    [
        Operate("[]", (BOX, KEY)),
        Operate("in", (KEY, BOX)),
        Operate("[]=", (BOX, KEY, Int(1))),
        Call("m:Store.get", (Argument(KEY), Argument(Int(1))), BOX),
        Consume(Call("m:Store.get", (Argument(KEY),), BOX)),
    ],
)
def test_a_key_is_found_and_changed_where_it_stands(given: Expression) -> None:
    assert key_of(given) == KEY
    changed = with_key(given, Text("b"))
    assert key_of(changed) == Text("b")
    assert with_key(changed, KEY) == given


OPEN = """
class Open:
    def __init__(self, **known): ...
    def __getattr__(self, name): ...
    def __setattr__(self, name, value): ...
    def __delattr__(self, name): ...
    def __missing__(self, key): ...
    def __dir__(self): ...
    def __round__(self): ...
    def __getnewargs_ex__(self): ...
"""
ASKED = Ref("it")


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("__getattr__", Get(ASKED, "size")),
        ("__delattr__", Call("builtins:delattr", (Argument(ASKED), Argument(Text("size"))))),
        ("__dir__", Call("builtins:dir", (Argument(ASKED),))),
        ("__round__", Call("builtins:round", (Argument(ASKED),))),
    ],
)
def test_attributes_and_functions_stand_for_their_methods(bench: Any, name: str, used: Expression) -> None:
    made = Construct("m:Open", (Argument(Int(1), "size"),))
    code = bench(OPEN, {}).code
    rng = random.Random(0)
    special = Special(code, Maker(code, Pools(bench(OPEN, {}).brief(), rng), rng), rng)
    found = {special.use(code.symbols[f"m:Open.{name}"], ASKED, made) for _ in range(40)}
    assert used in found


def test_an_attribute_is_set_and_a_missing_key_is_asked_for(bench: Any) -> None:
    bench = bench(OPEN, {})
    rng = random.Random(0)
    special = Special(bench.code, Maker(bench.code, Pools(bench.brief(), rng), rng), rng)
    changed = special.use(bench.code.symbols["m:Open.__setattr__"], ASKED)
    asked = special.use(bench.code.symbols["m:Open.__missing__"], ASKED)
    assert isinstance(changed, SetAttribute)
    assert changed.attribute == "name"
    assert isinstance(asked, Operate)
    assert asked.operator == "[]"

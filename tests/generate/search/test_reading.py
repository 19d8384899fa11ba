"""After something was done to an object it is looked at by what it offers for that."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from qtest.generate.search.reading import Reading
from qtest.generate.search.trial import Trial
from qtest.languages.python.phrase import sketch
from qtest.records.case import (
    Argument,
    Call,
    CallCase,
    Construct,
    Entry,
    Expression,
    Get,
    Int,
    Map,
    Operate,
    Ref,
    SetAttribute,
    Step,
    Text,
)

Made = Callable[[str, Mapping[str, tuple[str, str]]], Any]
Searched = Callable[..., list[Any]]

STORE = """
class Store:
    def __init__(self):
        self._kept = {}

    def put(self, key, value, lasting=False):
        self._kept[key] = value
        return self

    def get(self, key):
        return self._kept.get(key)

    def find(self, prefix):
        return [key for key in self._kept if key.startswith(prefix)]

    def newest(self, count=1):
        return list(self._kept)[-count:]

    @property
    def size(self):
        return len(self._kept)

    def __setitem__(self, key, value):
        self._kept[key] = value

    def __getitem__(self, key):
        return self._kept[key]

    def __len__(self):
        return len(self._kept)

    def _private(self):
        return 1
"""
MADE = (Step(Construct("m:Store"), "store"),)
STORE_REF = Ref("store")


def looks(bench: Made, done: Expression, target: str = "m:Store.put") -> list[str]:
    """How the object is looked at, as text."""
    found = Reading(bench(STORE, {}).code).after(Trial(target, done, MADE))
    return [sketch(trial.setup, trial.input, "m").expr for trial in found]


def test_readers_are_given_what_the_change_was_given(bench: Made) -> None:
    done = Call("m:Store.put", (Argument(Text("a")), Argument(Int(1))), STORE_REF)
    expected = {'store.get("a")', "store.newest()", "store.size", 'store["a"]', "len(store)"}
    assert set(looks(bench, done)) == expected


def test_what_a_subscript_has_set_is_read_by_its_key(bench: Made) -> None:
    done = Operate("[]=", (STORE_REF, Text("a"), Int(1)))
    assert {'store.get("a")', 'store["a"]'} <= set(looks(bench, done, "m:Store.__setitem__"))


def test_after_an_attribute_was_set_nothing_is_given(bench: Made) -> None:
    assert set(looks(bench, SetAttribute(STORE_REF, "limit", Int(1)))) == {"store.newest()", "store.size", "len(store)"}


def test_the_change_is_the_last_step_of_the_set_up(bench: Made) -> None:
    done = Call("m:Store.put", (Argument(Text("a")), Argument(Int(1))), STORE_REF)
    for trial in Reading(bench(STORE, {}).code).after(Trial("m:Store.put", done, MADE)):
        assert trial.setup == (*MADE, Step(done))
        assert trial.target == "m:Store.put"


def test_a_call_of_a_function_leaves_nothing_to_look_at(bench: Made) -> None:
    assert looks(bench, Call("m:make", ()), "m:make") == []


BOX = """
class Box:
    def __init__(self):
        self._held = 0

    def put(self, amount: int):
        self._held = amount

    def held(self):
        return self._held
"""


def test_a_change_that_only_a_reader_shows_is_tested(searched: Searched) -> None:
    found = searched(BOX, {"forgets": ("self._held = amount", "pass")}, {"forgets": "Box.put"})
    (case,) = [item for item in found if isinstance(item, CallCase)]
    assert [step.does.symbol for step in case.setup if isinstance(step.does, Call)] == ["m:Box.put"]
    assert isinstance(case.input, Call)
    assert case.input.symbol == "m:Box.held"


CARRIES = """
class Wrong(ValueError):
    def __init__(self, line: int):
        super().__init__("wrong")
        self.line = line
        self._hidden = 0

class Plain:
    def __init__(self, line: int):
        self.line = line
"""


@pytest.mark.parametrize(("name", "expected"), [("Wrong", ["wrong.line"]), ("Plain", [])])
def test_what_an_exception_carries_beside_its_text_is_looked_at(bench: Made, name: str, expected: list[str]) -> None:
    made = Trial(f"m:{name}", Construct(f"m:{name}", (Argument(Int(3)),)))
    found = Reading(bench(CARRIES, {}).code).after(made)
    assert [sketch(trial.setup, trial.input, "m").expr for trial in found] == expected


HELD = """
class Held:
    def __init__(self, items):
        self._items = dict(items)

    def __getitem__(self, key):
        return self._items[key]

    def __len__(self):
        return len(self._items)

    def pop(self, key):
        return self._items.pop(key)
"""


def test_a_container_made_of_items_is_asked_for_the_first_of_them(bench: Made) -> None:
    items = Map((Entry(Text("a"), Int(1)), Entry(Text("b"), Int(2))))
    found = Reading(bench(HELD, {}).code).after(Trial("m:Held", Construct("m:Held", (Argument(items),))))
    looked = {sketch(trial.setup, trial.input, "m").expr for trial in found}
    assert looked == {'held["a"]', "len(held)", 'held.pop("a")'}


def test_a_container_made_of_nothing_is_not_asked(bench: Made) -> None:
    assert not list(Reading(bench(HELD, {}).code).after(Trial("m:Held", Construct("m:Held", (Argument(Map()),)))))


def test_what_an_exception_carries_is_tested(searched: Searched) -> None:
    found = searched(
        CARRIES, {"forgets": ("self.line = line\n        self._", "self._")}, {"forgets": "Wrong.__init__"}
    )
    assert [item.input for item in found if isinstance(item, CallCase)] == [Get(Ref("wrong"), "line")]

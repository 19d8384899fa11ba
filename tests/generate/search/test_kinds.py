"""What a parameter takes, where its own annotation does not say it."""

import random
from typing import Any

import pytest

from qtest.generate.search.kinds import ANY, INT, NULL, TEXT, Kind
from qtest.generate.search.making import Maker
from qtest.generate.search.pools import Pools
from qtest.records.case import Int, Set

COMMENTED = """
from typing import Optional, overload

class Box:
    def put(self, name, count=None, *others):
        # type: (str, Optional[int], *bytes) -> None
        self.held = (name, count)

    def bad(self, name):
        # type: this is no type
        return len(name)

    def discard(self, key):
        self.forget(key)

    @overload
    def at(self, where: int) -> str: ...
    @overload
    def at(self, where: slice) -> list[str]: ...
    def at(self, where):
        return self.held[where]

def arranged(items, key):
    return sorted(items, key=key)
"""


@pytest.mark.parametrize(
    ("symbol", "name", "kinds"),
    [
        ("m:Box.at", "where", (INT, Kind("slice"))),
        ("m:Box.discard", "key", (TEXT, INT)),
    ],
)
def test_a_parameter_without_annotation_takes_what_is_said_elsewhere(
    bench: Any, symbol: str, name: str, kinds: tuple[Kind, ...]
) -> None:
    assert _wanted(bench, COMMENTED, symbol, name) == kinds


@pytest.mark.parametrize(("name", "kinds"), [("name", (TEXT,)), ("count", (INT, NULL))])
def test_a_comment_gives_types(bench: Any, name: str, kinds: tuple[Kind, ...]) -> None:
    assert _wanted(bench, COMMENTED.replace("# type: this is no type", ""), "m:Box.put", name) == kinds


def test_a_comment_that_is_no_type_is_passed_over(bench: Any) -> None:
    assert _wanted(bench, COMMENTED, "m:Box.bad", "name")


def test_a_key_to_arrange_by_is_a_function(bench: Any) -> None:
    assert _wanted(bench, COMMENTED, "m:arranged", "key")[0].name == "callable"


def _wanted(bench: Any, source: str, symbol: str, name: str) -> tuple[Kind, ...]:
    code = bench(source, {}).code
    function = code.symbols[symbol]
    (parameter,) = [item for item in function.parameters if item.name == name]
    found: tuple[Kind, ...] = code.wanted(function, parameter).kinds
    return found


def test_a_set_of_anything_holds_numbers_whose_order_is_the_same_in_every_process(bench: Any) -> None:
    made, rng = bench(COMMENTED, {}), random.Random(0)
    maker = Maker(made.code, Pools(made.brief(), rng), rng)
    kinds = [Kind(name, inside) for name in ("set", "frozenset") for inside in ((), (ANY,))]
    sets = [maker.of(kind) for kind in kinds for _ in range(20)]
    assert {type(item) for found in sets if isinstance(found, Set) for item in found.items} == {Int}

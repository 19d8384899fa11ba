"""The canonical form: what a test may assert of a value, and which values pass each other's tests."""

import ast
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import importlib
import ipaddress
import json
import re
import sys
import types
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest

from qtest.languages.python.toolchain import PROBE
from qtest.records.case import expression_from_json


@pytest.fixture(scope="module")
def observe() -> Iterator[Any]:
    """Imported as in the target: under a name of its own, from the folder."""
    package = types.ModuleType("_qtest_probe")
    package.__path__ = [str(PROBE)]
    before = set(sys.modules)
    sys.modules["_qtest_probe"] = package
    yield importlib.import_module("_qtest_probe.observe")
    for name in set(sys.modules) - before:
        if name.startswith("_qtest_probe"):
            del sys.modules[name]


class Colour(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    LOW = 1


class Point(NamedTuple):
    x: int
    y: int


@dataclasses.dataclass
class Size:
    width: int
    unit: str = "cm"


class Version:
    def __init__(self, major: int) -> None:
        self._major = major

    @property
    def major(self) -> int:
        return self._major

    def __repr__(self) -> str:
        return f"Version({self._major})"


class Plain:
    """No repr of its own: the default one has an address."""


class Name(str):
    pass


class Hard:
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("no")

    def __repr__(self) -> str:
        raise ValueError("no")


class Liar:
    @property  # type: ignore[misc]
    def __class__(self) -> type:
        raise RuntimeError("no")


SAYABLE = [
    None,
    True,
    -5,
    10**400,
    1.5,
    float("nan"),
    "é\ud800\n",
    b"\x00a",
    [1, ("a", None)],
    {"b": 1, "a": [2]},
    {3, 1},
    frozenset("a"),
    decimal.Decimal("1.10"),
    fractions.Fraction(1, 3),
    uuid.UUID(int=5),
    ipaddress.ip_network("10.0.0.0/8"),
    2 + 3j,
    datetime.date(2024, 2, 29),
    datetime.time(1, 2),
    datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
    datetime.timedelta(days=-1),
    re.compile("a+", re.IGNORECASE),
    range(1, 9, 2),
    bytearray(b"a"),
    collections.deque([1]),
    Colour.RED,
    Point(1, 2),
    Size(3),
    int,
    json.dumps,
]


@pytest.mark.parametrize("value", SAYABLE, ids=lambda value: f"{type(value).__name__} {value!a:.20}")
def test_what_the_dsl_can_say_is_said_in_its_own_json(observe: Any, value: object) -> None:
    form = observe.seen(value)
    expression = expression_from_json(json.dumps(form))
    assert json.loads(json.dumps(form))["kind"] == expression.kind


def key(observe: Any, value: object) -> str:
    found: str = observe.key({"result": observe.seen(value)})
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (0.0, -0.0),
        (1, decimal.Decimal("1.00")),
        ([True], [1]),
        ({1}, frozenset({1})),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (b"a", bytearray(b"a")),
        (1, Level.LOW),
        (float("nan"), float("nan")),
        (
            datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
            datetime.datetime(2024, 1, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
        ),
    ],
)
def test_values_that_pass_each_others_assertion_have_one_key(observe: Any, one: object, other: object) -> None:
    assert key(observe, one) == key(observe, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (True, 1),
        (None, False),
        ([1], (1,)),
        ("a", b"a"),
        (Colour.RED, 1),
        (Name("a"), "a"),
        (Version(1), Version(2)),
        (Point(1, 2), Point(2, 1)),
        (datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1)),
        (iter([1, 2]), [1, 2]),
    ],
)
def test_values_that_an_assertion_tells_apart_have_two_keys(observe: Any, one: object, other: object) -> None:
    assert key(observe, one) != key(observe, other)


def test_an_object_is_its_class_its_repr_and_its_public_attributes(observe: Any) -> None:
    form = observe.seen(Version(3))
    assert form["kind"] == "object"
    assert form["symbol"].endswith(":Version")
    assert form["repr"] == "Version(3)"
    assert form["attributes"] == {"major": {"kind": "int", "value": 3}}


def test_an_object_without_anything_to_see_is_unsupported(observe: Any) -> None:
    with pytest.raises(observe.Unsupported):
        observe.seen(Plain())


@pytest.mark.parametrize("kind", [Hard, Liar])
def test_objects_that_refuse_to_be_looked_at_raise_nothing_of_theirs(observe: Any, kind: type) -> None:
    assert observe.seen([kind()])["items"][0]["kind"] == "opaque"


def test_no_address_is_ever_part_of_a_form(observe: Any) -> None:
    holder = types.SimpleNamespace(plain=Plain(), call=lambda: 1, bound=Version(1).__repr__)
    assert "0x" not in json.dumps(observe.seen([holder, object(), lambda: 1]))


def test_an_iterator_is_consumed_to_its_end_or_fifty_items(observe: Any) -> None:
    assert observe.seen(x for x in "ab")["items"] == [{"kind": "text", "value": "a"}, {"kind": "text", "value": "b"}]
    endless = observe.seen(iter(int, 1))
    assert (len(endless["items"]), endless["more"]) == (50, True)


def test_what_an_iterator_raises_comes_out(observe: Any) -> None:
    def late() -> Iterator[int]:
        yield 1
        raise KeyError("late")

    with pytest.raises(KeyError):
        observe.seen(late())


def test_a_list_that_holds_itself_ends(observe: Any) -> None:
    circle: list[object] = []
    circle.append(circle)
    assert observe.seen(circle)["items"][0]["kind"] == "opaque"


def test_what_is_too_big_is_unsupported_rather_than_cut(observe: Any) -> None:
    for value in ("a" * 100_000, list(range(100_000)), 10**5000):
        with pytest.raises(observe.Unsupported):
            observe.seen(value)


def test_a_message_with_an_address_is_no_message(observe: Any) -> None:
    message = importlib.import_module("_qtest_probe.inspection").message
    assert message(ValueError("bad <X at 0x7f0011223344>")) is None
    assert message(ValueError("bad 12")) == "bad 12"


def test_the_probe_is_syntax_of_python_3_9() -> None:
    for path in sorted(Path(PROBE).rglob("*.py")):
        ast.parse(path.read_text("utf-8"), feature_version=(3, 9))


def test_a_named_tuple_that_no_import_finds_is_told_as_the_tuple_that_it_equals(observe: Any) -> None:
    hidden = collections.namedtuple("Info", "hits misses")(1, 2)
    assert observe.seen(hidden)["kind"] == "tuple"
    assert observe.key({"result": observe.seen(hidden)}) == observe.key({"result": observe.seen((1, 2))})


def test_a_mock_is_no_asynchronous_iterator(observe: Any) -> None:
    assert not observe.comes_later(mock.MagicMock())
    assert observe.comes_later(_endless())


async def _endless() -> AsyncIterator[int]:
    while True:
        yield 1

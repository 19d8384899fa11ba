"""What people wrote is tried as it stands, unless it depends on the day."""

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from qtest.generate.search.heirs import receivers
from qtest.generate.search.making import Maker
from qtest.generate.search.pools import Pools
from qtest.generate.search.sources import Sources
from qtest.records.case import Argument, Call, Date, Enter, Expression, Int, Operate
from qtest.records.system import Usage

Made = Callable[[str, Mapping[str, tuple[str, str]]], Any]


@pytest.mark.parametrize(
    ("given", "tried"),
    [
        (Date("2024-02-29"), 1),
        (Call("datetime:date.today"), 0),
        (Operate("-", (Call("datetime:datetime.now"), Date("2024-02-29"))), 0),
    ],
)
def test_a_usage_that_reads_the_clock_is_no_example(bench: Made, given: Expression, tried: int) -> None:
    made = bench("def day(when):\n    return when\n", {})
    call = Call("m:day", (Argument(given),))
    usage = Usage(symbol="m:day", origin="existing test", place="", text="", call=call, arguments=call.arguments)
    brief = made.brief(usages=(usage,))
    rng = random.Random(0)
    sources = Sources(brief, made.code, Maker(made.code, Pools(brief, rng), rng), rng)
    assert len(list(sources.written())) == tried


HEIRS = """
class Box(dict):
    def at(self, key): return self[key]
class Filled(Box):
    def __missing__(self, key): return 0
class Own(Box):
    def at(self, key): return 1
class Same(Box):
    def other(self): return 2
"""


def test_an_inherited_method_is_tried_on_heirs_that_change_what_it_uses(bench: Made) -> None:
    code = bench(HEIRS, {}).code
    assert receivers(code.symbols["m:Box.at"], code) == ("m:Box", "m:Filled")


OPTIONS = """
class Lock: pass
MISSING = object()
def pop(key, default=MISSING): return default
def last(key, default=...): return default
def wait(times=3): return times
def hold(lock: Lock | None = None): return lock
"""


@pytest.mark.parametrize(
    ("target", "name", "among"),
    [
        ("m:pop", "default", {"null", "int"}),
        ("m:last", "default", {"null", "int"}),
        ("m:hold", "lock", {"null", "construct"}),
    ],
)
def test_an_option_is_left_out_given_as_nothing_and_given_as_something(
    bench: Made, target: str, name: str, among: set[str]
) -> None:
    made = bench(OPTIONS, {})
    given = [_argument(trial.input, name) for trial in _sources(made).systematic(target)]
    assert {None, *among} <= {None if value is None else value.kind for value in given}


def test_an_option_is_given_as_what_it_would_be_anyway(bench: Made) -> None:
    given = [_argument(trial.input, "times") for trial in _sources(bench(OPTIONS, {})).systematic("m:wait")]
    assert {None, Int(3)} < set(given)


MANAGER = """
from contextlib import contextmanager
@contextmanager
def doubled(items):
    yield len(items) * 2
"""


def test_a_context_manager_made_of_a_generator_is_entered(bench: Made) -> None:
    tried = [trial.input for trial in _sources(bench(MANAGER, {})).systematic("m:doubled")]
    assert {type(given) for given in tried} == {Enter}
    assert len(set(tried)) > 3


TALKING = """
def averager():
    total, count = 0, 0
    while True:
        total += yield total / count if count else None
        count += 1
def guarded():
    try:
        yield 1
    except KeyError:
        yield "missing"
def deaf():
    yield 1
"""


@pytest.mark.parametrize(
    ("target", "ways"),
    [("m:averager", {"generator.send"}), ("m:guarded", {"generator.throw"}), ("m:deaf", set())],
)
def test_a_generator_is_told_something_where_its_body_listens(bench: Made, target: str, ways: set[str]) -> None:
    tried = [trial.input for trial in _sources(bench(TALKING, {})).systematic(target)]
    assert {given.symbol.partition(":")[2] for given in tried if isinstance(given, Call)} == ways


def _sources(made: Any) -> Sources:
    rng = random.Random(0)
    return Sources(made.brief(), made.code, Maker(made.code, Pools(made.brief(), rng), rng), rng)


def _argument(call: Any, name: str) -> Any:
    return next((argument.value for argument in call.arguments if argument.name == name), None)

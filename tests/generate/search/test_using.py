"""What a call gives back is used: it is called as people call it, and what it leaves changed is told."""

import importlib
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from qtest.generate.search.code import Code
from qtest.generate.search.kinds import ANY, BOOL, CALLABLE, Kind
from qtest.generate.search.making import Maker
from qtest.generate.search.pools import Pools
from qtest.generate.search.trial import Trial, watched
from qtest.generate.search.using import Uses
from qtest.languages.python.phrase import sketch
from qtest.languages.python.render import render
from qtest.records.case import Argument, Call, CallCase, Equals, Function, Int, Map, Ref, Step
from qtest.records.file import TestStyle
from qtest.records.system import Parameter
from qtest.records.workbench import Observation

Made = Callable[[str, Mapping[str, tuple[str, str]]], Any]
Searched = Callable[[str, Mapping[str, tuple[str, str]], Mapping[str, str]], list[Any]]

MEMO = """
def memo(cache):
    def decorator(func):
        def wrapper(key):
            if key not in cache:
                cache[key] = func(key)
            return cache[key]
        return wrapper
    return decorator
"""
DOUBLE = Function(("x",), Ref("x"))


@pytest.fixture
def uses(bench: Made) -> Callable[..., list[Trial]]:
    def made(source: str, trial: Trial, *takes: Parameter) -> list[Trial]:
        one = bench(source, {})
        rng = random.Random(0)
        maker = Maker(one.code, Pools(one.brief(), rng), rng)
        seen = Observation(candidate=0, status="unsupported", returned="builtins:function", takes=takes)
        return list(Uses(one.code, maker).of(trial, seen))

    return made


def parameter(name: str, kind: Any = "positional or keyword") -> Parameter:
    return Parameter(name=name, kind=kind)


def decorating(**more: Any) -> Trial:
    decorator = Call("m:memo", (Argument(Map()),))
    return Trial("m:memo", Call("builtins:function.__call__", (Argument(DOUBLE),), decorator), **more)


def lines(trial: Trial) -> tuple[str, ...]:
    drawn = sketch(trial.setup, trial.input, "m")
    return (*drawn.setup, drawn.expr)


def test_a_function_given_back_is_called_where_it_stands(uses: Callable[..., list[Trial]]) -> None:
    found = uses(MEMO, Trial("m:memo", Call("m:memo", (Argument(Map()),))), parameter("func"))
    assert lines(found[0])[0].startswith("memo({})(")


def test_a_decorated_function_is_called_twice_and_the_mapping_it_was_given_has_a_name(
    uses: Callable[..., list[Trial]],
) -> None:
    found = [lines(trial) for trial in uses(MEMO, decorating(), parameter("key"))]
    twice = next(said for said in found if said[0] == "cache = {}" and len(said) == 4)
    assert twice[1] == "decorated = memo(cache)(lambda x: x)"
    assert twice[2] == twice[3]


def test_a_list_listens_to_what_the_decorated_function_is_called_with(uses: Callable[..., list[Trial]]) -> None:
    said = [line for trial in uses(MEMO, decorating(), parameter("key")) for line in lines(trial)]
    assert "decorated = memo(cache)(calls.append)" in said


def test_a_wrapper_that_takes_anything_is_given_what_the_wrapped_function_takes(
    uses: Callable[..., list[Trial]],
) -> None:
    anything = (parameter("args", "variadic"), parameter("kwargs", "variadic keyword"))
    first = uses(MEMO, decorating(), *anything)[0]
    assert isinstance(first.input, Call)
    assert len(first.input.arguments) == 1


def test_what_can_not_be_called_is_not(bench: Made) -> None:
    one = bench(MEMO, {})
    rng = random.Random(0)
    seen = Observation(candidate=0, status="ok", returned="builtins:int")
    assert list(Uses(one.code, Maker(one.code, Pools(one.brief(), rng), rng)).of(decorating(), seen)) == []


def test_what_a_decorator_gave_back_is_not_itself_looked_at() -> None:
    setup = (Step(Map(), "cache"), Step(decorating().input, "decorated"))
    assert watched(setup, Call("builtins:function.__call__", (), Ref("decorated"))) == ("cache",)
    assert watched(setup, Ref("cache")) == ("cache", "decorated")


def test_a_search_kills_a_mutant_inside_a_decorator(searched: Searched) -> None:
    found = searched(MEMO, {"always": ("key not in cache", "key in cache")}, {"always": "memo"})
    (case,) = [item for item in found if isinstance(item, CallCase)]
    assert ".__call__" in repr(case.input)


def test_a_test_of_a_decorated_function_reads_as_a_person_writes_it() -> None:
    setup = (Step(Map(), "cache"), Step(decorating().input, "decorated"))
    given = Call("builtins:function.__call__", (Argument(Int(3)),), Ref("decorated"))
    case = CallCase(id="1", target="m:memo", setup=setup, input=given, expect=(Equals(Int(3)),))
    text = render((case,), "m", "test_m.py", TestStyle()).text
    assert "decorated = memo({})(lambda x: x)\n    assert decorated(3) == 3\n" in text


# --- callbacks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("return [x for x in xs if f(x)]", Kind("callable", (ANY, BOOL))),
        ("return f(1, 2)", Kind("callable", (ANY, ANY, ANY))),
        ("return f() + 1", Kind("callable", (ANY,))),
        ("return None if not f(xs) else xs", Kind("callable", (ANY, BOOL))),
        ("return sorted(xs, key=f)", Kind("callable", (ANY, ANY))),
        ("return f(*xs)", CALLABLE),
    ],
)
def test_a_callback_takes_what_the_body_calls_it_with(bench: Made, body: str, kind: Kind) -> None:
    code: Code = bench(f"def g(f, xs):\n    {body}\n", {}).code
    symbol = code.symbols["m:g"]
    assert code.wanted(symbol, symbol.parameters[0]).kinds[0] == kind


def test_a_callback_that_an_object_keeps_takes_what_its_methods_call_it_with(bench: Made) -> None:
    source = """
class Watch:
    def __init__(self, tick):
        self.tick = tick

    def over(self, start):
        return self.tick(start, 1) > 0
"""
    code: Code = bench(source, {}).code
    symbol = code.symbols["m:Watch.__init__"]
    assert code.wanted(symbol, symbol.parameters[1]).kinds == (Kind("callable", (ANY, ANY, ANY)),)


def test_an_object_of_the_module_is_given_where_its_attributes_are_read(bench: Made) -> None:
    source = """
class Stats:
    def __init__(self, data):
        self.data, self.total = data, 0

def spread(thing):
    return thing.total - len(thing.data)
"""
    code: Code = bench(source, {}).code
    symbol = code.symbols["m:spread"]
    assert code.wanted(symbol, symbol.parameters[0]).kinds[0] == Kind("class", symbol="m:Stats")


def test_attributes_that_builtins_have_tell_no_class(bench: Made) -> None:
    source = "class Box:\n    def append(self, x): pass\n\ndef fill(box):\n    box.append(1)\n"
    code: Code = bench(source, {}).code
    symbol = code.symbols["m:fill"]
    assert [kind.name for kind in code.wanted(symbol, symbol.parameters[0]).kinds] == ["list"]


# --- in the probe -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "names"),
    [(lambda x, *more, y=1: x, ["x", "more", "y"]), ([].append, ["object"]), (3, None), (dict, None)],
)
def test_the_parameters_of_what_can_be_called_are_told(observe: Any, value: Any, names: list[str] | None) -> None:
    found = importlib.import_module("_qtest_probe.inspection").takes(value)
    assert (None if found is None else [item["name"] for item in found]) == names

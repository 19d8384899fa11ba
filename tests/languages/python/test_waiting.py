"""Asynchronous code as a test says it: one event loop for the whole test, and nothing of it where nothing is awaited."""

import subprocess
import sys
from pathlib import Path

import pytest

from qtest.languages.python.render import render
from qtest.records.case import (
    Argument,
    Bool,
    Call,
    CallCase,
    Construct,
    Consume,
    Enter,
    Equals,
    Expectation,
    Expression,
    Function,
    Get,
    Int,
    Is,
    Later,
    List,
    Null,
    Operate,
    Raises,
    Ref,
    Step,
    Subject,
)
from qtest.records.file import TestStyle

TOYS = """
import asyncio


class Gate:
    def __init__(self, most):
        self.most, self.inside, self.lock = most, 0, asyncio.Lock()

    async def enter(self):
        async with self.lock:
            if self.inside == self.most:
                raise ValueError("full")
            self.inside += 1
            return self.inside

    def is_full(self):
        return self.inside == self.most

    async def __aenter__(self):
        return await self.enter()

    async def __aexit__(self, *error):
        self.inside -= 1


async def double(number):
    return 2 * number


async def mapped(function, items):
    async for item in items:
        yield await function(item)


async def endless():
    while True:
        yield 7
"""
GATE = Step(Construct("toys:Gate", (Argument(Int(1)),)), "gate")
EVEN = Function(("x",), Operate("==", (Operate("%", (Ref("x"), Int(2))), Int(0))), "is_even", awaited=True)
MAPPED = Call("toys:mapped", (Argument(EVEN), Argument(Later(List((Int(1), Int(2)))))))


def entering(awaited: bool = True) -> Call:
    return Call("toys:Gate.enter", (), Ref("gate"), awaited)


def test_of(given: Expression, expect: tuple[Expectation, ...], *setup: Step) -> str:
    """The text of the one test."""
    case = CallCase(id="1", target="toys:Gate.enter", setup=setup, input=given, expect=expect)
    return render((case,), "toys", "test_toys.py", TestStyle()).text


def body(text: str) -> str:
    return text.partition("\ndef test_")[2].partition("\n")[2]


test_of.__test__ = False  # type: ignore[attr-defined]

SAID = {
    "one call": (Call("toys:double", (Argument(Int(2)),), awaited=True), (Equals(Int(4)),)),
    "set-up": (Call("toys:Gate.is_full", (), Ref("gate")), (Is(Bool(True)),), GATE, Step(entering())),
    "an error": (entering(), (Raises("builtins:ValueError", "full"),), GATE, Step(entering())),
    "a changed object": (entering(), (Equals(Int(1)), Equals(Int(1), Subject("gate", ("inside",)))), GATE),
    "items": (Consume(MAPPED, 0, awaited=True), (Equals(List((Bool(False), Bool(True)))),)),
    "some items": (Consume(Call("toys:endless"), 2, awaited=True), (Equals(List((Int(7), Int(7)))),)),
    "a context manager": (Enter(Ref("gate"), awaited=True), (Equals(Int(1)),), GATE),
    "a context manager before": (Get(Ref("gate"), "inside"), (Equals(Int(0)),), GATE, Step(Enter(Ref("gate"), True))),
    "two at once": (
        Call("asyncio:gather", (Argument(entering(False)), Argument(Call("toys:double", (Argument(Int(2)),)))), None, True),
        (Equals(List((Int(1), Int(4)))),),
        GATE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_it_passes_under_pytest_and_awaits_in_one_loop(name: str, tmp_path: Path) -> None:
    given, expect, *setup = SAID[name]
    text = test_of(given, expect, *setup)  # type: ignore[arg-type]
    (tmp_path / "toys.py").write_text(TOYS)
    (tmp_path / "test_toys.py").write_text(text)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout
    assert text.count("asyncio.run(") == 1


def test_a_lone_call_is_handed_to_a_loop_as_it_is() -> None:
    given, expect = SAID["one call"]
    assert body(test_of(given, expect)) == "    assert asyncio.run(double(2)) == 4\n"  # type: ignore[arg-type]


def test_what_is_looked_at_comes_out_of_the_scenario() -> None:
    given, expect, *setup = SAID["set-up"]
    assert body(test_of(given, expect, *setup)) == (  # type: ignore[arg-type]
        "    async def scenario():\n"
        "        gate = Gate(1)\n"
        "        await gate.enter()\n"
        "        return gate.is_full()\n"
        "\n"
        "    assert asyncio.run(scenario()) is True\n"
    )


def test_an_attribute_of_the_result_is_looked_at_before_the_loop_is_closed() -> None:
    text = test_of(
        Construct("toys:Gate", (Argument(Int(1)),)),
        (Equals(Int(0), Subject(path=("inside",))),),
        GATE,
        Step(entering()),
    )
    assert "        assert Gate(1).inside == 0\n\n    asyncio.run(scenario())\n" in text


def test_only_the_last_step_may_raise() -> None:
    given, expect, *setup = SAID["an error"]
    assert body(test_of(given, expect, *setup)) == (  # type: ignore[arg-type]
        "    async def scenario():\n"
        "        gate = Gate(1)\n"
        "        await gate.enter()\n"
        '        with pytest.raises(ValueError, match="^full$"):\n'
        "            await gate.enter()\n"
        "\n"
        "    asyncio.run(scenario())\n"
    )


def test_a_coroutine_function_stands_beside_the_tests_by_its_name() -> None:
    given, expect = SAID["items"]
    text = test_of(given, expect)  # type: ignore[arg-type]
    assert "async def is_even(x):\n    return x % 2 == 0\n" in text
    assert "return [item async for item in mapped(is_even, async_iter([1, 2]))]" in text


def test_two_functions_of_one_name_are_kept_apart() -> None:
    never = Function(("x",), Bool(False), "is_even", awaited=True)
    cases = [
        CallCase(id=name, target="toys:mapped", input=Consume(Call("toys:mapped", (Argument(one), Argument(Null()))), 0, True), expect=())
        for name, one in (("1", EVEN), ("2", never))
    ]  # fmt: skip
    text = render(cases, "toys", "", TestStyle()).text
    assert "async def is_even(x):\n    return x % 2 == 0\n" in text
    assert "async def is_even_2(x):\n    return False\n" in text

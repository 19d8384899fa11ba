"""Functions that draw at random: what a test of them does first."""

from typing import Any

import pytest

from qtest.languages.python.render import render
from qtest.records.case import CallCase
from qtest.records.file import TestStyle

DRAWS = """
import random

def toss(sides: int = 6):
    return [random.randint(1, sides * 1000) for _ in range(3)]

def double(number: int):
    return number * 2
"""
EDITS = {"two": ("range(3)", "range(2)"), "triple": ("number * 2", "number * 3")}
HOMES = {"two": "toss", "triple": "double"}


def texts(found: list[Any]) -> dict[str, str]:
    cases = [item for item in found if isinstance(item, CallCase)]
    return {case.target: render([case], "m", "test_m.py", TestStyle()).text for case in cases}


def test_what_draws_at_random_is_seeded_first(searched: Any) -> None:
    text = texts(searched(DRAWS, EDITS, HOMES))["m:toss"]
    assert "    random.seed(0)\n" in text
    assert text.count("import random") == 1


def test_what_does_not_draw_is_not_seeded(searched: Any) -> None:
    assert "random" not in texts(searched(DRAWS, EDITS, HOMES))["m:double"]


def test_chance_that_no_seed_reaches_makes_no_test(searched: Any) -> None:
    source = DRAWS.replace("random.randint", "random.SystemRandom().randint")
    assert "m:toss" not in texts(searched(source, EDITS, HOMES))


@pytest.mark.parametrize(
    ("source", "draws"),
    [
        ("import math, random\n", True),
        ("from random import choice\n", True),
        ("def toss():\n    import random\n", True),
        ("import math\n# not at random\n", False),
    ],
)
def test_only_a_module_that_imports_random_draws(bench: Any, source: str, draws: bool) -> None:
    assert bench(source, {}).code.draws is draws

"""A method that leaves its object as it was is not called for its effect."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from qtest.generate.search.quiet import is_quiet

Made = Callable[[str, Mapping[str, tuple[str, str]]], Any]

SHELF = """
import other

def plain(shelf):
    return len(shelf.things)

def filling(shelf):
    shelf.things.append(1)

class Base:
    def ground(self):
        return self.things.copy()

    def reset(self):
        self.things = []

class Shelf(Base):
    def __init__(self):
        self.things = []

    def put(self, thing):
        self.things.append(thing)

    def count(self):
        return len(self.things)

    def twice(self):
        return self.count() * 2

    def put_twice(self, thing):
        self.put(thing)
        self.put(thing)

    def named(self):
        return ", ".join(sorted(str(thing) for thing in self.things))

    def based(self):
        return self.ground()

    def based_reset(self):
        self.reset()

    def by_function(self):
        return plain(self)

    def by_filling(self):
        return filling(self)

    def by_another(self):
        return other.look(self)

    def lent(self):
        return self.things.sort()

    def as_other(self):
        return other.look(self)

    def drawn(self):
        return self.things.draw()

    def looped(self, depth):
        return self.looped(depth - 1) if depth else self.count()
"""


@pytest.mark.parametrize(
    ("method", "quiet"),
    [
        ("put", False),
        ("count", True),
        ("twice", True),
        ("put_twice", False),
        ("named", True),
        ("based", True),
        ("based_reset", False),
        ("by_function", True),
        ("by_filling", False),
        ("by_another", False),
        ("lent", False),
        ("as_other", True),
        ("drawn", False),
        ("looped", True),
    ],
)
def test_what_is_known_to_change_nothing_is_quiet(bench: Made, method: str, quiet: bool) -> None:
    code = bench(SHELF, {}).code
    assert is_quiet(code.symbols[f"m:Shelf.{method}"], code) is quiet

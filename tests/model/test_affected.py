"""Which functions a change touches, and which reach those."""

import pytest

from qtest.languages.python.parse import parse
from qtest.model.affected import Affected, Revision, affected
from qtest.model.callgraph import call_graph
from qtest.model.directory import Directory
from qtest.records.source import Project
from qtest.records.system import SystemModel

PROJECT = Project(root="", language="python", name="p", layout="flat", import_roots=("",))
SHOP = '''\
"""A shop."""
import math
RATE = 3
NAMES = ("a",)


def fee(amount):
    """What it costs."""
    return amount * RATE


def bill(amounts):
    return sum(fee(one) for one in amounts)


class Till:
    start = 0

    def take(self, amounts):
        return self.start + bill(amounts)

    def idle(self):
        return NAMES
'''
OTHER = "from shop import RATE as rate\n\ndef twice():\n    return 2 * rate\n\ndef none():\n    return 0\n"


def revision(shop: str) -> Revision:
    texts = {"shop.py": shop, "other.py": OTHER}
    modules = tuple(parse(text, path, PROJECT) for path, text in texts.items())
    system = SystemModel(modules=modules, calls=call_graph(Directory(modules)))
    return Revision(system, lambda module: texts[module.path])


def after(*edits: tuple[str, str]) -> Affected:
    text = SHOP
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return affected(revision(SHOP), revision(text))


def test_callers_of_what_changed_are_reached_the_nearest_first() -> None:
    found = after(("amount * RATE", "amount + RATE"))
    assert (found.touched, found.reaching) == (("shop:fee",), ("shop:bill", "shop:Till.take"))


def test_a_constant_touches_those_that_use_it_in_other_modules_too() -> None:
    assert after(("RATE = 3", "RATE = 4")).touched == ("other:twice", "shop:fee")


def test_what_a_class_says_outside_of_methods_touches_the_class() -> None:
    assert after(("start = 0", "start = 1")).touched == ("shop:Till",)


@pytest.mark.parametrize(
    "edit",
    [
        ("What it costs.", "Its price."),
        ("    return amount * RATE", "    # a comment\n\n    return (amount * RATE)"),
        ('"""A shop."""', '"""The shop."""\n'),
        ("import math", "import math, json"),
    ],
)
def test_what_only_a_reader_sees_touches_nothing(edit: tuple[str, str]) -> None:
    assert after(edit) == Affected()


def test_functions_that_come_and_go_are_told_apart_from_those_that_change() -> None:
    found = after(("def bill(", "def total("))
    assert (found.added, found.removed, found.touched) == (("shop:total",), ("shop:bill",), ())


def test_a_statement_that_binds_nothing_touches_the_whole_module() -> None:
    found = after(("import math", "import math\nprint(1)"))
    assert found.touched == ("shop:Till", "shop:Till.idle", "shop:Till.take", "shop:bill", "shop:fee")

"""Edits of a file of tests leave every byte that they do not have to change."""

import pytest

from qtest.languages.python.edits import with_homes, without_tests

TEXT = """\
# a head
import math, os

import pytest
from shop.prices import (  # what is tested
    Basket,
    total as whole,
)


class TestTotal:
    def test_a(self):
        assert whole( 1 )  ==  os.sep


@pytest.mark.slow
def test_b():   # odd   spacing
    assert Basket() == math.pi
"""


def test_a_test_goes_with_the_imports_that_only_it_used() -> None:
    assert without_tests(TEXT, ("test_b",)) == (
        "# a head\nimport os\nfrom shop.prices import (  # what is tested\n    total as whole,\n)\n\n\n"
        "class TestTotal:\n    def test_a(self):\n        assert whole( 1 )  ==  os.sep\n"
    )


def test_a_class_goes_with_its_last_test() -> None:
    left = without_tests(TEXT, ("TestTotal::test_a",))
    assert "class" not in left
    assert left.endswith("@pytest.mark.slow\ndef test_b():   # odd   spacing\n    assert Basket() == math.pi\n")


def test_nothing_is_left_without_a_test() -> None:
    assert without_tests(TEXT, ("test_b", "TestTotal::test_a")) == ""


def test_a_function_that_tests_use_among_themselves_keeps_its_imports() -> None:
    text = "import os\n\n\ndef helper():\n    return os\n\n\ndef test_a():\n    assert helper()\n\n\ndef test_b():\n    assert os\n"
    assert without_tests(text, ("test_b",)) == text.partition("\n\n\ndef test_b")[0] + "\n"


def test_a_moved_module_changes_its_name_only() -> None:
    homes = {("shop.prices", name): ("shop.costs", name) for name in ("Basket", "total")}
    assert with_homes(TEXT, homes) == TEXT.replace("shop.prices", "shop.costs")


def test_a_renamed_function_keeps_the_name_that_the_tests_know() -> None:
    assert with_homes(TEXT, {("shop.prices", "total"): ("shop.prices", "sum")}) == TEXT.replace("total as", "sum as")
    plain = "from m import f, g\n\n\ndef test_f():\n    assert f() == g\n"
    assert with_homes(plain, {("m", "f"): ("m", "h")}) == plain.replace("import f,", "import h as f,")
    assert with_homes("from m import h as f\n", {("m", "h"): ("m", "f")}) == "from m import f\n"


def test_names_that_parted_are_imported_from_two_modules() -> None:
    plain = "from m import f, g, h\n\nx = f\n"
    assert with_homes(plain, {("m", "g"): ("n", "g")}) == "from m import f, h\nfrom n import g\n\nx = f\n"


@pytest.mark.parametrize("text", [TEXT, "import m\nfrom . import f\nfrom m import *\n", "x = 1  # no end"])
def test_without_anything_to_do_nothing_changes(text: str) -> None:
    assert with_homes(text, {("other", "f"): ("n", "f")}) == text

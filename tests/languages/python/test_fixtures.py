"""Fixtures of the project stand for what a test would make itself."""

import pytest

from qtest.languages.python.fixtures import fixtures_of
from qtest.languages.python.render import render
from qtest.records.case import Argument, Call, CallCase, Construct, Equals, Int, Ref, Step
from qtest.records.file import TestStyle

CONFTEST = """
import pytest
from shop import Basket


@pytest.fixture
def basket():
    \"\"\"An empty one.\"\"\"
    return Basket()


@pytest.fixture()
def large():
    found = Basket(9)
    return found
"""
ADD = Call("shop.basket:Basket.add", (Argument(Int(3)),), Ref("made"))


def case(makes: Construct, id_: str = "c") -> CallCase:
    setup = (Step(makes, "made"),)
    return CallCase(id=id_, target="shop.basket:Basket.add", setup=setup, input=ADD, expect=(Equals(Int(4)),))


def rendered(makes: Construct, path: str = "tests/test_basket.py", conftest: str = CONFTEST) -> str:
    style = TestStyle(fixtures=fixtures_of("tests/conftest.py", conftest))
    return render((case(makes),), "shop.basket", path, style).text


@pytest.mark.parametrize(
    ("makes", "head", "call"),
    [
        (Construct("shop.basket:Basket"), "(basket):", "basket.add(3)"),
        (Construct("shop.basket:Basket", (Argument(Int(9)),)), "(large):", "large.add(3)"),
    ],
)
def test_what_a_fixture_gives_is_not_made_again(makes: Construct, head: str, call: str) -> None:
    text = rendered(makes)
    assert head in text and call in text
    assert "Basket" not in text.partition("def ")[2] and "import Basket" not in text


@pytest.mark.parametrize(
    ("makes", "path"),
    [
        (Construct("shop.basket:Basket", (Argument(Int(8)),)), "tests/test_basket.py"),
        (Construct("shop.basket:Crate"), "tests/test_basket.py"),
        (Construct("other.basket:Basket"), "tests/test_basket.py"),
        (Construct("shop.basket:Basket"), "more/test_basket.py"),
        (Construct("shop.basket:Basket"), "tests_too/test_basket.py"),
    ],
)
def test_what_it_does_not_give_or_not_there_is_made(makes: Construct, path: str) -> None:
    text = rendered(makes, path)
    assert "def test_basket_add():" in text and "made = " in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@pytest.fixture\n", "@pytest.fixture(scope='module')\n"),
        ("@pytest.fixture\n", "@pytest.fixture(autouse=True)\n"),
        ("@pytest.fixture\n", "@pytest.fixture\n@other\n"),
        ("@pytest.fixture\n", ""),
        ("def basket():", "def basket(tmp_path):"),
        ("return Basket()", "yield Basket()"),
        ("return Basket()", "Basket.clear()\n    return Basket()"),
        ("return Basket()", "return unknown.Basket()"),
    ],
)
def test_what_does_more_or_asks_for_more_is_left_alone(old: str, new: str) -> None:
    found = fixtures_of("tests/conftest.py", CONFTEST.replace(old, new, 1))
    assert "basket" not in {one.name for one in found}


def test_other_files_and_files_that_are_no_python_have_none() -> None:
    assert fixtures_of("tests/test_a.py", CONFTEST) == fixtures_of("tests/conftest.py", "def (") == ()


def test_the_nearest_of_a_name_counts() -> None:
    near = fixtures_of("tests/shop/conftest.py", CONFTEST.replace("Basket()", "Basket(5)"))
    style = TestStyle(fixtures=(*near, *fixtures_of("tests/conftest.py", CONFTEST)))
    made = Construct("shop.basket:Basket", (Argument(Int(5)),))
    assert "(basket):" in render((case(made),), "shop.basket", "tests/shop/test_basket.py", style).text
    assert "(basket):" not in render((case(made),), "shop.basket", "tests/test_basket.py", style).text


def test_a_fixture_named_as_an_import_of_the_file_is_left_alone() -> None:
    conftest = CONFTEST.replace("def basket", "def add")
    given = case(Construct("shop.basket:Basket")).model_copy(
        update={"input": Call("shop.basket:add", (Argument(Ref("made")),))}
    )
    style = TestStyle(fixtures=fixtures_of("tests/conftest.py", conftest))
    assert "():" in render((given,), "shop.basket", "tests/test_basket.py", style).text


def test_parametrised_tests_have_it_too() -> None:
    cases = []
    for number in (1, 2):
        given = Call("shop.basket:Basket.add", (Argument(Int(number)),), Ref("made"))
        update = {"input": given, "expect": (Equals(Int(number + 1)),), "parameters": ("count",)}
        cases.append(case(Construct("shop.basket:Basket"), f"c{number}").model_copy(update=update))
    style = TestStyle(fixtures=fixtures_of("tests/conftest.py", CONFTEST))
    assert "(count, expected, basket):" in render(cases, "shop.basket", "tests/test_basket.py", style).text

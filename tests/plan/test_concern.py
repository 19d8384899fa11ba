"""Words choose the code that they are about."""

import pytest

from qtest.errors import UsageError
from qtest.languages.python.parse import parse
from qtest.plan.concern import LEFT_OUT, concerned, is_about, narrowed
from qtest.plan.select import select
from qtest.records.baseline import Baseline
from qtest.records.plan import Budget
from qtest.records.source import Project
from qtest.records.system import CallEdge, SystemModel

PROJECT = Project(root="", language="python", name="p", layout="flat", import_roots=("",))
SHOP = '''
def total(prices):
    """The sum of all amounts, in cents."""
    return _in_cents(sum(prices))


def _in_cents(amount):
    # rounded here, and nowhere else
    return round(amount, 2)


class Parser:
    def parse(self, text):
        """Reads lines of a bill."""
        return text.split(",")


def greet(name):
    return "Hello " + name
'''
TEXTS = {"shop.py": SHOP}
SYSTEM = SystemModel(
    modules=(parse(SHOP, "shop.py", PROJECT),),
    calls=(CallEdge(caller="shop:total", callee="shop:_in_cents", line=1),),
)


def about(words: str) -> list[str]:
    return [symbol.id for symbol in concerned(words, SYSTEM, TEXTS.__getitem__)]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("amounts must never be rounded twice", "shop:_in_cents"),  # a comment, and a name of a parameter
        ("The parser chokes on empty bills", "shop:Parser.parse"),  # a docstring, and the name of its class
        ("greetings", "shop:greet"),
        ("PARSE", "shop:Parser.parse"),
    ],
)
def test_names_documentation_comments_and_code_say_what_a_function_is_about(words: str, first: str) -> None:
    assert about(words)[0] == first


def test_what_a_word_is_about_in_other_places_is_left_out() -> None:
    assert "shop:greet" not in about("amounts must never be rounded twice")


def test_words_that_the_code_never_says_are_the_users_mistake_and_are_named() -> None:
    with pytest.raises(UsageError, match="no function says anything of: kernel, scheduling"):
        about("kernel scheduling")


def test_a_concern_without_words_is_the_users_mistake() -> None:
    with pytest.raises(UsageError, match="no word of more than two letters"):
        about("it is")


def test_the_plan_keeps_what_reaches_the_concern_and_says_why_it_leaves_the_rest() -> None:
    plan = select(SYSTEM, Baseline(projects=()), Budget(), ())
    found = narrowed(plan, SYSTEM, concerned("rounded", SYSTEM, TEXTS.__getitem__))
    assert [target.symbol for target in found.targets] == ["shop:total"]
    assert found.about == ("shop:_in_cents",)
    assert {item.symbol for item in found.left_out if item.reason == LEFT_OUT} >= {"shop:greet"}


def test_a_mutant_of_a_function_inside_is_one_of_the_concern() -> None:
    assert is_about("shop:total.inner", ("shop:total",))
    assert not is_about("shop:totals", ("shop:total",))


def test_a_file_that_cannot_be_read_still_has_names() -> None:
    def gone(path: str) -> str:
        raise KeyError(path)

    assert concerned("greetings", SYSTEM, gone)[0].id == "shop:greet"

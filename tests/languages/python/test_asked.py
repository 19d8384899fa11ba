"""What a test expected, and what a copy of it says that it sees."""

import pytest

from qtest.languages.python.asked import Expected, expected, seen, telling

TEXT = """
import pytest


@pytest.mark.parametrize(
    ("price", "expected"),
    [pytest.param(8, [1], id="8"), pytest.param("x", None, id="x")],
)
def test_total(price, expected):
    assert total(price) == expected


class TestMore:
    def test_raises(self):
        with pytest.raises(ValueError) as caught:
            total(-1)
        assert str(caught.value) == "negative"


def test_holds():
    assert 3 not in prices


def test_odd():
    assert total(1)
"""


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ("test_total[8]", Expected("total(8)", "[1]")),
        ("test_total[x]", Expected("total('x')", "None")),
        ("TestMore::test_raises", Expected("total(-1)", "raises ValueError")),
        ("test_holds", Expected("3 in prices", "False")),
        ("test_odd", None),
        ("test_gone", None),
    ],
)
def test_a_node_is_read_with_its_row_filled_in(node: str, said: Expected | None) -> None:
    assert expected(TEXT, node) == said


def test_the_copy_says_both_sides_of_what_it_compares() -> None:
    scope = {"total": lambda price: [price, "é"]}
    exec(telling("def test():\n    assert total(8) == [1]\n"), scope)
    with pytest.raises(AssertionError) as caught:
        scope["test"]()  # type: ignore[operator]
    assert seen(f"AssertionError: {caught.value}", "") == ("[1]", "[8, 'é']")


def test_the_copy_says_whether_something_is_held() -> None:
    scope: dict[str, object] = {"prices": [1]}
    exec(telling("def test():\n    assert 1 not in prices\n"), scope)
    with pytest.raises(AssertionError) as caught:
        scope["test"]()  # type: ignore[operator]
    assert seen(f"AssertionError: {caught.value}", "") == ("False", "True")


def test_the_copy_passes_and_fails_as_the_test_does() -> None:
    scope = {"total": lambda price: price}
    exec(telling("def test():\n    assert total(8) == 8\n    assert total(None) is None\n"), scope)
    scope["test"]()  # type: ignore[operator]


def test_an_error_instead_of_a_value_and_the_other_way_round_are_told() -> None:
    assert seen("KeyError: 'x'", "8") == ("8", "raises KeyError: 'x'")
    assert seen("Failed: DID NOT RAISE ValueError", "raises ValueError") == ("raises ValueError", "raises nothing")

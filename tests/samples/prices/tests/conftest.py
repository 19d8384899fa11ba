import pytest

from prices import Basket


@pytest.fixture(scope="session")
def catalogue():
    """Built once for all tests, by the code under test."""
    basket = Basket("fr")
    for number, name in enumerate(["pen", "ink", "pad"], 1):
        basket.add(name, number * 1.5, number)
    return basket


@pytest.fixture(scope="module")
def german():
    basket = Basket()
    basket.add("book", 10)
    yield basket
    basket.close()


@pytest.fixture(autouse=True)
def nothing_is_printed(capsys):
    yield
    assert capsys.readouterr().out == ""

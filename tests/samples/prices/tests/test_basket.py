import pytest

from prices import Basket, total
from prices.basket import discount


def test_the_catalogue_has_three(catalogue):
    assert len(catalogue.items) == 3


def test_the_catalogue_has_a_net_price(catalogue):
    assert catalogue.net == 1.5 * 1 + 3.0 * 2 + 4.5 * 3


def test_the_catalogue_with_tax(catalogue):
    assert total(catalogue) == 25.2


def test_german_tax(german):
    assert total(german) == 11.9


def test_adding_twice_keeps_the_higher_price():
    basket = Basket().add("cup", 3).add("cup", 2, 4)
    assert basket.items == {"cup": (3, 5)}


@pytest.mark.parametrize("count", [0, -1])
def test_counts_are_positive(count):
    with pytest.raises(ValueError):
        Basket().add("cup", 1, count)


def test_a_basket_fills_up():
    basket = Basket()
    with pytest.raises(OverflowError):
        for number in range(9):
            basket.add(str(number), 1)


def test_discounts():
    assert discount(5) == 0
    assert discount(50) == 0.1


def test_discounts_again():
    assert discount(50) == 0.1
    assert discount(500) == 0.2

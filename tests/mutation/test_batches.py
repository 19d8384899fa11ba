"""How orders are cut into batches."""

import pytest

from qtest.languages.python.mutate import mutate
from qtest.mutation.batches import BY_200, Split, even, guided
from qtest.records.baseline import TestCoverage
from qtest.records.mutant import How
from qtest.records.workbench import JudgeOrder

MUTANT = next(one for one in mutate("def f(a):\n    return a + 1\n", "m.py", "m") if not one.control)
TESTS = (
    TestCoverage(node="half", outcome="passed", wall_s=0.5, cpu_s=9),
    TestCoverage(node="four tenths", outcome="passed", wall_s=0.4),
)


def order(how: How = "cold", *tests: str) -> JudgeOrder:
    return JudgeOrder(mutant=MUTANT, tests=tests, how=how)


SECOND = order("cold", "half")  # half a second for its interpreter, half a second for its test


def sizes(split: Split, orders: list[JudgeOrder]) -> list[int]:
    """Of all batches, which together are the orders."""
    batches = list(split(orders))
    assert [one for batch in batches for one in batch] == orders
    return [len(batch) for batch in batches]


def test_even_parts_have_the_size_that_is_asked_for() -> None:
    assert sizes(even(2), [SECOND] * 5) == [2, 2, 1]


def test_two_hundred_are_sent_at_a_time_where_nothing_else_is_said() -> None:
    assert sizes(BY_200, [SECOND] * 401) == [200, 200, 1]


@pytest.mark.parametrize("split", [even(2), guided(TESTS, 2, 1.0)])
def test_no_orders_make_no_batch(split: Split) -> None:
    assert sizes(split, []) == []


def test_a_batch_is_half_a_workers_share_of_what_is_left_so_that_batches_shrink() -> None:
    assert sizes(guided(TESTS, 2, 0.0), [SECOND] * 16) == [4, 3, 2, 1, 1, 1, 1, 1, 1, 1]


def test_more_workers_get_smaller_batches() -> None:
    assert sizes(guided(TESTS, 4, 0.0), [SECOND] * 16) == [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]


def test_making_a_judge_warm_takes_at_most_a_tenth_of_a_batch() -> None:
    assert sizes(guided(TESTS, 2, 0.25), [SECOND] * 32) == [8, 6, 4, 3, 2, 2, 2, 2, 2, 1]


def test_every_worker_gets_four_batches_however_long_a_judge_takes_to_get_warm() -> None:
    assert sizes(guided(TESTS, 2, 100.0), [SECOND] * 32) == [8, 6, 4, 4, 4, 4, 2]


def test_what_takes_longer_than_a_share_goes_alone() -> None:
    dear = order("cold", *["half"] * 20)
    assert sizes(guided(TESTS, 2, 0.0), [dear, SECOND, SECOND]) == [1, 1, 1]


@pytest.mark.parametrize(
    ("weighed", "forks"),
    [
        (order("swap"), 1),
        (order("fresh import"), 10),
        (order("cold"), 50),
        (order("swap", "four tenths"), 21),
        (order("fresh import", "four tenths"), 30),
        (order("cold", "four tenths"), 90),
        (order("swap", "unheard of"), 1),
    ],
    ids=lambda value: f"{value.how}, {len(value.tests)}" if isinstance(value, JudgeOrder) else str(value),
)
def test_an_order_weighs_as_many_forks_as_its_start_and_half_its_tests_take(weighed: JudgeOrder, forks: int) -> None:
    others = 1000
    first = sizes(guided(TESTS, 1, 0.0), [weighed] + [order("swap")] * others)[0]
    assert first - 1 == pytest.approx((others - forks) / 2, abs=1)

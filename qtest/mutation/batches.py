"""How orders are cut into batches: each is one trip to a warm judge."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from qtest.records.baseline import TestCoverage
from qtest.records.workbench import JudgeOrder

Split = Callable[[Sequence[JudgeOrder]], Iterable[Sequence[JudgeOrder]]]

FORK_S = 0.01  # a mutant whose tests take no time
IMPORT_S = 0.1  # one that needs everything imported anew
START_S = 0.5  # one that needs an interpreter of its own
WARM_SHARE = 0.1  # of a batch, for making its judge warm
ROUNDS = 4  # batches a worker should get at least, so that the last one to end is not waited for long


def even(size: int) -> Split:
    """Parts of `size` orders."""

    def split(orders: Sequence[JudgeOrder]) -> Iterator[Sequence[JudgeOrder]]:
        for start in range(0, len(orders), size):
            yield orders[start : start + size]

    return split


BY_200 = even(200)


def guided(tests: Iterable[TestCoverage], workers: int, warm_s: float) -> Split:
    """Each batch takes about a share of the time that is left, and shares shrink towards the end (guided self-scheduling, Polychronopoulos
    & Kuck 1987); none so small that making a judge warm, `warm_s` seconds, is most of it, while every worker gets some."""
    seconds = {test.node: test.wall_s for test in tests}

    def cost_s(order: JudgeOrder) -> float:
        """As if half of its tests ran: most mutants die on the way."""
        tests_s = sum(seconds.get(node, 0.0) for node in order.tests)
        if order.how == "cold":
            return START_S + tests_s
        return (IMPORT_S if order.how == "fresh import" else FORK_S) + tests_s / 2

    def split(orders: Sequence[JudgeOrder]) -> Iterator[Sequence[JudgeOrder]]:
        priced = [(order, cost_s(order)) for order in orders]
        left = sum(cost for _, cost in priced)
        least = min(warm_s / WARM_SHARE, left / (ROUNDS * workers))
        batch: list[JudgeOrder] = []
        taken = 0.0
        for order, cost in priced:
            if batch and taken + cost > max(least, left / (2 * workers)):
                yield batch
                left -= taken
                batch, taken = [], 0.0
            batch.append(order)
            taken += cost
        if batch:
            yield batch

    return split

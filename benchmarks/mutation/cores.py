"""Which cores a side may use: the first ones that we may."""

import os
from collections.abc import Sequence


def cores(count: int) -> list[int]:
    return sorted(os.sched_getaffinity(0))[:count]


def hold(held: Sequence[int]) -> None:
    """This process and all that it starts from here."""
    os.sched_setaffinity(0, set(held))

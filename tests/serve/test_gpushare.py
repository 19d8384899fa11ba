"""GPU time shared out among the answers in work."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.gpushare import GpuShare


def test_one_alone_is_charged_all_of_its_time_on_all_gpus() -> None:
    share = GpuShare(gpus=2)
    assert share.end(share.begin(10.0), 13.0) == 6.0


def test_two_at_once_share() -> None:
    share = GpuShare(gpus=1)
    first = share.begin(0.0)
    second = share.begin(2.0)
    assert share.end(first, 4.0) == 3.0
    assert share.end(second, 5.0) == 2.0


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.01, 50)), min_size=1, max_size=20))
def test_all_shares_together_are_the_time_in_which_there_was_work(spans: list[tuple[float, float]]) -> None:
    events = sorted(
        [(at, 1, n) for n, (at, _) in enumerate(spans)] + [(at + long, 0, n) for n, (at, long) in enumerate(spans)]
    )
    share, marks, charged, busy, running, before = GpuShare(gpus=1), {}, 0.0, 0.0, 0, 0.0
    for now, begins, n in events:
        busy += (now - before) if running else 0.0
        before = now
        if begins:
            marks[n] = share.begin(now)
            running += 1
        else:
            charged += share.end(marks[n], now)
            running -= 1
    assert charged == pytest.approx(busy)

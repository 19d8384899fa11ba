"""An event loop in a thread of its own."""

import asyncio
import threading

import pytest

from qtest.loop import Loop, LoopClosed


async def nothing() -> None:
    """Done at once."""


async def number() -> int:
    return 7


async def broken() -> int:
    raise ValueError("no")


def test_what_work_makes_or_raises_is_had_where_it_is_waited_for() -> None:
    loop = Loop("test")
    assert loop.run(number()) == 7
    with pytest.raises(ValueError, match="no"):
        loop.run(broken())
    loop.close(nothing())


def test_closing_cancels_what_is_under_way_before_the_last_is_done() -> None:
    loop, order, begun = Loop("test"), list[str](), threading.Event()

    async def long() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            order.append("cancelled")
            raise

    async def last() -> None:
        order.append("last")

    def wait() -> None:
        with pytest.raises(LoopClosed):
            loop.run(long())
        order.append("told")

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert begun.wait(60)
    loop.close(last())
    waiting.join(60)
    assert sorted(order) == ["cancelled", "last", "told"]
    assert order.index("cancelled") < order.index("last")


def test_a_closed_loop_takes_no_work_and_may_be_closed_again() -> None:
    loop = Loop("test")
    loop.close(nothing())
    loop.close(nothing())
    with pytest.raises(LoopClosed):
        loop.run(number())

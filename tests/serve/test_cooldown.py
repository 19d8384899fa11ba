"""A provider that fails is left alone for a while, and found again."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from qtest.records.completion import Prompt
from serve.cooldown import Cooling
from serve.fakes import ScriptedProvider, Step
from serve.seams import ProviderError

pytestmark = pytest.mark.anyio

Ask = Callable[..., Prompt]
DOWN = ProviderError("unreachable", "down")


def cooling(clock: Any, *script: Step) -> tuple[Cooling, ScriptedProvider]:
    provider = ScriptedProvider("TIER1", script)
    return Cooling(provider, 2, 60.0, clock), provider


async def fails(provider: Cooling, prompt: Prompt) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        await provider.complete(prompt, within_s=1.0)
    return raised.value


async def test_after_so_many_failures_it_is_not_asked(clock: Any, prompt_of: Ask) -> None:
    around, provider = cooling(clock, DOWN, DOWN)
    for _ in range(4):
        await fails(around, prompt_of())
    assert len(provider.asked) == 2


async def test_what_is_said_meanwhile_is_why_and_for_how_long(clock: Any, prompt_of: Ask) -> None:
    around, _ = cooling(clock, ProviderError("limited", "slow down", retry_after_s=30.0))
    await fails(around, prompt_of())
    clock.now += 10
    error = await fails(around, prompt_of())
    assert (error.trouble, error.retry_after_s) == ("limited", 20.0)
    assert str(error) == "scripted is left alone after: slow down"


async def test_failures_that_are_not_running_are_no_reason(clock: Any, prompt_of: Ask) -> None:
    around, provider = cooling(clock, DOWN, "fine", DOWN, "fine", DOWN)
    for _ in range(3):
        await fails(around, prompt_of())
        await around.complete(prompt_of(), within_s=1.0)
    assert len(provider.asked) == 6


async def test_a_prompt_that_is_to_blame_is_no_failure_of_the_provider(clock: Any, prompt_of: Ask) -> None:
    around, provider = cooling(clock, *[ProviderError("too long", "x")] * 5)
    for _ in range(5):
        await fails(around, prompt_of())
    assert len(provider.asked) == 5


async def test_each_time_it_fails_again_the_wait_doubles_up_to_the_longest(clock: Any, prompt_of: Ask) -> None:
    around, _ = cooling(clock, *[DOWN] * 20)
    await fails(around, prompt_of())
    waits = []
    for _ in range(8):
        await fails(around, prompt_of())
        waits.append((await fails(around, prompt_of())).retry_after_s)
        clock.now += 60.0
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


async def test_when_the_time_is_over_one_prompt_tries_it_and_the_others_go_elsewhere(
    clock: Any, prompt_of: Ask
) -> None:
    back = asyncio.Event()
    around, provider = cooling(clock, DOWN, DOWN, back)
    for _ in range(2):
        await fails(around, prompt_of())
    clock.now += 5.0
    trying = asyncio.create_task(around.complete(prompt_of(), within_s=1.0))
    while not provider.running:
        await asyncio.sleep(0)
    await fails(around, prompt_of())
    back.set()
    assert (await trying).content == "hello"
    assert (await around.complete(prompt_of("again"), within_s=1.0)).content == "again"


async def test_a_try_that_is_cancelled_leaves_room_for_the_next(clock: Any, prompt_of: Ask) -> None:
    around, provider = cooling(clock, DOWN, DOWN, asyncio.Event())
    for _ in range(2):
        await fails(around, prompt_of())
    clock.now += 5.0
    trying = asyncio.create_task(around.complete(prompt_of(), within_s=1.0))
    while not provider.running:
        await asyncio.sleep(0)
    trying.cancel()
    await asyncio.wait([trying])
    assert (await around.complete(prompt_of(), within_s=1.0)).content == "hello"


async def test_a_broken_stream_counts_as_a_failure(clock: Any, prompt_of: Ask) -> None:
    around, provider = cooling(clock, DOWN, DOWN)
    for _ in range(3):
        with pytest.raises(ProviderError):
            async for _item in around.stream(prompt_of(), within_s=1.0):
                pass
    assert len(provider.asked) == 2


async def test_those_who_were_in_flight_together_fail_as_one(clock: Any, prompt_of: Ask) -> None:
    """A lost replica takes along all that it worked on, and the tier's other replicas are as well as before."""
    around, provider = cooling(clock)
    gone = asyncio.Event()

    async def lost(prompt: Prompt, *, within_s: float) -> Any:
        await gone.wait()
        clock.now += 0.001
        raise DOWN

    answers, provider.complete = provider.complete, lost  # type: ignore[method-assign]
    at_work = [asyncio.create_task(fails(around, prompt_of(str(n)))) for n in range(30)]
    await asyncio.sleep(0)
    gone.set()
    await asyncio.gather(*at_work)
    provider.complete = answers  # type: ignore[method-assign]
    assert (await around.complete(prompt_of("after"), within_s=1.0)).content == "after"

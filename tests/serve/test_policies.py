"""A provider is held to its time, asked no more than it can bear, and its answers are looked at."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from qtest.records.completion import Completion, Prompt
from serve.fakes import ScriptedProvider
from serve.policies import Checked, Limited, Punctual
from serve.seams import ProviderError
from serve.streams import Item

pytestmark = pytest.mark.anyio

Ask = Callable[..., Prompt]


class Hanging(ScriptedProvider):
    """Takes no notice of the time it is given; as a stream, after one piece."""

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        return await super().complete(prompt, within_s=1_000)

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[Item]:
        yield "one"
        await self._next(prompt, within_s)


async def test_a_provider_that_hangs_is_late_and_its_work_ends(prompt_of: Ask) -> None:
    provider = Hanging("TIER1", [asyncio.Event()])
    with pytest.raises(ProviderError, match="scripted did not answer in") as raised:
        await Punctual(provider, 60.0).complete(prompt_of(), within_s=0.01)
    assert (raised.value.trouble, provider.cancelled) == ("late", 1)


async def test_a_stream_that_stalls_is_late(prompt_of: Ask) -> None:
    provider = Hanging("TIER1", [asyncio.Event()])
    items = Punctual(provider, 0.01).stream(prompt_of(), within_s=60.0)
    assert await anext(items) == "one"
    with pytest.raises(ProviderError) as raised:
        await anext(items)
    assert (raised.value.trouble, provider.cancelled) == ("late", 1)


async def test_a_stream_without_an_end_was_cut_off(prompt_of: Ask) -> None:
    class Cut(ScriptedProvider):
        async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[Item]:
            yield "one"

    items = Punctual(Cut(), 60.0).stream(prompt_of(), within_s=60.0)
    assert await anext(items) == "one"
    with pytest.raises(ProviderError, match="ended its stream without saying how"):
        await anext(items)


async def test_after_the_whole_answer_nothing_more_is_read(prompt_of: Ask) -> None:
    class Chatty(ScriptedProvider):
        async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[Item]:
            yield self._whole(prompt, "done")
            await asyncio.Event().wait()

    assert len([item async for item in Punctual(Chatty(), 60.0).stream(prompt_of(), within_s=60.0)]) == 1


@pytest.mark.parametrize(
    ("text", "ok"), [('{"a": 1}', True), ('{"a": "1"}', False), ('{"a": 1', False), ("NaN", False)]
)
async def test_an_answer_is_held_against_its_schema(text: str, ok: bool, prompt_of: Ask) -> None:
    schema = '{"type": "object", "properties": {"a": {"type": "integer"}}}'
    provider = Checked(ScriptedProvider("TIER1", [text, text]))
    assert (await provider.complete(prompt_of(answer=schema), within_s=9)).schema_ok is ok
    *_, whole = [item async for item in provider.stream(prompt_of(answer=schema), within_s=9)]
    assert isinstance(whole, Completion)
    assert whole.schema_ok is ok


async def test_without_a_schema_nothing_is_said_of_it(prompt_of: Ask) -> None:
    assert (await Checked(ScriptedProvider()).complete(prompt_of(), within_s=9)).schema_ok is None


async def test_only_so_many_are_asked_at_once_and_no_more_wait_than_may(prompt_of: Ask) -> None:
    gates = [asyncio.Event() for _ in range(4)]
    provider = ScriptedProvider("TIER1", gates)
    limited = Limited(provider, 2)
    asking = [asyncio.create_task(limited.complete(prompt_of(), within_s=60)) for _ in range(4)]
    while provider.running < 2:
        await asyncio.sleep(0)
    with pytest.raises(ProviderError) as raised:
        await limited.complete(prompt_of(), within_s=60)
    assert raised.value.trouble == "overloaded"
    assert len(provider.asked) == 2
    for gate in gates:
        gate.set()
    assert len(await asyncio.gather(*asking)) == 4
    assert (await limited.complete(prompt_of(), within_s=60)).content == "hello"


async def test_who_waits_for_room_too_long_is_told(prompt_of: Ask) -> None:
    provider = ScriptedProvider("TIER1", [asyncio.Event()])
    limited = Limited(provider, 1)
    first = asyncio.create_task(limited.complete(prompt_of(), within_s=60))
    while not provider.running:
        await asyncio.sleep(0)
    with pytest.raises(ProviderError, match="had no room") as raised:
        await limited.complete(prompt_of(), within_s=0.01)
    assert raised.value.trouble == "overloaded"
    first.cancel()
    await asyncio.wait([first])
    assert (await limited.complete(prompt_of(), within_s=60)).content == "hello"

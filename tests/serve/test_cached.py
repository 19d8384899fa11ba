"""The same prompt is worked out once, whoever asks and whenever, and nobody loses an answer because another left."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from qtest.errors import BudgetSpent
from qtest.records.completion import Completion, Message, Payer, Prompt
from serve.answers import Answers
from serve.cached import Cached, key_of
from serve.fakes import ScriptedProvider, Step
from serve.seams import ProviderError
from serve.streams import Item

pytestmark = pytest.mark.anyio

Ask = Callable[..., Prompt]


def cached(*script: Step) -> tuple[Cached, ScriptedProvider]:
    provider = ScriptedProvider("TIER1", script)
    return Cached(provider, Answers(None, 1, 1)), provider


async def ask(around: Cached, prompt: Prompt) -> Completion:
    return await around.complete(prompt, within_s=9.0)


async def streamed(around: Cached, prompt: Prompt) -> list[Any]:
    return [item async for item in around.stream(prompt, within_s=9.0)]


async def until(holds: Callable[[], object]) -> None:
    while not holds():
        await asyncio.sleep(0)


async def test_the_second_answer_is_the_first_for_nothing(prompt_of: Ask) -> None:
    around, provider = cached()
    first, second = await ask(around, prompt_of()), await ask(around, prompt_of())
    assert (first.cached, second.cached) == (False, True)
    assert second.content == first.content
    assert (first.input_tokens, second.input_tokens, second.output_tokens) == (2, 0, 0)
    assert len(provider.asked) == 1


async def test_who_pays_how_urgent_it_is_and_how_hard_change_nothing(prompt_of: Ask) -> None:
    around, provider = cached()
    await ask(around, prompt_of())
    other = prompt_of(urgent=True, payer=Payer(run="r"), difficulty={"branches": 3}, tier="TIER3", task="critic")
    assert (await ask(around, other)).cached
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"template": "other/2"}, {"answer": "{}"}, {"max_tokens": 7}, {"temperature": 0.7}, {"seed": 1},
        {"messages": (Message(role="system", content="hello"),)},
        {"messages": (Message(role="user", content="hell"), Message(role="user", content="o"))},
    ],
)  # fmt: skip
def test_everything_that_an_answer_depends_on_is_in_the_key(change: dict[str, Any], prompt_of: Ask) -> None:
    provider = ScriptedProvider()
    assert key_of(provider, prompt_of()) != key_of(provider, prompt_of().model_copy(update=change))


@pytest.mark.parametrize("part", ["name", "model", "revision"])
def test_another_model_or_revision_has_other_answers(part: str, prompt_of: Ask) -> None:
    one, other = ScriptedProvider(), ScriptedProvider()
    setattr(other, part, "other")
    assert key_of(one, prompt_of()) != key_of(other, prompt_of())


async def test_what_was_refused_is_asked_again(prompt_of: Ask) -> None:
    around, _ = cached(ProviderError("unreachable", "down"))
    with pytest.raises(ProviderError):
        await ask(around, prompt_of())
    assert (await ask(around, prompt_of())).content == "hello"


@pytest.mark.parametrize("fault", [{"finish": "length"}, {"schema_ok": False}])
async def test_an_answer_that_is_none_is_not_remembered(fault: dict[str, Any], prompt_of: Ask) -> None:
    class Faulty(ScriptedProvider):
        async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
            return (await super().complete(prompt, within_s=within_s)).model_copy(update=fault)

    provider = Faulty()
    around = Cached(provider, Answers(None, 1, 1))
    await ask(around, prompt_of())
    assert not (await ask(around, prompt_of())).cached
    assert len(provider.asked) == 2


async def test_identical_prompts_in_flight_share_one_answer(prompt_of: Ask) -> None:
    gate = asyncio.Event()
    around, provider = cached(gate)
    asking = [asyncio.create_task(ask(around, prompt_of())) for _ in range(5)]
    await until(lambda: provider.running)
    gate.set()
    found = await asyncio.gather(*asking)
    assert [one.content for one in found] == ["hello"] * 5
    assert sorted(one.cached for one in found) == [False, True, True, True, True]
    assert len(provider.asked) == 1


async def test_the_first_may_leave_and_the_others_still_hear_the_answer(prompt_of: Ask) -> None:
    gate = asyncio.Event()
    around, provider = cached(gate)
    first = asyncio.create_task(ask(around, prompt_of()))
    await until(lambda: provider.running)
    second = asyncio.create_task(ask(around, prompt_of()))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    gate.set()
    assert (await second).content == "hello"
    assert (first.cancelled(), provider.cancelled) == (True, 0)


async def test_when_all_have_left_the_work_ends_and_the_next_begins_anew(prompt_of: Ask) -> None:
    around, provider = cached(asyncio.Event())
    asking = [asyncio.create_task(ask(around, prompt_of())) for _ in range(2)]
    await until(lambda: provider.running)
    for one in asking:
        one.cancel()
    await asyncio.wait(asking)
    assert (await ask(around, prompt_of())).content == "hello"
    await until(lambda: provider.cancelled)
    assert len(provider.asked) == 2
    await until(lambda: not len(around._flights))


async def test_who_waits_shorter_is_told_without_ending_the_work(prompt_of: Ask) -> None:
    gate = asyncio.Event()
    around, provider = cached(gate)
    first = asyncio.create_task(ask(around, prompt_of()))
    await until(lambda: provider.running)
    with pytest.raises(ProviderError) as raised:
        await around.complete(prompt_of(), within_s=0.0)
    assert raised.value.trouble == "late"
    gate.set()
    assert (await first).content == "hello"


async def test_all_who_listen_hear_the_same_failure(prompt_of: Ask) -> None:
    around, provider = cached(ProviderError("limited", "slow down", retry_after_s=3.0))
    found = await asyncio.gather(*(ask(around, prompt_of()) for _ in range(3)), return_exceptions=True)
    assert [(one.trouble, one.retry_after_s) for one in found if isinstance(one, ProviderError)] == [
        ("limited", 3.0)
    ] * 3
    assert len(provider.asked) == 1


async def test_an_empty_purse_of_the_first_is_none_of_the_others_business(prompt_of: Ask) -> None:
    around, provider = cached(BudgetSpent("run a is at its limit"))
    first, second = await asyncio.gather(ask(around, prompt_of()), ask(around, prompt_of()), return_exceptions=True)
    assert isinstance(first, BudgetSpent)
    assert isinstance(second, Completion)
    assert not second.cached
    assert len(provider.asked) == 2


async def test_a_remembered_answer_can_be_streamed(prompt_of: Ask) -> None:
    around, _ = cached("a|b")
    assert (await streamed(around, prompt_of()))[:2] == ["a", "b"]
    piece, whole = await streamed(around, prompt_of())
    assert (piece, whole.content, whole.cached) == ("ab", "ab", True)


async def test_who_joins_a_stream_late_hears_it_from_the_beginning(prompt_of: Ask) -> None:
    more = asyncio.Event()

    class Halting(ScriptedProvider):
        async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[Item]:
            async for item in super().stream(prompt, within_s=within_s):
                yield item
                await more.wait()

    provider = Halting("TIER1", ["a|b|c"])
    around = Cached(provider, Answers(None, 1, 1))
    first = around.stream(prompt_of(), within_s=9.0)
    assert await anext(first) == "a"
    second = around.stream(prompt_of(), within_s=9.0)
    assert await anext(second) == "a"
    more.set()
    assert [item async for item in second][:2] == ["b", "c"]
    assert [item async for item in first][:2] == ["b", "c"]
    assert len(provider.asked) == 1


async def test_who_streams_beside_one_who_does_not_gets_the_whole_as_one_piece(prompt_of: Ask) -> None:
    gate = asyncio.Event()
    around, provider = cached(gate)
    first = asyncio.create_task(ask(around, prompt_of()))
    await until(lambda: provider.running)
    second = asyncio.create_task(streamed(around, prompt_of()))
    gate.set()
    await first
    piece, whole = await second
    assert (piece, whole.content) == ("hello", "hello")

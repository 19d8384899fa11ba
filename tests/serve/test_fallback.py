"""Who is asked after whom: only where another try may end otherwise, never after the first piece, and never past the time."""

from collections.abc import Callable
from typing import Any, get_args

import pytest

from qtest.records.completion import Prompt
from serve.fakes import ScriptedProvider
from serve.fallback import NobodyAnswers, PromptRefused
from serve.router import Backend, Router
from serve.seams import ProviderError, Trouble

pytestmark = pytest.mark.anyio

Make = Callable[..., Router]
Ask = Callable[..., Prompt]
BLAME = {"refused", "too long"}


def trouble(kind: Trouble = "unreachable", retry_after_s: float | None = None, *, begun: bool = False) -> ProviderError:
    return ProviderError(kind, f"it is {kind}", retry_after_s=retry_after_s, begun=begun)


@pytest.mark.parametrize("kind", [kind for kind in get_args(Trouble) if kind not in BLAME])
async def test_after_trouble_the_next_answers_and_the_answer_says_so(
    kind: Trouble, router_of: Make, prompt_of: Ask
) -> None:
    first, second = ScriptedProvider("TIER1", [trouble(kind)], name="a"), ScriptedProvider("TIER1", name="b")
    found = await router_of([first, second]).complete(prompt_of("hi"))
    assert (found.content, found.provider) == ("hi", "b")
    assert [(one.provider, one.problem) for one in found.attempts] == [("a", f"{kind}: it is {kind}"), ("b", "")]
    assert found.reason.endswith("b (TIER1) after 1 that did not answer")


async def test_what_the_prompt_is_to_blame_for_is_not_tried_again(router_of: Make, prompt_of: Ask) -> None:
    first, second = ScriptedProvider("TIER1", [trouble("refused")]), ScriptedProvider("TIER1")
    with pytest.raises(PromptRefused, match="it is refused"):
        await router_of([first, second]).complete(prompt_of())
    assert not second.asked


async def test_what_is_too_long_for_one_is_answered_by_another_with_more_room(router_of: Make, prompt_of: Ask) -> None:
    first, second = ScriptedProvider("TIER1", [trouble("too long")], name="a"), ScriptedProvider("TIER2", name="b")
    found = await router_of([first, second]).complete(prompt_of("hi"))
    assert [(one.provider, one.problem) for one in found.attempts] == [("a", "too long: it is too long"), ("b", "")]


async def test_what_is_too_long_for_all_is_refused_after_one_question_to_each(router_of: Make, prompt_of: Ask) -> None:
    asked = [ScriptedProvider(tier, [trouble("too long")]) for tier in ("TIER1", "TIER2")]
    with pytest.raises(PromptRefused) as refused:
        await router_of(asked).complete(prompt_of())
    assert refused.value.blame == "context_length_exceeded"
    assert [len(one.asked) for one in asked] == [1, 1]


async def test_who_has_no_room_is_not_asked_again_with_the_others(router_of: Make, prompt_of: Ask) -> None:
    small, busy = ScriptedProvider("TIER1", [trouble("too long")]), ScriptedProvider("TIER2", [trouble("overloaded")])
    await router_of([small, busy]).complete(prompt_of())
    assert [len(small.asked), len(busy.asked)] == [1, 2]


async def test_when_a_tier_is_down_another_answers(router_of: Make, prompt_of: Ask) -> None:
    router = router_of([ScriptedProvider("TIER1", [trouble()]), ScriptedProvider("TIER2")])
    assert (await router.complete(prompt_of())).tier == "TIER2"


async def test_the_whole_chain_is_asked_again_after_a_pause(router_of: Make, prompt_of: Ask, clock: Any) -> None:
    provider = ScriptedProvider("TIER1", [trouble(), trouble()])
    found = await router_of([provider]).complete(prompt_of())
    assert len(found.attempts) == 3
    assert len(clock.slept) == 2
    assert 0.25 <= clock.slept[0] <= 0.5 <= clock.slept[1] <= 1.0


async def test_a_retry_after_is_waited_for(router_of: Make, prompt_of: Ask, clock: Any) -> None:
    provider = ScriptedProvider("TIER1", [trouble("limited", 7.0)])
    assert (await router_of([provider]).complete(prompt_of())).content == "hello"
    assert clock.slept == [7.0]


async def test_a_retry_after_that_is_too_far_is_handed_on(router_of: Make, prompt_of: Ask, clock: Any) -> None:
    provider = ScriptedProvider("TIER1", [trouble("limited", 900.0)])
    with pytest.raises(NobodyAnswers) as raised:
        await router_of([provider]).complete(prompt_of())
    assert (raised.value.trouble, raised.value.retry_after_s) == ("limited", 900.0)
    assert not clock.slept


async def test_one_who_is_always_limited_is_given_up(router_of: Make, prompt_of: Ask) -> None:
    provider = ScriptedProvider("TIER1", [trouble("limited", 1.0)] * 50)
    with pytest.raises(NobodyAnswers, match=r"no model answers: scripted \(TIER1\): limited: it is limited"):
        await router_of([provider]).complete(prompt_of())
    assert len(provider.asked) == 3


async def test_each_is_given_what_is_left_of_the_time(router_of: Make, prompt_of: Ask, clock: Any) -> None:
    provider = ScriptedProvider("TIER1", [trouble("limited", 7.0)])
    await router_of([Backend(provider, try_s=30.0)]).complete(prompt_of(), within_s=10.0)
    assert provider.within_s == [10.0, pytest.approx(3.0)]


async def test_nobody_is_asked_after_the_time_is_over(router_of: Make, prompt_of: Ask, clock: Any) -> None:
    provider = ScriptedProvider("TIER1", [trouble("limited", 7.0)])
    with pytest.raises(NobodyAnswers):
        await router_of([provider]).complete(prompt_of(), within_s=5.0)
    assert len(provider.asked) == 1


async def test_a_stream_that_was_begun_is_not_begun_anew_elsewhere(router_of: Make, prompt_of: Ask) -> None:
    first, second = ScriptedProvider("TIER1", [trouble("cut off", begun=True)]), ScriptedProvider("TIER1")
    items = router_of([first, second]).stream(prompt_of())
    assert await anext(items) == "begun"
    with pytest.raises(NobodyAnswers, match="the answer was cut off") as raised:
        await anext(items)
    assert raised.value.begun
    assert not second.asked


async def test_a_stream_that_fails_before_its_first_piece_goes_elsewhere(router_of: Make, prompt_of: Ask) -> None:
    first, second = ScriptedProvider("TIER1", [trouble()]), ScriptedProvider("TIER1", ["a|b"])
    *pieces, whole = [item async for item in router_of([first, second]).stream(prompt_of())]
    assert pieces == ["a", "b"]
    assert (whole.content, len(whole.attempts)) == ("ab", 2)


async def test_what_a_provider_raises_by_mistake_does_not_end_the_chain(router_of: Make, prompt_of: Ask) -> None:
    first, second = ScriptedProvider("TIER1", [KeyError("choices")]), ScriptedProvider("TIER1")
    found = await router_of([first, second]).complete(prompt_of())
    assert found.attempts[0].problem == "garbage: scripted: KeyError: 'choices'"

"""What the router says of an answer, what it cannot ask anybody, and that it does not grow."""

import gc
from collections.abc import Callable
from typing import Any

import pytest

from qtest.records.completion import Payer, Prompt
from serve import budget
from serve.config import RouterConfig, checked
from serve.fakes import ScriptedProvider
from serve.fallback import PromptRefused
from serve.router import Backend, Router, backends_of

pytestmark = pytest.mark.anyio

Make = Callable[..., Router]
Ask = Callable[..., Prompt]


async def test_an_answer_says_which_tier_and_why(router_of: Make, prompt_of: Ask) -> None:
    router = router_of([ScriptedProvider("TIER2"), ScriptedProvider("TIER1"), ScriptedProvider("TIER3")])
    found = await router.complete(prompt_of(task="critic"))
    assert (found.tier, found.reason) == ("TIER3", "critic: TIER3, for the critic, and complex cases")


async def test_a_prompt_too_long_for_its_tier_goes_to_one_with_room(router_of: Make, prompt_of: Ask) -> None:
    router = router_of([Backend(ScriptedProvider("TIER1"), max_length=1_000), ScriptedProvider("TIER3")])
    found = await router.complete(prompt_of("x" * 4_000))
    assert found.tier == "TIER3"
    assert found.reason.endswith("too long for TIER1, so TIER3")


async def test_a_prompt_too_long_for_everybody_is_refused_with_what_each_takes(router_of: Make, prompt_of: Ask) -> None:
    router = router_of([Backend(ScriptedProvider("TIER1"), max_length=1_000, max_output=500)])
    with pytest.raises(PromptRefused) as raised:
        await router.complete(prompt_of("x" * 20_000))
    assert str(raised.value) == (
        "the prompt has about 5000 tokens and max_tokens is 100; "
        "scripted-model (TIER1) takes 1000 in all and answers with 500 at most"
    )
    with pytest.raises(PromptRefused, match="max_tokens is 501"):
        await router.complete(prompt_of(max_tokens=501))


async def test_a_prompt_that_may_just_fit_is_left_to_the_model(router_of: Make, prompt_of: Ask) -> None:
    provider = ScriptedProvider("TIER1")
    await router_of([Backend(provider, max_length=1_000)]).complete(prompt_of("x" * 8_000))
    assert provider.asked


async def test_a_schema_that_cannot_be_used_reaches_nobody(router_of: Make, prompt_of: Ask) -> None:
    provider = ScriptedProvider("TIER1")
    with pytest.raises(PromptRefused, match="no JSON Schema") as raised:
        await router_of([provider]).complete(prompt_of(answer='{"type": 3}'))
    assert (raised.value.blame, provider.asked) == ("schema_refused", [])


async def test_a_cached_answer_says_why_it_was_routed_as_any_other(router_of: Make, prompt_of: Ask) -> None:
    router = router_of([ScriptedProvider("TIER1")], cache=True)
    await router.complete(prompt_of())
    again = await router.complete(prompt_of())
    assert (again.cached, again.reason) == (True, "naming: TIER1, for boilerplate, summaries and names")


async def test_a_remembered_answer_is_given_though_the_budget_is_spent(
    router_of: Make, prompt_of: Ask, config_of: Callable[..., RouterConfig]
) -> None:
    config = config_of(budgets={"run": {"tokens": 200}})
    router = router_of([ScriptedProvider("TIER1")], config=config, cache=True)
    asked = prompt_of("x" * 200, payer=Payer(run="r"))
    await router.complete(asked)
    assert (await router.complete(asked)).cached


def test_a_chain_is_asked_in_its_order_and_leaves_out_who_is_not_up() -> None:
    table: dict[str, Any] = {
        "tiers": {"TIER1": {"model": "/m", "max_length": 9_000}},
        "providers": {name: {"kind": "openai", "model": name, "in_flight": 7} for name in ("a", "b")},
        "chains": {"TIER1": ["a", "engine", "b"]},
    }
    engine, cloud = ScriptedProvider(), ScriptedProvider()
    found = backends_of(checked(table, "test"), {"TIER1": {"engine": engine, "a": cloud}})
    assert [(one.provider, one.max_length, one.in_flight) for one in found] == [
        (cloud, 128_000, 7),
        (engine, 9_000, None),
    ]


async def test_nothing_is_kept_of_prompts_and_payers_beyond_what_is_bounded(router_of: Make, prompt_of: Ask) -> None:
    """Different prompts of different payers, until everything that is bounded is full; then as many again."""
    provider = ScriptedProvider("TIER1")
    router = router_of([provider], cache=True)

    async def objects_after(first: int, count: int) -> int:
        for number in range(first, first + count):
            await router.complete(prompt_of(f"{number}" * 300, payer=Payer(run=f"r{number}", repository=f"q{number}")))
            provider.asked.clear()
            provider.within_s.clear()
        gc.collect()
        return len(gc.get_objects())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budget, "_KNOWN", 100)
        before = await objects_after(0, 400)
        assert await objects_after(400, 600) - before < 300

"""Each row of the table sends its prompts where it says, and everything that moves a prompt from there says so."""

import pytest

from qtest.records.completion import Difficulty, Prompt, Tier
from serve.rules import RULES, TIERS, Rule, choose


def prompt(task: str, branches: int = 0, refusals: int = 0, tier: str = "auto") -> Prompt:
    return Prompt.model_validate(
        {"task": task, "messages": (), "tier": tier, "difficulty": Difficulty(branches=branches, refusals=refusals)}
    )


@pytest.mark.parametrize(
    ("task", "branches", "tier"),
    [
        ("naming", 0, "TIER1"),
        ("summary", 0, "TIER1"),
        ("unit_test", 0, "TIER2"),
        ("unit_test", 10, "TIER3"),
        ("integration_test", 0, "TIER2"),
        ("integration_test", 10, "TIER3"),
        ("api_test", 0, "TIER2"),
        ("api_test", 10, "TIER3"),
        ("e2e_test", 0, "TIER2"),
        ("e2e_test", 5, "TIER3"),
        ("critic", 0, "TIER3"),
    ],
)
def test_a_row_sends_its_prompts_to_its_tier(task: str, branches: int, tier: Tier) -> None:
    assert Rule.model_validate({"task": task, "branches": branches, "tier": tier}) in RULES
    assert choose(prompt(task, branches), TIERS).tier == tier
    if branches:
        assert choose(prompt(task, branches - 1), TIERS).tier != tier


def test_every_row_is_in_the_test_above() -> None:
    assert len(RULES) == 11


def test_the_reason_names_the_task_the_tier_and_what_it_is_for() -> None:
    reason = choose(prompt("unit_test", 12), TIERS).reason
    assert reason == "unit_test from 10 branches on: TIER3, for the critic, and complex cases"


@pytest.mark.parametrize(("refusals", "tier"), [(0, "TIER1"), (1, "TIER2"), (2, "TIER3"), (9, "TIER3")])
def test_each_refusal_by_a_gate_climbs_a_tier(refusals: int, tier: Tier) -> None:
    choice = choose(prompt("naming", refusals=refusals), TIERS)
    assert choice.tier == tier
    assert ("refused" in choice.reason) == (refusals > 0)


def test_a_tier_that_was_asked_for_is_taken_whatever_the_table_says() -> None:
    choice = choose(prompt("naming", refusals=2, tier="TIER2"), TIERS)
    assert (choice.tier, choice.reason) == ("TIER2", "TIER2 was asked for")


def test_a_soft_limit_lowers_the_tier_by_one_and_says_whose_it_is() -> None:
    choice = choose(prompt("critic"), TIERS, saving="run r has used 90% of its tokens for today")
    assert choice.tier == "TIER2"
    assert choice.reason.endswith("lowered to TIER2: run r has used 90% of its tokens for today")


def test_past_a_soft_limit_no_dearer_tier_is_asked_after_it() -> None:
    assert choose(prompt("unit_test"), TIERS, saving="so").tiers == ("TIER1",)
    assert choose(prompt("unit_test"), TIERS).tiers == ("TIER2", "TIER3", "TIER1")


@pytest.mark.parametrize(
    ("standing", "tier"), [(("TIER1",), "TIER1"), (("TIER1", "TIER3"), "TIER3"), (("TIER3",), "TIER3")]
)
def test_where_a_tier_is_not_there_the_next_higher_one_answers_else_a_lower(
    standing: tuple[Tier, ...], tier: Tier
) -> None:
    choice = choose(prompt("unit_test"), standing)
    assert choice.tier == tier
    assert choice.reason.endswith(f"there is no TIER2 here, so {tier}")


def test_another_table_can_be_given() -> None:
    rules = (Rule(task="naming", tier="TIER3"),)
    assert choose(prompt("naming"), TIERS, rules=rules).tier == "TIER3"
    assert choose(prompt("critic"), TIERS, rules=rules).reason.startswith("no rule for critic: TIER2")

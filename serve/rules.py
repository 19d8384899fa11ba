"""Which tier a prompt goes to, as a table that can be read, tested row by row and replaced in the settings; with the reason in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, get_args

from pydantic import Field

from qtest.records.completion import Prompt, TaskType, Tier
from qtest.records.record import Record

TIERS: tuple[Tier, ...] = get_args(Tier)

PURPOSES: dict[Tier, str] = {
    "TIER1": "boilerplate, summaries and names",
    "TIER2": "the logic of tests and their assertions",
    "TIER3": "the critic, and complex cases",
}


class Rule(Record):
    """Prompts of that task, from so many branches in the code under test on. Of several that hold, the one with most branches counts."""

    task: TaskType
    branches: Annotated[int, Field(ge=0)] = 0
    tier: Tier


# ten decisions is where McCabe (1976) has code split; steps of a flow are dearer to get wrong, so five
RULES: tuple[Rule, ...] = (
    Rule(task="naming", tier="TIER1"),
    Rule(task="summary", tier="TIER1"),
    Rule(task="unit_test", tier="TIER2"),
    Rule(task="unit_test", branches=10, tier="TIER3"),
    Rule(task="integration_test", tier="TIER2"),
    Rule(task="integration_test", branches=10, tier="TIER3"),
    Rule(task="api_test", tier="TIER2"),
    Rule(task="api_test", branches=10, tier="TIER3"),
    Rule(task="e2e_test", tier="TIER2"),
    Rule(task="e2e_test", branches=5, tier="TIER3"),
    Rule(task="critic", tier="TIER3"),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """The tiers to ask, in that order; the first is the one chosen, and the reason says why."""

    tiers: tuple[Tier, ...]
    reason: str

    @property
    def tier(self) -> Tier:
        return self.tiers[0]


def choose(prompt: Prompt, standing: Sequence[Tier], *, saving: str = "", rules: Sequence[Rule] = RULES) -> Choice:
    """Among the tiers that stand, which must be one at least. `saving` says whose soft limit is passed: one tier lower then, and no
    dearer one after it."""
    tier, reason = _asked(prompt) if prompt.tier != "auto" else _ruled(prompt, rules)
    if saving and tier != TIERS[0]:
        tier = _lower(tier)
        reason = f"{reason}; lowered to {tier}: {saving}"
    there = _nearest(tier, standing)
    if there != tier:
        reason = f"{reason}; there is no {tier} here, so {there}"
    return Choice((there, *_others(there, standing, downwards=bool(saving))), reason)


def _asked(prompt: Prompt) -> tuple[Tier, str]:
    assert prompt.tier != "auto"
    return prompt.tier, f"{prompt.tier} was asked for"


def _ruled(prompt: Prompt, rules: Sequence[Rule]) -> tuple[Tier, str]:
    """What gates have refused climbs a tier for each refusal: the cheaper answer has been seen to fail."""
    branches, refusals = prompt.difficulty.branches, prompt.difficulty.refusals
    holding = [rule for rule in rules if rule.task == prompt.task and rule.branches <= branches]
    if not holding:
        tier: Tier = "TIER2"
        reason = f"no rule for {prompt.task}"
    else:
        rule = max(holding, key=lambda rule: rule.branches)
        tier = rule.tier
        reason = f"{prompt.task} from {rule.branches} branches on" if rule.branches else prompt.task
    reason = f"{reason}: {tier}, for {PURPOSES[tier]}"
    if refusals and tier != TIERS[-1]:
        tier = TIERS[min(TIERS.index(tier) + refusals, len(TIERS) - 1)]
        times = "once" if refusals == 1 else f"{refusals} times"
        reason = f"{reason}; refused {times} by a gate, so {tier}"
    return tier, reason


def _lower(tier: Tier) -> Tier:
    return TIERS[max(TIERS.index(tier) - 1, 0)]


def _nearest(tier: Tier, standing: Sequence[Tier]) -> Tier:
    """The next higher one where there is one: a better answer than asked for harms nobody."""
    return tier if tier in standing else _others(tier, standing, downwards=False)[0]


def _others(tier: Tier, standing: Sequence[Tier], *, downwards: bool) -> tuple[Tier, ...]:
    """Where to go when nobody of the tier answers: up, then down."""
    at = TIERS.index(tier)
    up = () if downwards else tuple(one for one in TIERS[at + 1 :] if one in standing)
    return (*up, *(one for one in reversed(TIERS[:at]) if one in standing))

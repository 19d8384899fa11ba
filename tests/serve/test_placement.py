"""Which tiers find their GPUs."""

from hypothesis import given
from hypothesis import strategies as st

from qtest.records.completion import Tier
from serve.placement import Node, absent
from serve.tierconfig import TierSettings


def tier(gpus: int, **more: object) -> TierSettings:
    return TierSettings.model_validate({"model": "/weights", "gpus": gpus, **more})


def test_a_tier_that_wants_more_than_the_largest_node_has_is_named_and_the_others_stand() -> None:
    found = absent({"TIER1": tier(1), "TIER3": tier(4)}, [Node(2), Node(1)])
    assert found == {"TIER3": "TIER3 wants 4 GPUs on one node; the largest has 2"}


def test_what_an_earlier_tier_takes_is_not_there_for_a_later_one() -> None:
    found = absent({"TIER1": tier(1), "TIER2": tier(2)}, [Node(2)])
    assert found == {"TIER2": "TIER2 wants 2 GPUs on one node; the tiers before it leave 1 at most"}


def test_without_any_gpu_it_says_so() -> None:
    assert absent({"TIER1": tier(1)}, [Node(0)]) == {"TIER1": "TIER1 wants 1 GPU on one node; no node has any"}


def test_another_kind_of_gpu_is_none() -> None:
    nodes = [Node(8, frozenset({"L4"}))]
    assert absent({"TIER1": tier(1, accelerator="H100")}, nodes) == {
        "TIER1": "TIER1 wants 1 H100 GPU on one node; no node has any"
    }
    assert absent({"TIER1": tier(1, accelerator="L4")}, nodes) == {}


def test_two_halves_share_a_gpu() -> None:
    halves: dict[Tier, TierSettings] = {"TIER1": tier(1, fraction=0.5), "TIER2": tier(1, fraction=0.5)}
    assert absent(halves, [Node(1)]) == {}
    assert set(absent({**halves, "TIER3": tier(1, fraction=0.5)}, [Node(1)])) == {"TIER3"}


def test_nodes_that_may_be_started_count() -> None:
    assert absent({"TIER1": tier(4), "TIER2": tier(4)}, [Node(0), Node(4, many=2)]) == {}
    assert set(absent({"TIER1": tier(4), "TIER2": tier(4)}, [Node(4, many=1)])) == {"TIER2"}
    assert set(absent({"TIER1": tier(4)}, [Node(4, many=0)])) == {"TIER1"}


def test_a_tier_on_a_cpu_needs_none() -> None:
    assert absent({"TIER1": tier(0)}, []) == {}


@given(st.lists(st.integers(1, 8), min_size=1, max_size=3), st.lists(st.integers(0, 8), max_size=5))
def test_those_who_stand_never_take_more_than_there_is(wanted: list[int], has: list[int]) -> None:
    names: tuple[Tier, ...] = ("TIER1", "TIER2", "TIER3")
    tiers = {name: tier(gpus) for name, gpus in zip(names, wanted, strict=False)}
    lacking = absent(tiers, [Node(gpus) for gpus in has])
    standing = [settings.gpus for name, settings in tiers.items() if name not in lacking]
    assert sum(standing) <= sum(has)
    assert all(gpus <= max(has) for gpus in standing)
    assert all("\n" not in line and line.startswith(name) for name, line in lacking.items())

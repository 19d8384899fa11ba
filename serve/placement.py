"""Which tiers find the GPUs they want on the nodes that there are, or that may be started."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from qtest.records.completion import Tier
from serve.tierconfig import TierSettings


@dataclass
class Node:
    """`many` of a kind: those of a kind that a cluster may start are counted, not named."""

    gpus: float
    kinds: frozenset[str] = frozenset()
    many: int = 1
    free: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.free = [self.gpus] * self.many


def absent(tiers: Mapping[Tier, TierSettings], nodes: Iterable[Node]) -> dict[Tier, str]:
    """One line for each tier of which not even one replica has room, tiers in order. Each is placed with what the earlier ones leave."""
    there = list(nodes)
    lines: dict[Tier, str] = {}
    for tier in sorted(tiers):
        settings = tiers[tier]
        said = _placed(tier, settings, there) if settings.gpus else ""
        if said:
            lines[tier] = said
    return lines


def _placed(tier: Tier, settings: TierSettings, nodes: list[Node]) -> str:
    wanted, what = settings.gpus_taken, _what(settings)
    fitting = [node for node in nodes if not settings.accelerator or settings.accelerator in node.kinds]
    largest = max((node.gpus for node in fitting if node.many), default=0)
    if largest < wanted:
        on = f"the largest has {largest:g}" if largest else "no node has any"
        return f"{tier} wants {what} on one node; {on}"
    for node in fitting:
        for at, free in enumerate(node.free):
            if free >= wanted:
                node.free[at] -= wanted
                return ""
    most = max(free for node in fitting for free in node.free)
    return f"{tier} wants {what} on one node; the tiers before it leave {most:g} at most"


def _what(settings: TierSettings) -> str:
    kind = f" {settings.accelerator}" if settings.accelerator else ""
    return f"{settings.gpus_taken:g}{kind} GPU{'' if settings.gpus_taken == 1 else 's'}"

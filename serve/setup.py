"""The parts of a router from its settings, whoever serves it: a deployment, or this very process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qtest.records.completion import Tier
from serve.access import limits_of
from serve.answers import Answers
from serve.budget import Budget
from serve.config import RouterConfig
from serve.router import Router, backends_of
from serve.seams import Provider
from serve.spending import Spending


@dataclass(frozen=True)
class Served:
    """`absent` says of each tier that should stand and does not why."""

    router: Router
    spending: Spending
    answers: Answers | None
    absent: Mapping[Tier, str] = field(default_factory=dict)

    def close(self) -> None:
        self.spending.close()
        if self.answers:
            self.answers.close()


def served(
    config: RouterConfig, providers: Mapping[Tier, Mapping[str, Provider]], absent: Mapping[Tier, str] | None = None
) -> Served:
    """`providers` has, for each tier, those that are up, by the names in its chain."""
    spending = Spending(_folder(config.budgets.folder))
    budget = Budget(config.budgets, spending, limits_of(config.keys))
    cache = config.cache
    answers = Answers(_folder(cache.folder), cache.most_mb, cache.memory_mb) if cache.on else None
    return Served(Router(backends_of(config, providers), config, budget, answers), spending, answers, absent or {})


def _folder(name: str) -> Path | None:
    return Path(name).expanduser() if name else None

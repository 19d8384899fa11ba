"""The search, handed to a worker of an executor."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from qtest.config import SearchSettings
from qtest.errand import sent
from qtest.generate.search.generator import Proposal, SearchGenerator
from qtest.ports import Executor, Tools
from qtest.records.baseline import Setting
from qtest.records.outcome import Feedback
from qtest.records.plan import Brief
from qtest.records.record import Record


class SearchOrder(Record):
    setting: Setting
    brief: Brief
    settings: SearchSettings


def searched(tools: Tools, order: SearchOrder) -> tuple[Proposal, ...]:
    """What an executor is given: one module's search, to its end."""
    generator = SearchGenerator(tools.workbench, lambda _: order.setting, order.settings, time.monotonic)
    return tuple(generator.propose(order.brief, Feedback()))


@dataclass(frozen=True)
class SentSearch:
    """Answers the port `Generator`. `setting_of` gives where a project's code runs."""

    executor: Executor
    setting_of: Callable[[str], Setting]
    settings: SearchSettings
    name: str = "search"
    rounds: int = 1

    def propose(self, brief: Brief, feedback: Feedback) -> Iterable[Proposal]:
        order = SearchOrder(setting=self.setting_of(brief.project), brief=brief, settings=self.settings)
        return sent(self.executor, searched, order)

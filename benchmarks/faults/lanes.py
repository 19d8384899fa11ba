"""What the peers say of the scenarios: one lane for each tool, and no new question when the time is over."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from benchmarks.faults.scenario import Scenario
from benchmarks.generation.store import Store

TOOLS = ("mutmut", "cosmic-ray")
LATE = "not asked: no time"


class Lanes:
    """Answers are kept in the store under `key`; that there was no time is none, so the next run asks."""

    def __init__(
        self, store: Store, ask: Callable[[Scenario, str], str], key: Callable[[Scenario, str], tuple[object, ...]]
    ) -> None:
        self.store = store
        self.ask = ask
        self.key = key

    def said(self, scenarios: Sequence[Scenario], minutes: float) -> dict[tuple[str, str], str]:
        """By scenario and tool."""
        ends = time.monotonic() + 60 * minutes
        with ThreadPoolExecutor(len(TOOLS)) as lanes:
            return dict(chain.from_iterable(lanes.map(lambda tool: list(self._lane(scenarios, tool, ends)), TOOLS)))

    def _lane(self, scenarios: Sequence[Scenario], tool: str, ends: float) -> Iterator[tuple[tuple[str, str], str]]:
        """Every seventh first, so that what there is no time for is of every kind."""
        asked = [scenario for scenario in scenarios if scenario.peers and not scenario.forgeable]
        for scenario in (one for first in range(7) for one in asked[first::7]):
            said = self._one(scenario, tool, ends)
            print(f"{scenario.name}, {tool}: {said}", flush=True)
            yield (scenario.name, tool), said

    def _one(self, scenario: Scenario, tool: str, ends: float) -> str:
        key = self.key(scenario, tool)
        if time.monotonic() >= ends and not self.store.known("faults", key):
            return LATE
        return str(self.store.once("faults", key, lambda: self.ask(scenario, tool)))

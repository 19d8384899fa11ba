"""What the peers are asked, and what is kept of it."""

from pathlib import Path

from benchmarks.faults.lanes import LATE, TOOLS, Lanes
from benchmarks.faults.scenario import Scenario
from benchmarks.faults.scenarios import SCENARIOS
from benchmarks.generation.store import Store

ASKABLE = tuple(scenario for scenario in SCENARIOS if scenario.peers and not scenario.forgeable)[:3]


class Peers:
    """Remembers what it was asked."""

    def __init__(self, store: Path) -> None:
        self.asked: list[tuple[str, str]] = []
        self.lanes = Lanes(Store(store), self.answer, lambda scenario, tool: ("peer", tool, scenario.name))

    def answer(self, scenario: Scenario, tool: str) -> str:
        self.asked.append((scenario.name, tool))
        return "killed"


def test_what_there_was_no_time_for_is_asked_by_the_next_run(tmp_path: Path) -> None:
    peers = Peers(tmp_path)
    assert set(peers.lanes.said(ASKABLE, 0).values()) == {LATE}
    assert set(peers.lanes.said(ASKABLE, 5).values()) == {"killed"}
    assert len(peers.asked) == len(ASKABLE) * len(TOOLS)


def test_an_answer_that_is_kept_stands_though_the_time_is_over(tmp_path: Path) -> None:
    peers = Peers(tmp_path)
    peers.lanes.said(ASKABLE[:1], 5)
    said = peers.lanes.said(ASKABLE, 0)
    assert [said[ASKABLE[0].name, tool] for tool in TOOLS] == ["killed", "killed"]
    assert [word for word in said.values() if word == LATE] == [LATE] * 2 * (len(ASKABLE) - 1)
    assert len(peers.asked) == len(TOOLS)

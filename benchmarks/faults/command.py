"""Asks of every scenario: us, us without its guard, mutmut and cosmic-ray; writes the section of the page of results."""

import argparse
import os
import platform
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.faults import peers
from benchmarks.faults.lanes import TOOLS, Lanes
from benchmarks.faults.scenario import Scenario, Tree, trees
from benchmarks.faults.scenarios import SCENARIOS
from benchmarks.faults.seen import of_tree
from benchmarks.faults.table import NONE, Row, page, summary
from benchmarks.faults.unguarded import said_without
from benchmarks.generation.commit import commit
from benchmarks.generation.environments import COSMIC_RAY, MUTMUT, Environment
from benchmarks.generation.environments import peers as environment
from benchmarks.generation.store import Store
from benchmarks.page import publish
from qtest.adapters import sandbox as sandboxes
from qtest.ports import Sandbox
from qtest.records.record import digest_of


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    chosen = [scenario for scenario in SCENARIOS if not asked.only or scenario.name in asked.only.split(",")]
    session = Session(Store(asked.store.expanduser().resolve()), sandboxes.choose(), asked.jobs)
    rows = session.rows(chosen, asked.peer_minutes)
    machine = session.machine()
    print("\n".join((machine, *summary([row for row in rows if not row.scenario.forgeable]))))
    if not asked.only:
        publish(page(rows, machine))
    return 0


class Session:
    """One run over one store, where what this QTest has answered before is kept."""

    def __init__(self, store: Store, sandbox: Sandbox, jobs: int) -> None:
        self.store = store
        self.sandbox = sandbox
        self.jobs = jobs
        self.commit = commit()
        self.load_before = _load()
        self._making = threading.Lock()

    def rows(self, scenarios: Sequence[Scenario], peer_minutes: float) -> list[Row]:
        ours = self._ours(scenarios)
        with ThreadPoolExecutor(self.jobs) as pool:
            without = list(pool.map(self._without, scenarios))
        theirs = Lanes(self.store, self._peer, _peer_key).said(scenarios, peer_minutes)
        return [
            Row(one, ours[one.name], said, {tool: theirs.get((one.name, tool), NONE) for tool in TOOLS})
            for one, said in zip(scenarios, without, strict=True)
        ]

    def _ours(self, scenarios: Sequence[Scenario]) -> dict[str, str]:
        found: dict[str, str] = {}
        for tree in trees(scenarios):
            found |= self.store.once(
                "faults", (self.commit, "ours", _asked(*tree.scenarios)), partial(self._said, tree)
            )
        for scenario in scenarios:
            if not found[scenario.name].startswith(scenario.verdict):
                print(f"{scenario.name}: {found[scenario.name]}; must be {scenario.verdict}", flush=True)
        return found

    def _said(self, tree: Tree) -> dict[str, str]:
        with tempfile.TemporaryDirectory(prefix="qtest-faults-") as folder:
            return of_tree(tree, self.sandbox, Path(folder))

    def _without(self, scenario: Scenario) -> str:
        if scenario.guard is None:
            return ""
        said = self._once("without", scenario, lambda: said_without(scenario.guard, [scenario])[scenario.name])
        print(f"{scenario.name} without its guard: {said[:120]}", flush=True)
        return said

    def _peer(self, scenario: Scenario, tool: str) -> str:
        return peers.asked(scenario, tool, self._tools(), self.sandbox)

    def _tools(self) -> Environment:
        with self._making:
            return environment(self.store.folder)

    def _once(self, what: str, scenario: Scenario, ask: Callable[[], str]) -> str:
        return str(self.store.once("faults", (self.commit, what, _digest(scenario)), ask))

    def machine(self) -> str:
        return (
            f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
            f"sandbox {self.sandbox.name}, load before {self.load_before} and after {_load()}; QTest {self.commit}, {MUTMUT}, {COSMIC_RAY}"
        )


def _digest(*scenarios: Scenario) -> str:
    """Of all that is asked, so that what was kept of another text is asked again."""
    return digest_of("\0".join(map(repr, scenarios)))[:16]


def _asked(*scenarios: Scenario) -> str:
    """What stands in place of a guard that is gone does not matter to who has them all."""
    return _digest(*(replace(scenario, guard=None) for scenario in scenarios))


def _peer_key(scenario: Scenario, tool: str) -> tuple[object, ...]:
    return ("peer", tool, _asked(scenario))


def _load() -> str:
    return " ".join(f"{load:.2f}" for load in os.getloadavg())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run faults", description=__doc__)
    parser.add_argument(
        "--only", default="", help="names of scenarios, separated by commas; the page is not written then"
    )
    parser.add_argument("--peer-minutes", type=float, default=15.0, help="for mutmut and cosmic-ray together")
    parser.add_argument("--jobs", type=int, default=2, help="copies without a guard that are asked at once")
    parser.add_argument("--store", type=Path, default=Path("~/.cache/qtest/benchmarks"))
    return parser

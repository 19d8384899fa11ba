"""Mutants get the same verdicts wherever and in however many pieces they are judged, and whatever else the machine does meanwhile."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from qtest.adapters import sandbox as sandboxes
from qtest.adapters.inline import InlineExecutor
from qtest.cli import main
from qtest.config import Config, load_for
from qtest.mutating import MutateRun
from qtest.mutation.merge import merged
from qtest.records.mutation import MutationReport
from qtest.report.mutation.files import read
from qtest.wiring import home, open_house, tools_of

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("sandboxed")]

PRICES = Path(__file__).parents[1] / "samples" / "prices"
CUT_OFF = Path(__file__).with_name("cut_off.py")
SHARDS = 3


@dataclass(frozen=True)
class Ground:
    """What is judged, with so many of its mutants (all when 0), in runs that remember nothing of each other."""

    spec: str
    sample: int
    folder: Path

    def inline(self, workers: int, shard: str = "") -> MutationReport:
        config, kept = self._config(shard), home(str(self.store(f"{workers}-{shard.replace('/', '-')}")))
        sandbox, artefacts = sandboxes.choose(), kept.artefacts()
        tools = [tools_of(sandbox, artefacts) for _ in range(workers)]
        with closing(kept.ledger()) as ledger, open_house(store=artefacts, executor=InlineExecutor(tools)) as house:
            try:
                run = MutateRun(house, ledger, config, "run", workers, lambda _: None, time.monotonic())
                return run.report(self.spec)
            finally:
                for one in tools:
                    one.close()

    def sharded(self, workers: int) -> MutationReport:
        parts = [self.inline(workers, f"{number}/{SHARDS}") for number in range(1, SHARDS + 1)]
        return merged([(self.folder / part.shard, part) for part in parts])

    def resumed(self, after: int) -> MutationReport:
        """Killed with so many mutants and controls judged."""
        store, out = self.store("killed"), self.folder / "killed"
        command = [sys.executable, CUT_OFF, self.spec, "killed", store, out, str(after), str(self.sample or "")]
        ended = subprocess.run(command, capture_output=True, check=False)
        assert ended.returncode == -9, ended.stderr.decode()
        assert main(["resume", "killed", "--store", str(store)]) == 0
        report = read(out)
        assert report.remembered
        return report

    def on_ray(self, cpus: int) -> MutationReport:
        out = self.folder / f"ray-{cpus}"
        with cluster_of(cpus, self.folder) as (address, environment):
            sampled = ["--sample", str(self.sample)] if self.sample else []
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "qtest", "mutate", self.spec, "--address", address, "--ask", "0", *sampled),
                    *("--store", str(self.store(f"ray-{cpus}")), "--out", str(out)),
                ],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == 0, done.stdout + done.stderr
        return read(out)

    def store(self, name: str) -> Path:
        return self.folder / f"store-{name}"

    def _config(self, shard: str) -> Config:
        mutate = {"ask_s": 0, "shard": shard} | ({"sample": self.sample} if self.sample else {})
        return load_for(self.spec, {"target": {"repository": self.spec}, "mutate": mutate})


@contextmanager
def cluster_of(cpus: int, folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A Ray with so many CPUs, which this process does not join: its address, and the environment for one who does."""
    quiet = {"RAY_AUTH_MODE": "disabled", "RAY_worker_niceness": "0", "HOME": str(folder)}
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    with pytest.MonkeyPatch.context() as patched:
        for name, value in quiet.items():
            patched.setenv(name, value)
        from ray.cluster_utils import Cluster

        cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": cpus, "resources": {"sandbox": cpus}, "include_dashboard": False},
        )
        try:
            yield cluster.address, os.environ | {"XDG_CACHE_HOME": cache}
        finally:
            cluster.shutdown()


def told(report: MutationReport) -> dict[str, tuple[str, str, str]]:
    """Of each mutant: in which way it was judged, and how that ended."""
    assert (report.status, report.red) == ("completed", "")
    return {
        verdict.mutant.id: (verdict.how, verdict.result.status, getattr(verdict.result, "reason", ""))
        for verdict in report.verdicts
    }


def differing(first: MutationReport, other: MutationReport) -> list[str]:
    """In words."""
    was, now = told(first), told(other)
    wrong = [
        f"{name}: {now.get(name)}, first: {was.get(name)}"
        for name in sorted(was.keys() | now.keys())
        if now.get(name) != was.get(name)
    ]
    doubts = [f"doubtful: {name}" for name in set(first.controls.doubtful) ^ set(other.controls.doubtful)]
    return [*wrong, *doubts]


def copied(folder: Path) -> Path:
    return shutil.copytree(PRICES, folder / "prices", ignore=shutil.ignore_patterns("__pycache__"))


WAYS: dict[str, Callable[[Ground], MutationReport]] = {
    "two workers": lambda ground: ground.inline(2),
    "four workers": lambda ground: ground.inline(4),
    "sharded": lambda ground: ground.sharded(2),
    "resumed": lambda ground: ground.resumed(40),
    "Ray of one CPU": lambda ground: ground.on_ray(1),
    "Ray of two CPUs": lambda ground: ground.on_ray(2),
    "Ray of four CPUs": lambda ground: ground.on_ray(4),
}


@pytest.fixture(
    scope="module",
    params=["prices", pytest.param("pypi:inflection", marks=pytest.mark.network)],
)
def by_one(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ground, MutationReport]:
    """What one worker says, who has nobody beside it."""
    folder = tmp_path_factory.mktemp("same")
    ground = Ground(str(copied(folder)), 0, folder) if request.param == "prices" else Ground(request.param, 120, folder)
    return ground, ground.inline(1)


@pytest.mark.soak
@pytest.mark.ray
@pytest.mark.parametrize("way", WAYS)
def test_the_verdicts_of_one_worker_are_those_of_every_other_way(
    by_one: tuple[Ground, MutationReport], way: str
) -> None:
    ground, alone = by_one
    assert not differing(alone, WAYS[way](ground))


@pytest.mark.soak
def test_a_machine_that_others_keep_busy_changes_no_verdict(
    by_one: tuple[Ground, MutationReport], all_cores_taken: Callable[[], AbstractContextManager[None]]
) -> None:
    ground, alone = by_one
    with all_cores_taken():
        busy = ground.inline(4)
    assert not differing(alone, busy)

"""A run as its driver sees it: handed to the supervisor, followed by its events, and written to the user's disk."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray

from actors import runtime, supervisor
from actors.artefacts import StoreClient, nearest_store
from actors.executor import RayExecutor
from actors.jobs import Order
from actors.ledger import LedgerClient, find, owner
from actors.workplace import workplace
from qtest.adapters import interpreters
from qtest.config import Config
from qtest.errors import ClusterError, QTestError, UsageError
from qtest.ingest.bundle import ingest
from qtest.ports import Ledger, Store
from qtest.records.outcome import ModuleOutcome
from qtest.records.progress import Progress
from qtest.records.proof import Declined
from qtest.records.report import RunReport
from qtest.records.run import EventRow
from qtest.records.source import Repository
from qtest.wiring import House, default_cache, home, open_library

POLL_S = 0.1
Publish = Callable[[ModuleOutcome, Path, Path | None], Sequence[str]]


def generate(
    config: Config,
    run: str,
    spec: str,
    listen: Callable[[Progress], None],
    finished: Callable[[RunReport, Sequence[str]], RunReport],
    publish: Publish,
    unwanted: tuple[Declined, ...] = (),
) -> RunReport:
    """`spec` is the repository with its login, which stays in this process. An interrupt asks the supervisor to stop, and brings what
    was proven until then. Raises QTestError."""
    listen(Progress(stage="fetch", note=f"fetching {config.target.repository}"))
    if config.target.python and not config.where.address:
        interpreters.choose(config.target.python, "")
    with open_library() as library:
        repository = library.fetcher.fetch(spec).model_copy(update={"declined": unwanted})
        with _cluster(config, listen) as driver:
            return driver.lead(run, driver.order(repository), finished, publish)


def resume(
    config: Config,
    run: str,
    listen: Callable[[Progress], None],
    finished: Callable[[RunReport, Sequence[str]], RunReport],
    publish: Publish,
) -> RunReport:
    """What is missing of a run that was cut off, from the bundle that it had."""
    with _cluster(config, listen) as driver:
        return driver.lead(run, None, finished, publish)


@contextmanager
def ledger_of(address: str, store: str) -> Iterator[Ledger]:
    """That of a living cluster, which holds its file. Raises ClusterError, LedgerError."""
    with runtime.joined(address):
        try:
            find()
        except ValueError:
            raise ClusterError(f"the cluster at {address} remembers nothing: no run was made on it") from None
        owner(home(store).folder)
        yield LedgerClient()


@contextmanager
def house_on(address: str, config: Config) -> Iterator[tuple[House, Ledger, int]]:
    """This process as one that hands its work to that cluster: its parts, the cluster's ledger, and how many tasks fit at a time. Raises
    ClusterError, LedgerError, SandboxError."""
    with runtime.connected(address) as cluster:
        owner(home(config.where.store).folder)
        here = workplace(config.unsafe_no_sandbox)
        here.house.executor = RayExecutor(cluster.tasks, window=2 * cluster.width, unsafe=config.unsafe_no_sandbox)
        yield here.house, here.ledger, cluster.width


@contextmanager
def _cluster(config: Config, listen: Callable[[Progress], None]) -> Iterator["Driver"]:
    where = config.where.address or os.environ.get("RAY_ADDRESS", "")
    listen(Progress(stage="fetch", note=f"joining {where}" if where else "starting Ray"))
    with runtime.connected(where) as cluster:
        for note in cluster.notes:
            listen(Progress(stage="fetch", note=note))
        owner(home(config.where.store).folder)
        boss = supervisor.supervisor(cluster.profile, cluster.tasks, cluster.width)
        yield Driver(config, listen, boss, LedgerClient(), nearest_store(default_cache() / "artefacts"))


@dataclass
class Driver:
    """Of one run."""

    config: Config
    listen: Callable[[Progress], None]
    boss: Any
    ledger: Ledger
    store: Store

    def order(self, repository: Repository) -> Order:
        """Read here where the cluster cannot see the folder."""
        if isinstance(self.store, StoreClient):
            bundle = ingest(repository, self.store)
            return Order(repository=repository, bundle=self.store.put(bundle.to_json().encode()))
        return Order(repository=repository)

    def lead(
        self,
        run: str,
        order: Order | None,
        finished: Callable[[RunReport, Sequence[str]], RunReport],
        publish: Publish,
    ) -> RunReport:
        seen = max((event.seq for event in self.ledger.rows(EventRow, run=run)), default=0)
        ray.get(self.boss.submit.remote(run, self.config.to_json(), order))
        follower = _Follower(self.config, run, self.listen, publish, self.ledger, self.store)
        try:
            report = follower.follow(seen)
        except KeyboardInterrupt:
            ray.get(self.boss.cancel.remote(run))
            report = follower.follow(follower.seq)
        return finished(report, follower.written)


class _Follower:
    def __init__(
        self,
        config: Config,
        run: str,
        listen: Callable[[Progress], None],
        publish: Publish,
        ledger: Ledger,
        store: Store,
    ) -> None:
        self._config, self._run, self._listen, self._publish = config, run, listen, publish
        self._ledger, self._store = ledger, store
        self.seq = 0
        self.written: list[str] = []

    def follow(self, after: int) -> RunReport:
        """Until the run ends. Raises QTestError when it failed."""
        for event in self._events(after):
            if event.kind == "progress":
                self._listen(Progress.from_json(event.payload))
            elif event.kind == "closed":
                outcome = ModuleOutcome.from_json(self._store.get(event.payload))
                tree = Path(self._config.target.repository) if self._config.output.in_place else None
                self.written += [
                    path
                    for path in self._publish(outcome, Path(self._config.output.out), tree)
                    if path not in self.written
                ]
            elif event.kind == "refused":
                raise UsageError(event.payload)
            elif event.kind == "failed":
                raise QTestError(event.payload)
            elif event.kind == "ended":
                return RunReport.from_json(self._store.get(event.payload))
        raise ClusterError("the run's events ended without its end")

    def _events(self, after: int) -> Iterator[EventRow]:
        self.seq = after
        while True:
            found = self._ledger.since(self._run, self.seq)
            for event in found:
                self.seq = event.seq
                yield event
            if not found:
                time.sleep(POLL_S)

"""A run as its driver sees it: handed to the supervisor, followed by its events, and written to the user's disk."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import ray

from actors import runtime, supervisor
from actors.artefacts import nearest_store
from actors.ledger import LedgerClient, owner
from qtest.config import Config
from qtest.errors import ClusterError, QTestError
from qtest.ports import Ledger, Store
from qtest.records.outcome import ModuleOutcome
from qtest.records.progress import Progress
from qtest.records.report import RunReport
from qtest.records.run import EventRow
from qtest.wiring import default_cache, home

POLL_S = 0.1
Publish = Callable[[ModuleOutcome, Path, Path | None], Sequence[str]]


def generate(
    config: Config,
    run: str,
    listen: Callable[[Progress], None],
    finished: Callable[[RunReport, Sequence[str]], RunReport],
    publish: Publish,
) -> RunReport:
    """An interrupt asks the supervisor to stop, and brings what was proven until then. Raises QTestError."""
    started = time.monotonic()
    listen(
        Progress(stage="fetch", note="starting Ray" if not config.where.address else f"joining {config.where.address}")
    )
    with runtime.connected(config.where.address) as cluster:
        for note in cluster.notes:
            listen(Progress(stage="fetch", note=note, elapsed_s=time.monotonic() - started))
        config = _absolute(config)
        owner(home(config.where.store).folder)
        boss = supervisor.supervisor(cluster.profile, cluster.tasks, cluster.width)
        ledger = LedgerClient()
        seen = max((event.seq for event in ledger.rows(EventRow, run=run)), default=0)
        ray.get(boss.submit.remote(run, config.to_json()))
        follower = _Follower(config, run, listen, publish, ledger, nearest_store(default_cache() / "artefacts"))
        try:
            report = follower.follow(seen)
        except KeyboardInterrupt:
            ray.get(boss.cancel.remote(run))
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


def _absolute(config: Config) -> Config:
    """A folder as every process of this machine finds it."""
    spec = config.target.repository
    if not Path(spec).is_dir():
        return config
    target = config.target.model_copy(update={"repository": str(Path(spec).resolve())})
    return config.model_copy(update={"target": target})

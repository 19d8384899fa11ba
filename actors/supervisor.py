"""The runs of a cluster: a detached actor that knows nothing which is not on disk."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import ray

from actors.hands import RayHand
from actors.jobs import Order, StageKind
from actors.ledger import LedgerClient
from actors.line import Remote, Stopped
from actors.pool import DeadLetter, Pool
from actors.stages import STAGES, Profile
from actors.workplace import workplace
from qtest.chronicle import Chronicle, begin
from qtest.config import Config, recalled
from qtest.errors import QTestError, UsageError
from qtest.meter import Meter
from qtest.pipeline import run as pipeline
from qtest.records.outcome import ModuleOutcome
from qtest.records.plan import Brief, Budget
from qtest.records.progress import Progress
from qtest.records.record import Record
from qtest.records.report import INTERRUPTED
from qtest.records.run import EventRow, RunRow
from qtest.report.build import build
from qtest.wiring import now_ms

NAME, NAMESPACE = "supervisor", "qtest"


class Events:
    """A run's steps, appended to the ledger; they go on where an earlier supervisor stopped."""

    def __init__(self, ledger: LedgerClient, run: str) -> None:
        self._ledger, self._run = ledger, run
        self._seq = max((event.seq for event in ledger.rows(EventRow, run=run)), default=0)
        self._lock = threading.Lock()

    def order(self) -> Order:
        """The one that the run was handed in with; its bundle, once that was read, is kept: a run is of what it began with. Raises
        QTestError."""
        found = self._ledger.rows(EventRow, run=self._run, kind="ordered")
        if found:
            return Order.from_json(found[-1].payload)
        raise QTestError(f"{self._run}: nothing tells which repository it is of; start a new run")

    def say(self, kind: str, stage: str = "", payload: Record | str = "") -> None:
        text = payload if isinstance(payload, str) else payload.to_json()
        with self._lock:
            self._seq += 1
            row = EventRow(run=self._run, seq=self._seq, made=now_ms(), stage=stage, kind=kind, payload=text)
            self._ledger.put((row,))


class Supervisor:
    """Takes up every run that the ledger says is running. `tasks` are Ray's options for work that takes CPU, `width` how many
    modules are written at a time."""

    def __init__(self, profile: Profile, tasks: Mapping[str, Any], width: int) -> None:
        self._profile, self._tasks, self._width = profile, dict(tasks), width
        self._ledger = LedgerClient()
        self._meters: dict[str, Meter] = {}
        self._cancelled: set[str] = set()
        self._lock = threading.Lock()
        self._pools = self._opened()
        for row in self._ledger.rows(RunRow, status="running"):
            self._start(row.run, recalled(row.config))

    def submit(self, run: str, config: str, order: Order | None) -> None:
        """Acknowledged when it is on disk. Without an order it is a run that ended or was cut off: what it made is remembered."""
        if order is not None and not self._ledger.rows(EventRow, run=run, kind="ordered"):  # this call may come twice
            Events(self._ledger, run).say("ordered", payload=order)
        begin(self._ledger, run, Config.from_json(config), now_ms())  # from here on a successor takes it up
        self._start(run, Config.from_json(config))

    def allot(self, run: str, brief: Brief) -> Budget:
        meter = self._meters.get(run)
        return meter.allot(brief) if meter else brief.share

    def cancel(self, run: str) -> None:
        """It ends with what has been closed until then."""
        self._cancelled.add(run)
        for pool in self._pools.values():
            pool.drop(run)

    def __repr__(self) -> str:
        return "supervisor"  # Ray shows it in logs and the dashboard

    def pid(self) -> int:
        return os.getpid()

    def open_leases(self) -> list[dict[str, str | int]]:
        """Who is doing what: worker, pid, stage, item."""
        pools = {id(pool): pool for pool in self._pools.values()}
        return [
            {"worker": hand.name, "pid": hand.pid, "stage": job.stage, "item": job.item}
            for pool in pools.values()
            for hand, job in list(pool.open.items())
        ]

    def _opened(self) -> dict[StageKind, Pool]:
        pools: dict[str, Pool] = {}
        for stage in STAGES.values():
            least, most = stage.workers[self._profile]
            cpus = stage.cpus if self._profile == "cluster" else 0
            pool = "light" if self._profile == "laptop" and most == 1 else stage.pool
            if pool not in pools:
                hire = _hire(cpus, self._tasks)
                pools[pool] = Pool(pool, hire, self._ledger, now_ms, least, min(most, max(1, self._width)))
        return {
            name: pools["light" if self._profile == "laptop" and stage.workers["laptop"][1] == 1 else stage.pool]
            for name, stage in STAGES.items()
        }

    def _start(self, run: str, config: Config) -> None:
        with self._lock:
            if run in self._meters:
                return
            events = Events(self._ledger, run)
            for pool in self._pools.values():
                pool.take_up(run)

            def say(progress: Progress) -> None:
                events.say("progress", progress.stage, progress)

            self._meters[run] = Meter(time.monotonic, say, config.budget, self._width)
        threading.Thread(target=self._run, args=(run, config, events), name=f"run {run}", daemon=True).start()

    def _run(self, run: str, config: Config, events: Events) -> None:
        try:
            self._work(run, config, events)
        except Exception as error:  # whatever breaks ends the run in words, and the driver hears of it
            known = isinstance(error, QTestError | DeadLetter)
            kind = "refused" if isinstance(error, UsageError) else "failed"
            events.say(kind, payload=str(error) if known else f"{type(error).__name__}: {error}")
        finally:
            with self._lock:
                self._meters.pop(run, None)
            self._cancelled.discard(run)

    def _work(self, run: str, config: Config, events: Events) -> None:
        here, meter = workplace(config.unsafe_no_sandbox), self._meters[run]
        chronicle = Chronicle(self._ledger, here.store, config, run, now_ms)
        remote = Remote(
            run,
            config,
            self._pools,
            here.store,
            meter,
            chronicle.learn,
            here.house.sandbox.probe(),
            lambda: run in self._cancelled,
        )
        closed: list[ModuleOutcome] = []
        stopped = False
        chronicle.begin()
        try:
            order = events.order()
            remote.bundle_read = order.bundle
            remote.read = lambda digest: (
                None if order.bundle else events.say("ordered", payload=order.model_copy(update={"bundle": digest}))
            )
            for outcome in pipeline(remote.line(), order.repository):
                closed.append(outcome)
                chronicle.close(outcome)
                events.say("closed", "assemble", here.store.put(outcome.to_json().encode()))
        except Stopped:
            stopped = True
        except Exception as error:
            chronicle.fail(str(error))
            raise
        report = build(config, run, remote.facts, closed, cut=meter.cut)
        report = report.model_copy(update=meter.times() | (INTERRUPTED if stopped else {}))
        chronicle.end(report)
        events.say("ended", payload=here.store.put(report.to_json().encode()))


def _hire(cpus: float, tasks: Mapping[str, Any]) -> Callable[[str], RayHand]:
    return lambda pool: RayHand.hire(pool, cpus, tasks)


RemoteSupervisor: Any = ray.remote(Supervisor)


def supervisor(profile: Profile, tasks: Mapping[str, Any], width: int) -> Any:
    """The cluster's, made when there is none."""
    return RemoteSupervisor.options(
        name=NAME,
        namespace=NAMESPACE,
        lifetime="detached",
        get_if_exists=True,
        num_cpus=0,
        resources={"node:__internal_head__": 0.001},
        max_restarts=-1,
        max_task_retries=-1,
        max_concurrency=32,
    ).remote(profile, tasks, width)


def find() -> Any:
    with contextlib.suppress(ValueError):
        return ray.get_actor(NAME, namespace=NAMESPACE)
    return None

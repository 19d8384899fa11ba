"""What is measured: rows put one after the other into a ledger, and by many callers through its owner."""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qtest.adapters.ledger import DuckLedger
from qtest.records.run import EventRow


@dataclass(frozen=True)
class Shape:
    """`in_flight` calls at once through the owner, or 0 for the ledger in this process. `rows` in each."""

    name: str
    rows: int
    in_flight: int = 0


SHAPES = (
    Shape("fdatasync alone", 1),
    Shape("DuckLedger", 1),
    Shape("DuckLedger", 100),
    Shape("DuckLedger", 1000),
    Shape("owner", 1, 1),
    Shape("owner", 1, 64),
    Shape("owner", 10, 64),
    Shape("owner", 100, 16),
)


@dataclass
class Measured:
    """Rows acknowledged, in how many seconds; milliseconds of each put until its acknowledgement."""

    rows: int = 0
    wall_s: float = 0.0
    waits_ms: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.rows / self.wall_s

    def wait_ms(self, share: float) -> float:
        return statistics.quantiles(self.waits_ms, n=100)[round(share * 100) - 1]


def batches(run: str, size: int) -> Iterator[list[EventRow]]:
    """Rows as a run writes them, each under a key of its own."""
    seq = 1
    while True:
        yield [
            EventRow(run=run, seq=seq + i, made=1_700_000_000_000, stage="write", kind="said", payload="x" * 100)
            for i in range(size)
        ]
        seq += size


def disk(folder: Path, seconds: float) -> Measured:
    """200 bytes appended and forced to the disk, which is the floor of one row for each commit."""
    with (folder / "floor").open("ab", buffering=0) as file:

        def put(_: object) -> None:
            file.write(b"x" * 200)
            os.fdatasync(file.fileno())

        return _one_by_one(put, 1, "floor", seconds)


def direct(ledger: DuckLedger, size: int, run: str, seconds: float) -> Measured:
    return _one_by_one(ledger.put, size, run, seconds)


def _one_by_one(put: Callable[[list[EventRow]], None], size: int, run: str, seconds: float) -> Measured:
    """Making the rows is not counted."""
    measured = Measured()
    for batch in batches(run, size):
        started = time.perf_counter()
        put(batch)
        took = time.perf_counter() - started
        measured.rows += size
        measured.wall_s += took
        measured.waits_ms.append(took * 1000)
        if measured.wall_s > seconds:
            return measured
    raise AssertionError


def through(owner: Any, size: int, in_flight: int, run: str, seconds: float) -> Measured:
    """As many calls as `in_flight` are never waited for; making the rows is counted, as callers are on the same machine."""
    import ray

    measured = Measured()
    source = batches(run, size)
    began = time.perf_counter()
    pending = {owner.put.remote(next(source)): time.perf_counter() for _ in range(in_flight)}
    while pending:
        for done in ray.wait(list(pending), num_returns=1)[0]:
            ray.get(done)
            now = time.perf_counter()
            measured.waits_ms.append((now - pending.pop(done)) * 1000)
            measured.rows += size
            if now - began < seconds:
                pending[owner.put.remote(next(source))] = time.perf_counter()
    measured.wall_s = time.perf_counter() - began
    return measured

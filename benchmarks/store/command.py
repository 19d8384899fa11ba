"""Measure every shape in turn, several rounds, and write the page of results."""

import argparse
import os
import platform
import statistics
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.generation.commit import ROOT, commit
from benchmarks.store.load import SHAPES, Measured, Shape, direct, disk, through
from qtest.adapters.ledger import DuckLedger
from qtest.records.run import EventRow

HEAD = """# The store: rows acknowledged per second

Written by `python -m benchmarks.run store`; do not edit. An acknowledged row is on the disk. Rows hold 100 characters of payload and have
keys of their own. "owner" is the one process of a cluster that holds the ledger, asked through Ray with so many calls in flight.
All shapes are measured in turn, in each round; the rate is the median of the rounds, with the lowest and the highest. The ratio is to
DuckLedger with one row in each put.
"""


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    load_before = _load()
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix="qtest-store-") as folder:
        measured = _measured(Path(folder), asked.rounds, asked.seconds)
    lines = [_machine(load_before), "", *_table(measured)]
    print("\n".join(lines))
    (ROOT / "benchmarks" / "STORE.md").write_text("\n".join((HEAD, *lines, "")), "utf-8")
    return 0


def _measured(folder: Path, rounds: int, seconds: float) -> dict[Shape, list[Measured]]:
    """In a home of its own, without which Ray would write a token into the user's."""
    os.environ.update(HOME=str(folder), RAY_worker_niceness="0", RAY_AUTH_MODE="disabled")
    import ray

    from actors.ledger import RemoteLedgerOwner

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    ledger = DuckLedger(folder / "direct.duckdb")
    owner = RemoteLedgerOwner.options(num_cpus=0).remote(str(folder / "owned"))
    ray.get(owner.rows.remote(EventRow, {}))
    try:
        measured: dict[Shape, list[Measured]] = {shape: [] for shape in SHAPES}
        for turn in range(rounds):
            for shape in SHAPES:
                found = _one(shape, folder, ledger, owner, f"{shape}-{turn}", seconds)
                measured[shape].append(found)
                print(
                    f"{shape.name}, {shape.rows} rows, {shape.in_flight} in flight: {found.rate:.0f} rows/s", flush=True
                )
        return measured
    finally:
        ledger.close()
        ray.shutdown()


def _one(shape: Shape, folder: Path, ledger: DuckLedger, owner: Any, run: str, seconds: float) -> Measured:
    if shape.in_flight:
        return through(owner, shape.rows, shape.in_flight, run, seconds)
    if shape.name == "DuckLedger":
        return direct(ledger, shape.rows, run, seconds)
    return disk(folder, seconds)


def _table(measured: dict[Shape, list[Measured]]) -> Iterator[str]:
    yield "| through | rows in a put | in flight | rows/s | lowest to highest | ratio | p50 ms | p99 ms |"
    yield "|---|---|---|---|---|---|---|---|"
    rates = {shape: statistics.median(one.rate for one in rounds) for shape, rounds in measured.items()}
    base = rates[Shape("DuckLedger", 1)]
    for shape, rounds in measured.items():
        lowest, highest = min(one.rate for one in rounds), max(one.rate for one in rounds)
        p50, p99 = (statistics.median(one.wait_ms(share) for one in rounds) for share in (0.5, 0.99))
        yield (
            f"| {shape.name} | {shape.rows} | {shape.in_flight or '–'} | {rates[shape]:,.0f} | {lowest:,.0f} to {highest:,.0f} "
            f"| {rates[shape] / base:.2f} | {p50:.1f} | {p99:.1f} |"
        )


def _machine(load_before: str) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pyarrow", "ray"))
    return (
        f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"{versions}, workers at niceness 0, load before {load_before} and after {_load()}; QTest {commit()}"
    )


def _load() -> str:
    return " ".join(f"{load:.2f}" for load in os.getloadavg())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run store", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each shape in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--folder", default=None, help="on the disk to be measured (default: where temporary files lie)"
    )
    return parser

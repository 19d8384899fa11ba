"""The store's benchmark counts what is really there."""

from pathlib import Path

from benchmarks.store.load import direct, disk
from qtest.adapters.ledger import DuckLedger
from qtest.records.run import EventRow


def test_every_row_counted_is_in_the_ledger(tmp_path: Path) -> None:
    ledger = DuckLedger(tmp_path / "ledger.duckdb")
    measured = direct(ledger, 7, "r", 0.05)
    assert measured.rows == len(ledger.rows(EventRow, run="r")) == 7 * len(measured.waits_ms)
    assert measured.rate > 0


def test_the_floor_is_what_the_disk_took(tmp_path: Path) -> None:
    measured = disk(tmp_path, 0.01)
    assert (tmp_path / "floor").stat().st_size == 200 * measured.rows

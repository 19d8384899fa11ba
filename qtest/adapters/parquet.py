"""The ledger's tables as Parquet datasets, for whatever reads those."""

from pathlib import Path

import duckdb

from qtest.adapters.trouble import told
from qtest.errors import LedgerError
from qtest.records.run import ROWS, Row, RunRow


def export(connection: duckdb.DuckDBPyConnection, folder: Path, run: str = "") -> dict[str, int]:
    """One dataset below `folder` for each table that has rows, `<table>/run_date=2026-11-27/*.parquet`, with the rows written for each
    table. The date is that of the run's start (UTC); rows of no known run have `none`. With `run`, only what carries its id.

    Raises LedgerError, also when `folder` holds something.
    """
    with told(folder):
        if folder.exists() and any(folder.iterdir()):
            raise LedgerError(f"{folder}: is not empty and was not touched; give another folder")
        folder.mkdir(parents=True, exist_ok=True)
        kinds = [kind for kind in ROWS if not run or "run" in kind.model_fields]
        return {kind.table: written for kind in kinds if (written := _write(connection, kind, folder, run))}


def _write(connection: duckdb.DuckDBPyConnection, kind: type[Row], folder: Path, run: str) -> int:
    """COPY takes no parameters, so the rows are chosen into a table of this connection first."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE exported AS {_dated(kind, bool(run))}", [run] if run else [])
    try:
        counted = connection.execute("SELECT count(*) FROM exported").fetchone()
        rows = int(counted[0]) if counted else 0
        if rows:
            place = str(folder / kind.table).replace("'", "''")
            connection.execute(f"COPY exported TO '{place}' (FORMAT parquet, PARTITION_BY (run_date))")
        return rows
    finally:
        connection.execute("DROP TABLE exported")


def _dated(kind: type[Row], one: bool) -> str:
    where = " WHERE t.run = ?" if one else ""
    if "run" not in kind.model_fields:
        return f"SELECT t.*, 'none' AS run_date FROM {kind.table} t"
    date = "coalesce(strftime(make_timestamp(r.started * 1000), '%Y-%m-%d'), 'none')"
    return f"SELECT t.*, {date} AS run_date FROM {kind.table} t LEFT JOIN {RunRow.table} r ON r.run = t.run{where}"

"""The ledger's schema: numbered SQL files, applied in order and in one transaction when a ledger is opened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

import duckdb

from qtest.errors import LedgerError

MIGRATIONS: Traversable = files("qtest.adapters") / "migrations"


@dataclass(frozen=True)
class Migration:
    """`number` counts from 1 without gaps."""

    number: int
    name: str
    sql: str


def migrations(folder: Traversable = MIGRATIONS) -> tuple[Migration, ...]:
    """In their order."""
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return tuple(Migration(int(file.name[:4]), file.name, file.read_text("utf-8")) for file in found)


def version(connection: duckdb.DuckDBPyConnection) -> int:
    """0 when there is no schema of ours yet."""
    known = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_version'").fetchone()
    if not known or not known[0]:
        return 0
    newest = connection.execute("SELECT max(number) FROM schema_version").fetchone()
    return int(newest[0] or 0) if newest else 0


def migrate(connection: duckdb.DuckDBPyConnection, steps: tuple[Migration, ...], keep: Callable[[int], None]) -> None:
    """Bring a ledger to the newest schema, all or nothing. `keep` is told the old version and makes a copy before it is left; an
    empty ledger has nothing to keep. Raises LedgerError for a schema newer than the last of `steps`."""
    now = version(connection)
    newest = steps[-1].number
    if now > newest:
        raise LedgerError(
            f"has schema {now}, and this QTest knows up to {newest}: use a newer QTest, or give another --store"
        )
    due = [step for step in steps if step.number > now]
    if not due:
        return
    if now:
        keep(now)
    with transaction(connection):
        connection.execute("CREATE TABLE IF NOT EXISTS schema_version (number BIGINT PRIMARY KEY, name VARCHAR)")
        for step in due:
            connection.execute(step.sql)
            connection.execute("INSERT INTO schema_version VALUES (?, ?)", [step.number, step.name])


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Committed at the end, or rolled back with the error that ended it: after a failed commit there is nothing to roll back."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        with suppress(duckdb.Error):
            connection.rollback()
        raise

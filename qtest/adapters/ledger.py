"""Facts of runs in one DuckDB file, owned by one process."""

import errno
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from importlib.resources.abc import Traversable
from pathlib import Path

import duckdb

from qtest.adapters import parquet, schema, tables
from qtest.adapters.trouble import told
from qtest.errors import LedgerError
from qtest.ports import AnyRow
from qtest.records.run import EventRow, Row

MEMORY = ":memory:"
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,  # nothing is downloaded behind the user's back
    "autoload_known_extensions": False,
}


def connect(path: Path | str, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Raises duckdb.Error."""
    return duckdb.connect(str(path), read_only=read_only, config=_SETTINGS)


class DuckLedger:
    """For several threads of one process. `path` may be `:memory:`. After a full disk it goes on when there is space again.

    Raises LedgerError when the file is held by another process, damaged, of a newer schema, or not to be written."""

    def __init__(self, path: Path | str, *, migrations: Traversable = schema.MIGRATIONS) -> None:
        self._path = path if path == MEMORY else Path(path)
        self._steps = schema.migrations(migrations)
        self._writing = threading.Lock()
        self._opening = threading.Lock()
        self._closed = False
        self._connection: duckdb.DuckDBPyConnection | None = self._open()

    def put(self, rows: Sequence[Row]) -> None:
        batches = [(kind, tables.batch(kind, of_kind)) for kind, of_kind in tables.grouped(rows).items()]
        if not batches:
            return
        with self._writing, told(self._path):
            cursor = self._cursor()
            try:
                with schema.transaction(cursor):
                    for kind, batch in batches:
                        cursor.register("batch", batch)
                        cursor.execute(tables.insert(kind, "batch"))
                        cursor.unregister("batch")
            except duckdb.Error:
                self._reopen_if_broken(cursor)
                raise
            finally:
                cursor.close()

    def rows(self, kind: type[AnyRow], /, **equal: str | int) -> tuple[AnyRow, ...]:
        conditions, values = tables.equal_to(kind, equal)
        return self._read(kind, conditions, values)

    def since(self, run: str, seq: int) -> tuple[EventRow, ...]:
        return self._read(EventRow, ["run = ?", "seq > ?"], [tables.escaped(run), seq])

    def backup(self, file: Path) -> None:
        """A whole copy of what is committed, in a new file. Raises LedgerError, also when the file exists."""
        if file.exists():
            raise LedgerError(f"{file}: exists and was not touched; give another name")
        with told(file):
            cursor = self._cursor()
            try:
                copy(cursor, file)
            finally:
                cursor.close()

    def export(self, folder: Path, run: str = "") -> dict[str, int]:
        """See `parquet.export`."""
        cursor = self._cursor()
        try:
            return parquet.export(cursor, folder, run)
        finally:
            cursor.close()

    def close(self) -> None:
        """What is committed stays; nothing can be asked afterwards."""
        with self._writing, self._opening, told(self._path):
            self._closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _read(self, kind: type[AnyRow], conditions: Sequence[str], values: Sequence[str | int]) -> tuple[AnyRow, ...]:
        with told(self._path):
            cursor = self._cursor()
            try:
                found = cursor.execute(tables.select(kind, conditions), list(values)).fetchall()
            finally:
                cursor.close()
        return tuple(tables.row(kind, values) for values in found)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._opening:
            if self._closed:
                raise LedgerError(f"{self._path}: the ledger is closed")
            if self._connection is None:
                self._connection = self._open()
            return self._connection.cursor()

    def _reopen_if_broken(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """After a fatal error DuckDB refuses everything until the file is opened again."""
        try:
            cursor.execute("SELECT 1")
        except duckdb.Error:
            with self._opening:
                if self._connection is not None:
                    self._connection.close()
                self._connection = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        with told(self._path):
            if isinstance(self._path, Path) and not self._path.exists():
                self._create(self._path)
            left = _log_left(self._path)
            connection = connect(self._path)
            try:
                if left:
                    with suppress(OSError):  # a copy for the worst case must not stop the work on a full disk
                        Path(f"{self._path}.wal.kept").write_bytes(left)
                self._migrate(connection)
            except BaseException:
                connection.close()
                raise
            return connection

    def _create(self, path: Path) -> None:
        """Elsewhere, then linked: a file cut off while it is made never stands under its name."""
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f"{path.name}.{os.getpid()}.new")
        _discard(scratch)
        try:
            with connect(scratch) as connection:
                self._migrate(connection)
                connection.execute("CHECKPOINT")  # or the tables are in the log, which is not linked
            claim(scratch, path)
        except FileExistsError:
            pass  # another process was quicker
        finally:
            _discard(scratch)

    def _migrate(self, connection: duckdb.DuckDBPyConnection) -> None:
        try:
            schema.migrate(connection, self._steps, lambda old: self._keep(connection, old))
        except LedgerError as error:
            raise LedgerError(f"{self._path}: {error}") from error

    def _keep(self, connection: duckdb.DuckDBPyConnection, old: int) -> None:
        if isinstance(self._path, Path):
            kept = self._path.with_name(f"{self._path.name}.schema-{old}")
            kept.unlink(missing_ok=True)
            copy(connection, kept)


def claim(scratch: Path, path: Path) -> None:
    """Give a finished file its name. Raises FileExistsError when that is taken, which no other process can slip past where the file
    system has links."""
    try:
        os.link(scratch, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists():
            raise FileExistsError(path) from error
        scratch.rename(path)


def _log_left(path: Path | str) -> bytes:
    """The log of a process that died. A copy is kept: DuckDB drops the rest of a log from the first entry that is cut short, and
    says nothing (its pull request 25432), so a damaged one would be gone without a trace."""
    try:
        return Path(f"{path}.wal").read_bytes()
    except FileNotFoundError:
        return b""


def _discard(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.with_name(f"{file.name}.wal").unlink(missing_ok=True)


def copy(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """By DuckDB itself: a process that opens and closes its own database file loses the lock on it."""
    own = connection.execute("SELECT current_database()").fetchone()
    quoted = str(file).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS copied")
    try:
        connection.execute(f'COPY FROM DATABASE "{own[0] if own else "memory"}" TO copied')
        connection.execute("CHECKPOINT copied")
    finally:
        connection.execute("DETACH copied")

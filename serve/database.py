"""How the router's files are opened, and how their trouble is told: once, until it is over."""

import logging
import sqlite3
from pathlib import Path

_LOG = logging.getLogger(__name__)


class Troubled:
    """Says what does not work and why when it begins, and when it is over, however many prompts come in between."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.now = ""

    def said(self, error: Exception | str) -> None:
        if not self.now:
            _LOG.warning("%s: %s", self.what, error)
        self.now = f"{self.what}: {error}"

    def over(self) -> None:
        if self.now:
            _LOG.warning("no longer so: %s", self.now)
        self.now = ""


def opened(path: Path, tables: str, version: int, trouble: Troubled) -> sqlite3.Connection | None:
    """None where it cannot be had, which is said. A file that is broken or of another version is set aside under another name."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return connected(str(path), tables, version)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            aside = path.with_suffix(".broken")
            trouble.said(f"{error}; the file is now {aside}, and a new one is begun")
            path.replace(aside)
            for more in ("-wal", "-shm"):
                path.with_name(path.name + more).unlink(missing_ok=True)
            return connected(str(path), tables, version)
    except (OSError, sqlite3.Error) as error:
        trouble.said(error)
        return None


def connected(path: str, tables: str, version: int) -> sqlite3.Connection:
    """Each statement is a transaction of its own unless one is begun. What is written outlives the process, and is forced to the disk at
    checkpoints alone. Raises sqlite3.Error."""
    database = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        (found,) = database.execute("PRAGMA user_version").fetchone()
        if found not in (0, version):
            raise sqlite3.DatabaseError(f"it is of version {found}; expected {version}")
        if found == 0:
            database.executescript(f"BEGIN IMMEDIATE; {tables}; PRAGMA user_version = {version}; COMMIT")
    except BaseException:
        database.close()
        raise
    return database

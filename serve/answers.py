"""Answers that were given before: some in memory, more on disk, the oldest used let go first. A disk that is full or broken costs no answer."""

import sqlite3
import threading
import time
from collections import OrderedDict, deque
from pathlib import Path

from qtest.records.completion import Completion
from serve.database import Troubled, opened

_VERSION = 1
_TABLES = """CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, used REAL, size INTEGER, body TEXT);
CREATE INDEX IF NOT EXISTS by_use ON answers (used)"""
_WAITING = 500
_GATHER_S = 0.2
_ROW = 200


class Answers:
    """Asked from the event loop: memory first, then one look-up by key on disk. Writing is done behind it by a thread that may fall behind;
    what it has no room to note is asked again some day."""

    def __init__(self, folder: Path | None, most_mb: int, memory_mb: int) -> None:
        self._memory: OrderedDict[str, Completion] = OrderedDict()
        self._held = 0
        self._most_held = memory_mb * 1_000_000
        self._disk = _Disk(folder, most_mb * 1_000_000) if folder else None

    def get(self, key: str) -> Completion | None:
        found = self._memory.get(key)
        if found is not None:
            self._memory.move_to_end(key)
            return found
        found = self._disk.get(key) if self._disk else None
        if found is not None:
            self._hold(key, found)
        return found

    def put(self, key: str, completion: Completion) -> None:
        self._hold(key, completion)
        if self._disk:
            self._disk.put(key, completion)

    def close(self) -> None:
        """What is still to be written is written."""
        if self._disk:
            self._disk.close()

    def _hold(self, key: str, completion: Completion) -> None:
        self._drop(key)
        self._memory[key] = completion
        self._held += _size(completion)
        while self._held > self._most_held:
            self._drop(next(iter(self._memory)))

    def _drop(self, key: str) -> None:
        gone = self._memory.pop(key, None)
        if gone is not None:
            self._held -= _size(gone)


def _size(completion: Completion) -> int:
    """A record takes about two thousand bytes beside its content."""
    return len(completion.content) + 2_000


class _Disk:
    def __init__(self, folder: Path, most: int) -> None:
        self._trouble = Troubled(f"answers are not remembered in {folder}")
        self._path = folder / "answers.sqlite"
        self._most = most
        self._waiting: deque[tuple[str, str | None]] = deque()
        self._some = threading.Event()
        self._closing = threading.Event()
        self._reader = opened(self._path, _TABLES, _VERSION, self._trouble)
        self._own = opened(self._path, _TABLES, _VERSION, self._trouble)
        self._held = _held(self._own)
        self._writer = threading.Thread(target=self._write_all, name="answers", daemon=True)
        self._writer.start()

    def get(self, key: str) -> Completion | None:
        if self._reader is None:
            return None
        try:
            row = self._reader.execute("SELECT body FROM answers WHERE key = ?", (key,)).fetchone()
            found = Completion.from_json(row[0]) if row else None
        except (sqlite3.Error, ValueError) as error:
            self._trouble.said(error)
            return None
        if found:
            self._note(key, None)
        return found

    def put(self, key: str, completion: Completion) -> None:
        self._note(key, completion.to_json())

    def close(self) -> None:
        self._closing.set()
        self._some.set()
        self._writer.join()
        for database in (self._reader, self._own):
            if database is not None:
                database.close()

    def _note(self, key: str, body: str | None) -> None:
        """Wakes the writer for a batch, not for each: whoever wakes a thread may have to wait for it to let go of the interpreter."""
        if self._own is None or len(self._waiting) >= _WAITING:
            return
        self._waiting.append((key, body))
        if not self._some.is_set():
            self._some.set()

    def _write_all(self) -> None:
        ended = False
        while not ended:
            self._some.wait()
            ended = self._closing.wait(_GATHER_S)
            self._some.clear()
            self._write_batch()

    def _write_batch(self) -> None:
        """All or, where one cannot be written, none of them."""
        database = self._own
        noted = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if database is None or not noted:
            return
        try:
            database.execute("BEGIN")
            for key, body in noted:
                self._write(database, key, body)
            database.execute("COMMIT")
            if self._held > self._most:
                self._make_room(database)
            self._trouble.over()
        except sqlite3.Error as error:
            self._trouble.said(error)
            if database.in_transaction:
                database.rollback()

    def _write(self, database: sqlite3.Connection, key: str, body: str | None) -> None:
        if body is None:
            database.execute("UPDATE answers SET used = ? WHERE key = ?", (time.time(), key))
            return
        size = len(body.encode()) + _ROW
        database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", (key, time.time(), size, body))
        self._held += size

    def _make_room(self, database: sqlite3.Connection) -> None:
        """A tenth more than needed, so that it is seldom done."""
        over = _held(database) - 0.9 * self._most
        gone = []
        for key, size in database.execute("SELECT key, size FROM answers ORDER BY used"):
            if over <= 0:
                break
            gone.append((key,))
            over -= size
        database.execute("BEGIN")
        database.executemany("DELETE FROM answers WHERE key = ?", gone)
        database.execute("COMMIT")
        self._held = _held(database)


def _held(database: sqlite3.Connection | None) -> int:
    if database is None:
        return 0
    try:
        (size,) = database.execute("SELECT coalesce(sum(size), 0) FROM answers").fetchone()
    except sqlite3.Error:
        return 0
    return int(size)

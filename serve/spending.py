"""What was spent, by day, account and tier, and what is set aside for answers on their way; kept where a crash does not reach."""

import json
import sqlite3
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from qtest.records.completion import Tier
from qtest.records.record import Record
from serve.database import Troubled, connected, opened

_VERSION = 1
_TABLES = """CREATE TABLE IF NOT EXISTS spent (day TEXT, kind TEXT, name TEXT, tier TEXT, answers INTEGER, tokens INTEGER, usd REAL, gpu_s REAL,
PRIMARY KEY (day, kind, name, tier)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reserved (id TEXT PRIMARY KEY, accounts TEXT, tier TEXT, tokens INTEGER, usd REAL, gpu_s REAL) WITHOUT ROWID"""
_ADD = """INSERT INTO spent VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET answers = answers + excluded.answers,
tokens = tokens + excluded.tokens, usd = usd + excluded.usd, gpu_s = gpu_s + excluded.gpu_s"""


@dataclass(frozen=True, slots=True)
class Spend:
    tokens: int = 0
    usd: float = 0.0
    gpu_s: float = 0.0

    def __add__(self, other: "Spend") -> "Spend":
        return Spend(self.tokens + other.tokens, self.usd + other.usd, self.gpu_s + other.gpu_s)

    def __sub__(self, other: "Spend") -> "Spend":
        return Spend(self.tokens - other.tokens, self.usd - other.usd, self.gpu_s - other.gpu_s)


class SpentRow(Record):
    """Of one account on one day, by the tier that answered."""

    day: str
    kind: str
    name: str
    tier: str
    answers: int
    tokens: int
    usd: float
    gpu_s: float


Account = tuple[str, str, str]
"""Day, kind (`run`, `repository`, `key`) and name."""


@dataclass(frozen=True, slots=True)
class Reservation:
    accounts: tuple[Account, ...]
    tier: Tier
    worst: Spend
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


class Spending:
    """A reservation is written before its provider is asked. One that is found when the file is opened was left by a process that ended, and
    counts as spent in full; if that process lives after all, its settling corrects the sum. Each call is one small transaction."""

    def __init__(self, folder: Path | None) -> None:
        self._trouble = Troubled("what is spent is not written down")
        path = folder / "spending.sqlite" if folder else None
        found = opened(path, _TABLES, _VERSION, self._trouble) if path else None
        # an empty name is a private file that goes when it is closed
        self._database = found or connected("", _TABLES, _VERSION)
        self._fold()

    def close(self) -> None:
        self._database.close()

    def total(self, account: Account) -> Spend:
        sums = "SELECT coalesce(sum(tokens), 0), coalesce(sum(usd), 0.0), coalesce(sum(gpu_s), 0.0) FROM spent"
        try:
            row = self._database.execute(f"{sums} WHERE day = ? AND kind = ? AND name = ?", account).fetchone()
        except sqlite3.Error as error:
            self._trouble.said(error)
            return Spend()
        return Spend(*row)

    def reserve(self, reservation: Reservation) -> bool:
        """Whether it could be written down; an answer is not refused because a disk is full."""
        worst = reservation.worst
        row = (reservation.id, json.dumps(reservation.accounts), reservation.tier, worst.tokens, worst.usd, worst.gpu_s)
        try:
            self._database.execute("INSERT INTO reserved VALUES (?, ?, ?, ?, ?, ?)", row)
        except sqlite3.Error as error:
            self._trouble.said(error)
            return False
        self._trouble.over()
        return True

    def settle(self, reservation: Reservation, actual: Spend, *, written: bool) -> None:
        try:
            self._database.execute("BEGIN IMMEDIATE")
            gone = self._database.execute("DELETE FROM reserved WHERE id = ?", (reservation.id,)).rowcount
            folded = written and not gone
            spent = actual - reservation.worst if folded else actual
            answers = 0 if folded or actual == Spend() else 1
            self._add(reservation.accounts, reservation.tier, answers, spent)
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            self._failed(error)

    def rows(self, kind: str, name: str, *, most: int = 1_000) -> tuple[SpentRow, ...]:
        """Newest day first."""
        asked = "SELECT * FROM spent WHERE kind = ? AND name = ? ORDER BY day DESC, tier LIMIT ?"
        fields = tuple(SpentRow.model_fields)
        found = self._database.execute(asked, (kind, name, most)).fetchall()
        return tuple(SpentRow.model_validate(dict(zip(fields, row, strict=True))) for row in found)

    def forget(self, day: str) -> None:
        """What was spent before that day."""
        try:
            self._database.execute("DELETE FROM spent WHERE day < ?", (day,))
        except sqlite3.Error as error:
            self._trouble.said(error)

    def _fold(self) -> None:
        try:
            self._database.execute("BEGIN IMMEDIATE")
            for row in self._database.execute("SELECT accounts, tier, tokens, usd, gpu_s FROM reserved").fetchall():
                worst = Spend(*row[2:])
                self._add((tuple(account) for account in json.loads(row[0])), row[1], 1, worst)
            self._database.execute("DELETE FROM reserved")
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            self._failed(error)

    def _add(self, accounts: Iterable[Account], tier: str, answers: int, spend: Spend) -> None:
        rows = [(*account, tier, answers, spend.tokens, spend.usd, spend.gpu_s) for account in accounts]
        self._database.executemany(_ADD, rows)

    def _failed(self, error: sqlite3.Error) -> None:
        self._trouble.said(error)
        if self._database.in_transaction:
            self._database.rollback()

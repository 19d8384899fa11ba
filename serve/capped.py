"""What a run may spend on models, counted on disk: all processes of a run on one machine share it, and a crash loses nothing."""

import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qtest.errors import BudgetSpent, CompletionError
from qtest.ports import Completer
from qtest.records.completion import Completion, Prompt
from serve.allowance import Allowance
from serve.database import connected
from serve.fallback import PromptRefused
from serve.prices import FREE, Price
from serve.spending import Spend
from serve.tokens import at_most

_VERSION = 1
_TABLES = (
    "CREATE TABLE IF NOT EXISTS spent (id TEXT PRIMARY KEY, run TEXT, at REAL, tokens INTEGER, usd REAL) WITHOUT ROWID"
)
_SUM = "SELECT coalesce(sum(tokens), 0), coalesce(sum(usd), 0.0) FROM spent WHERE run = ?"
_KEPT_S = 90 * 86_400
_PATIENCE_MS = 30_000


class Capped:
    """A completer around a completer: what an answer may take at worst is set aside before it is asked for, and what it took put in its
    place after. A prompt that names no run is one of this process's own."""

    def __init__(
        self,
        inner: Completer,
        allowance: Allowance,
        folder: Path,
        price: Price = FREE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Raises CompletionError where nothing can be written in the folder: what cannot be counted is not spent."""
        self._inner, self._allowance, self._price, self._clock = inner, allowance, price, clock
        self._nobody = f"process {uuid.uuid4().hex}"
        self._lock = threading.Lock()
        with self._told():
            folder.mkdir(parents=True, exist_ok=True)
            self._database = connected(str(folder / "allowance.sqlite"), _TABLES, _VERSION)
            self._database.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
            self._database.execute("DELETE FROM spent WHERE at < ?", (clock() - _KEPT_S,))

    def complete(self, prompt: Prompt) -> Completion:
        sent = at_most(prompt)
        taken = self._set_aside(prompt.payer.run or self._nobody, self._spend(sent, prompt.max_tokens))
        try:
            completion = self._inner.complete(prompt)
        except (BudgetSpent, PromptRefused):
            self._settle(taken, Spend())
            raise
        except CompletionError:
            self._settle(taken, self._spend(sent, 0))  # who did not answer in time may have read it
            raise
        tokens = completion.input_tokens + completion.output_tokens
        self._settle(taken, Spend() if completion.cached else Spend(tokens, completion.cost_usd))
        return completion

    def spent(self, run: str) -> Spend:
        with self._told(), self._lock:
            return Spend(*self._database.execute(_SUM, (run,)).fetchone())

    def close(self) -> None:
        self._database.close()

    def _spend(self, read: int, written: int) -> Spend:
        return Spend(read + written, self._price.usd(read, written, 0.0))

    def _set_aside(self, run: str, worst: Spend) -> str:
        entry = uuid.uuid4().hex
        with self._told(), self._lock, _transaction(self._database):
            so_far = Spend(*self._database.execute(_SUM, (run,)).fetchone())
            self._refuse(so_far, worst)
            row = (entry, run, self._clock(), worst.tokens, worst.usd)
            self._database.execute("INSERT INTO spent VALUES (?, ?, ?, ?, ?)", row)
        return entry

    def _refuse(self, so_far: Spend, worst: Spend) -> None:
        tokens, usd = self._allowance.tokens, self._allowance.usd
        if tokens is not None and so_far.tokens + worst.tokens > tokens:
            raise BudgetSpent(
                f"this run may use {tokens:,} tokens, has used or set aside {so_far.tokens:,}, and the next answer may take "
                f"{worst.tokens:,}; --llm-budget gives more"
            )
        if usd is not None and (so_far.usd + worst.usd > usd or so_far.usd >= usd):
            raise BudgetSpent(
                f"this run may spend ${usd:.2f} on models, has spent or set aside ${so_far.usd:.4f}, and the next answer may "
                f"take ${worst.usd:.4f}; --llm-budget gives more"
            )

    def _settle(self, entry: str, actual: Spend) -> None:
        with self._told(), self._lock:
            row = (actual.tokens, actual.usd, entry)
            self._database.execute("UPDATE spent SET tokens = ?, usd = ? WHERE id = ?", row)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise CompletionError(
                f"what is spent on models cannot be written down: {error}; nothing more is asked"
            ) from error


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Of one process at a time."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise

"""Memory of results: a stage's result lies under the digest of all that it depends on, and is not made twice."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from qtest.ports import AnyRow, Ledger, Store
from qtest.records.record import Record, digest_of
from qtest.records.run import EventRow, ResultRow, Row

Kind = TypeVar("Kind", bound=Record)
_OURS = ("qtest", "gates", "actors")


@cache
def version() -> str:
    """Of the code that makes results: any change of ours makes them anew."""
    top = Path(__file__).resolve().parent.parent
    whole = hashlib.sha256()
    for name in _OURS:
        for path in sorted((top / name).rglob("*.py")):
            whole.update(path.relative_to(top).as_posix().encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def key(stage: str, parts: Iterable[str]) -> str:
    """The name of a result; `parts` are digests or texts of everything that it depends on beside our own code."""
    return digest_of("\0".join((stage, version(), *parts)))


class NoLedger:
    """Answers the port `Ledger`: nothing is remembered."""

    def put(self, rows: Sequence[Row]) -> None:
        return None

    def rows(self, kind: type[AnyRow], /, **equal: str | int) -> tuple[AnyRow, ...]:
        return ()

    def since(self, run: str, seq: int) -> tuple[EventRow, ...]:
        return ()

    def close(self) -> None:
        return None


@dataclass(frozen=True)
class Memory:
    """Of one run. `now` in milliseconds since 1970; `fresh` remembers and does not look back."""

    ledger: Ledger
    store: Store
    run: str
    now: Callable[[], int]
    fresh: bool = False

    def recall(self, name: str, kind: type[Kind], budget_s: float | None = None) -> Kind | None:
        """What was kept under that name, if it is worth as much as a run with that budget would make of it. None also when its
        artefact is gone or damaged: then it is made again."""
        if self.fresh:
            rows = tuple(row for row in self.ledger.rows(ResultRow, result=name) if row.run == self.run)
        else:
            rows = self.ledger.rows(ResultRow, result=name)
        good = [row for row in rows if not row.worth or (budget_s is not None and budget_s <= row.worth)]
        for row in sorted(good, key=lambda row: row.worth):  # 0 first: it is complete
            try:
                return kind.from_json(self.store.get(row.artefact))
            except (KeyError, ValueError):
                continue
        return None

    def keep(self, name: str, stage: str, item: str, result: Record, worth: int = 0) -> str:
        """The artefact's digest. `worth` as in ResultRow. Written twice it is once: what depends on the same is the same."""
        artefact = self.store.put(result.to_json().encode())
        row = ResultRow(
            result=name, worth=worth, stage=stage, item=item, artefact=artefact, run=self.run, made=self.now()
        )
        self.ledger.put((row,))
        return artefact

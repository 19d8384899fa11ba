"""What was seen of mutants, on its way into the ledger, and out of it in a later run."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from qtest.chronicle import verdict_row
from qtest.mutation.cache import Named, recalled, row
from qtest.mutation.judge import Case, Ruled, verdict
from qtest.ports import Ledger
from qtest.records.mutant import Mutant
from qtest.records.run import JudgedRow, Row
from qtest.records.workbench import JudgeOrder
from qtest.wiring import now_ms

KEPT = 200  # verdicts that are written down together
KEPT_S = 2.0  # and how long one may wait for others


@dataclass
class Notes:
    """Of one project in one run. Written so many at a time, and none waits long: a run that is killed goes on from there. `names` by
    mutant, of what can be remembered."""

    ledger: Ledger
    run: str
    case: Case
    names: Mapping[str, Named]
    clock: Callable[[], float] = time.monotonic
    _rows: list[Row] = field(default_factory=list)
    _judged: set[str] = field(default_factory=set)
    _items: int = 0
    _written: float = 0.0

    def known(self, planned: Sequence[tuple[Mutant, JudgeOrder | None]], *, fresh: bool) -> list[Ruled]:
        """What need not be judged again; with `fresh` only if it is of this very run."""
        found: list[Ruled] = []
        rows: dict[str, Mapping[str, JudgedRow]] = {}
        for mutant, _ in planned:
            named = self.names.get(mutant.id)
            if named is None:
                continue
            if named.shelf not in rows:
                rows[named.shelf] = self._rows_on(named.shelf, fresh=fresh)
            item = recalled(mutant, named, rows[named.shelf])
            found += [item] if item else []
        return found

    def _rows_on(self, shelf: str, *, fresh: bool) -> Mapping[str, JudgedRow]:
        found = self.ledger.rows(JudgedRow, text=shelf)
        return {one.name: one for one in found if not fresh or one.run == self.run}

    def add(self, item: Ruled) -> None:
        self._judged.add(item.mutant.id)
        kept = row(self.names[item.mutant.id], item, self.run, now_ms()) if item.mutant.id in self.names else None
        self._rows += [kept] if kept else []
        if not item.mutant.control and not (item.ruling and item.ruling.status == "not a mutant"):
            self._rows.append(verdict_row(self.run, verdict(self.case, item)))
        self._items += 1
        if self._items >= KEPT or self.clock() - self._written >= KEPT_S:
            self.write()

    def end(self, known: Sequence[Ruled]) -> None:
        """With the verdicts of an earlier run that still stand."""
        for item in known:
            if item.mutant.id not in self._judged:
                self.add(item)
        self.write()

    def write(self) -> None:
        self.ledger.put(tuple(self._rows))
        self._rows.clear()
        self._items, self._written = 0, self.clock()

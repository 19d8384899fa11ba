"""What earlier runs left, for the commands that look back."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from qtest.errors import ClusterError, LedgerError, LedgerHeld
from qtest.ports import Ledger
from qtest.wiring import home

PATIENCE_S = (
    15.0  # for a process that is about to end: the cluster of a driver that was killed needs some seconds to notice
)
PAUSE_S = 0.2


@contextmanager
def remembered(store: str | None, address: str = "") -> Iterator[Ledger]:
    """Through the cluster that is named; else the file itself; else, when that is held, through this machine's cluster if it holds it.
    Raises LedgerError, ClusterError, UsageError."""
    with ExitStack() as opened:
        yield _of_cluster(opened, address, store) if address else _at_hand(opened, store)


def _at_hand(opened: ExitStack, store: str | None) -> Ledger:
    ends = time.monotonic() + PATIENCE_S
    while True:
        try:
            return opened.enter_context(closing(home(store).known()))
        except LedgerHeld as held:
            problem = held
        try:
            return _of_cluster(opened, "auto", store)
        except (ClusterError, LedgerError):  # there is none, or it holds another store
            if time.monotonic() > ends:
                raise problem from None
        time.sleep(PAUSE_S)


def _of_cluster(opened: ExitStack, address: str, store: str | None) -> Ledger:
    from actors.client import ledger_of

    return opened.enter_context(ledger_of(address, store or ""))

"""The one owner of a cluster's ledger and artefacts: group commit, acknowledged after the commit; and how others reach it."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import ray
from ray.exceptions import GetTimeoutError, RayActorError, RayError, RayTaskError

from qtest.adapters.ledger import DuckLedger
from qtest.errors import LedgerError, QTestError
from qtest.ports import AnyRow, Ledger
from qtest.records.run import EventRow, Row

NAME = "ledger"
NAMESPACE = "qtest"
LINGER_S = 0.003
MOST_ROWS = 5_000
WAIT_S = 60.0
_PAUSE_S = 0.05

Answer = TypeVar("Answer")


class GroupCommit:
    """Puts of many callers in one transaction. For one event loop; the ledger is called from threads.

    Whoever comes while a group is being committed is in the next one, so `linger_s` counts only after a rest.
    """

    def __init__(self, ledger: Ledger, *, linger_s: float = LINGER_S, most_rows: int = MOST_ROWS) -> None:
        self._ledger = ledger
        self._linger_s = linger_s
        self._most_rows = most_rows
        self._waiting: list[tuple[Sequence[Row], asyncio.Future[None]]] = []
        self._committer: asyncio.Task[None] | None = None

    async def put(self, rows: Sequence[Row]) -> None:
        """Returns when they are committed. Raises LedgerError, to those only whose rows are at fault."""
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, acknowledged))
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit_all())
        await acknowledged

    async def _commit_all(self) -> None:
        await asyncio.sleep(self._linger_s)
        while group := self._next_group():
            try:
                await asyncio.to_thread(self._ledger.put, [row for rows, _ in group for row in rows])
            except Exception as error:
                await self._settle_each(group, error)
            else:
                for _, acknowledged in group:
                    _settle(acknowledged, None)

    def _next_group(self) -> list[tuple[Sequence[Row], asyncio.Future[None]]]:
        count, total = 0, 0
        for rows, _ in self._waiting:
            if count and total + len(rows) > self._most_rows:
                break
            count, total = count + 1, total + len(rows)
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        return group

    async def _settle_each(self, group: list[tuple[Sequence[Row], asyncio.Future[None]]], error: Exception) -> None:
        """One put that cannot be written must not fail those beside it."""
        for rows, acknowledged in group:
            failed: Exception | None = error
            if len(group) > 1:
                try:
                    await asyncio.to_thread(self._ledger.put, rows)
                    failed = None
                except Exception as own:
                    failed = own
            _settle(acknowledged, failed)


def _settle(acknowledged: asyncio.Future[None], error: Exception | None) -> None:
    if acknowledged.done():
        return  # its caller was cancelled
    if error is None:
        acknowledged.set_result(None)
    else:
        acknowledged.set_exception(error)


class LedgerOwner:
    """Opens the ledger in `folder` when it is first asked, so that what is wrong with it reaches every caller as a LedgerError."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._ledger: DuckLedger | None = None
        self._group: GroupCommit | None = None
        self._opening = asyncio.Lock()

    async def put(self, rows: Sequence[Row]) -> None:
        await self._opened()
        assert self._group is not None
        await self._group.put(rows)

    async def rows(self, kind: type[AnyRow], equal: dict[str, str | int]) -> tuple[AnyRow, ...]:
        ledger = await self._opened()
        return await asyncio.to_thread(lambda: ledger.rows(kind, **equal))

    async def since(self, run: str, seq: int) -> tuple[EventRow, ...]:
        ledger = await self._opened()
        return await asyncio.to_thread(ledger.since, run, seq)

    async def backup(self, file: str) -> None:
        ledger = await self._opened()
        await asyncio.to_thread(ledger.backup, Path(file))

    async def export(self, folder: str, run: str = "") -> dict[str, int]:
        ledger = await self._opened()
        return await asyncio.to_thread(ledger.export, Path(folder), run)

    def __repr__(self) -> str:
        return f"ledger of {self._folder}"  # Ray shows it in logs and the dashboard

    async def process(self) -> int:
        """The owner's process id."""
        return os.getpid()

    async def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        async with self._opening:
            if self._ledger is not None:
                await asyncio.to_thread(self._ledger.close)
            self._ledger, self._group = None, None

    async def _opened(self) -> DuckLedger:
        async with self._opening:
            if self._ledger is None:
                self._ledger = await asyncio.to_thread(DuckLedger, self._folder / "ledger.duckdb")
                self._group = GroupCommit(self._ledger)
            return self._ledger


class Handle(Protocol):
    """The remote twin's handle: every method of LedgerOwner with `.remote`."""

    def __getattr__(self, name: str) -> Any: ...


RemoteLedgerOwner: Any = ray.remote(LedgerOwner)


def owner(folder: Path) -> Handle:
    """The cluster's ledger, made when there is none yet. It outlives its maker and is started again when it dies."""
    handle: Handle = RemoteLedgerOwner.options(
        name=NAME,
        namespace=NAMESPACE,
        lifetime="detached",
        get_if_exists=True,
        num_cpus=0,
        max_restarts=-1,
        max_task_retries=-1,
    ).remote(str(folder.absolute()))
    return handle


def find() -> Handle:
    """Raises ValueError when there is none."""
    handle: Handle = ray.get_actor(NAME, namespace=NAMESPACE)
    return handle


class LedgerClient:
    """The ledger of another process. Calls are repeated while its owner comes back, for `wait_s` at most: rows have keys, so twice is
    once. For several threads."""

    def __init__(self, find: Callable[[], Handle] = find, *, wait_s: float = WAIT_S) -> None:
        self._find = find
        self._wait_s = wait_s

    def put(self, rows: Sequence[Row]) -> None:
        if rows:
            ask(self._find, lambda owner: owner.put.remote(tuple(rows)), self._wait_s)

    def rows(self, kind: type[AnyRow], **equal: str | int) -> tuple[AnyRow, ...]:
        found: tuple[AnyRow, ...] = ask(self._find, lambda owner: owner.rows.remote(kind, equal), self._wait_s)
        return found

    def since(self, run: str, seq: int) -> tuple[EventRow, ...]:
        found: tuple[EventRow, ...] = ask(self._find, lambda owner: owner.since.remote(run, seq), self._wait_s)
        return found

    def close(self) -> None:
        """Nothing to do: the owner stays."""


def ask(find: Callable[[], Handle], call: Callable[[Handle], Any], wait_s: float = WAIT_S) -> Any:
    """What the owner answers. Raises what it raised, or LedgerError when it cannot be reached within `wait_s`."""
    ends = time.monotonic() + wait_s
    while True:
        try:
            return ray.get(call(find()), timeout=max(0.001, ends - time.monotonic()))
        except RayTaskError as error:
            if isinstance(error.cause, QTestError | KeyError):
                raise error.cause from None
            raise LedgerError(f"the ledger's owner failed: {type(error.cause).__name__}: {error.cause}") from error
        except (RayActorError, ValueError) as error:
            if time.monotonic() + _PAUSE_S > ends:
                raise _unreachable(wait_s, error) from error
            time.sleep(_PAUSE_S)
        except (GetTimeoutError, RayError) as error:
            raise _unreachable(wait_s, error) from error


def _unreachable(wait_s: float, error: Exception) -> LedgerError:
    said = str(error).strip().splitlines()
    return LedgerError(
        f"the ledger's owner could not be reached for {wait_s:.0f} s ({said[0] if said else type(error).__name__}): "
        "see whether the cluster still runs, then `qtest resume`"
    )

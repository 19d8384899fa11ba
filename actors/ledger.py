"""The one owner of a cluster's ledger and artefacts: group commit, acknowledged after the commit; and how others reach it."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import ray
from ray.exceptions import RayActorError, RayError, RayTaskError

from qtest.adapters.backup import Contents, back_up
from qtest.adapters.home import Home
from qtest.adapters.ledger import DuckLedger
from qtest.errors import LedgerError, QTestError
from qtest.ports import AnyRow, Ledger, Store
from qtest.records.run import EventRow, Row

NAME = "ledger"
NAMESPACE = "qtest"
LINGER_S = 0.003
MOST_ROWS = 5_000
WAIT_S = 60.0
LARGEST = 256 * 2**20  # bytes of one artefact in one message
_CARRIED = 4
_HEAD = {"node:__internal_head__": 0.001}  # where the folder is; the name stays when the head is started again
_PAUSE_S = 0.05


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


@dataclass(frozen=True)
class Whereabouts:
    """Where the owner keeps artefacts, and the mark of its folder: see Home."""

    folder: str
    elsewhere: str
    mark: str


class LedgerOwner:
    """Opens the store in `folder` when it is first asked, so that what is wrong with it reaches every caller as a LedgerError."""

    def __init__(self, folder: str, elsewhere: str = "") -> None:
        self._home = Home(Path(folder), elsewhere)
        self._artefacts: Store | None = None
        self._carrying = asyncio.Semaphore(_CARRIED)
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

    async def backup(self, file: str) -> Contents:
        """On the owner's machine. See `qtest.adapters.backup`."""
        ledger = await self._opened()
        return await asyncio.to_thread(back_up, self._home, ledger, Path(file))

    async def export(self, folder: str, run: str = "") -> dict[str, int]:
        ledger = await self._opened()
        return await asyncio.to_thread(ledger.export, Path(folder), run)

    async def put_bytes(self, data: bytes) -> str:
        """At most LARGEST, and few at the same time."""
        async with self._carrying:
            return await asyncio.to_thread(self._opened_artefacts().put, data)

    async def get_bytes(self, sha256: str) -> bytes:
        """Raises KeyError, and LedgerError for more than LARGEST."""
        async with self._carrying:
            data = await asyncio.to_thread(self._opened_artefacts().get, sha256)
        if len(data) > LARGEST:
            raise LedgerError(
                f"artefact {sha256} has {len(data)} bytes, too large to send; expected at most {LARGEST}: "
                "put the store where every node sees it"
            )
        return data

    async def open(self) -> Whereabouts:
        """Raises LedgerError when the ledger cannot be opened."""
        await self._opened()
        return await self.whereabouts()

    async def whereabouts(self) -> Whereabouts:
        home = self._home
        return Whereabouts(str(home.folder), home.elsewhere, await asyncio.to_thread(home.mark))

    def __repr__(self) -> str:
        return f"ledger of {self._home.folder}"  # Ray shows it in logs and the dashboard

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
                self._ledger = await asyncio.to_thread(self._home.ledger)
                self._group = GroupCommit(self._ledger)
            return self._ledger

    def _opened_artefacts(self) -> Store:
        if self._artefacts is None:
            self._artefacts = self._home.artefacts()
        return self._artefacts


class Handle(Protocol):
    """The remote twin's handle: every method of LedgerOwner with `.remote`."""

    def __getattr__(self, name: str) -> Any: ...


RemoteLedgerOwner: Any = ray.remote(LedgerOwner)


def owner(folder: Path, elsewhere: str = "", *, wait_s: float = WAIT_S) -> Handle:
    """The cluster's ledger, made on its head when there is none yet, and opened. It outlives its maker and is started again when it
    dies. Raises LedgerError when it cannot be opened, or the cluster has one in another folder."""
    handle: Handle = RemoteLedgerOwner.options(
        name=NAME,
        namespace=NAMESPACE,
        lifetime="detached",
        get_if_exists=True,
        num_cpus=0,
        resources=_HEAD,
        max_restarts=-1,
        max_task_retries=-1,
    ).remote(str(folder.absolute()), elsewhere)
    owned: Whereabouts = Reach(lambda: handle, wait_s).ask(lambda owner: owner.open.remote())
    if (owned.folder, owned.elsewhere) != (str(folder.absolute()), elsewhere):
        raise LedgerError(
            f"{folder}: the ledger of this cluster is {owned.folder} {owned.elsewhere}".rstrip()
            + ": give that --store, or use another cluster"
        )
    return handle


def find() -> Handle:
    """Raises ValueError when there is none."""
    handle: Handle = ray.get_actor(NAME, namespace=NAMESPACE)
    return handle


class Reach:
    """Calls to the owner, repeated while it comes back, for `wait_s` at most. For several threads."""

    def __init__(self, find: Callable[[], Handle] = find, wait_s: float = WAIT_S) -> None:
        self._find = find
        self._wait_s = wait_s
        self._handle: Handle | None = None

    def ask(self, call: Callable[[Handle], Any]) -> Any:
        """What the owner answers. Raises what it raised of ours, KeyError included, or LedgerError when it cannot be reached."""
        ends = time.monotonic() + self._wait_s
        while True:
            try:
                self._handle = self._handle or self._find()
                return ray.get(call(self._handle), timeout=max(0.001, ends - time.monotonic()))
            except RayTaskError as error:
                raise _cause(error) from error
            except (RayActorError, ValueError) as error:
                self._handle = None
                if time.monotonic() + _PAUSE_S > ends:
                    raise self._unreachable(error) from error
                time.sleep(_PAUSE_S)
            except RayError as error:
                raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> LedgerError:
        said = str(error).strip().splitlines()
        return LedgerError(
            f"the ledger's owner could not be reached for {self._wait_s:.0f} s ({said[0] if said else type(error).__name__}): "
            "see whether the cluster still runs, then start again"
        )


def _cause(error: RayTaskError) -> Exception:
    cause: Exception = error.cause
    if isinstance(cause, QTestError | KeyError):
        return cause
    return LedgerError(f"the ledger's owner failed: {type(cause).__name__}: {cause}")


class LedgerClient:
    """The ledger of another process. A put may arrive twice, which is once: rows have keys. For several threads."""

    def __init__(self, reach: Reach | None = None) -> None:
        self._reach = reach or Reach()

    def put(self, rows: Sequence[Row]) -> None:
        if rows:
            self._reach.ask(lambda owner: owner.put.remote(tuple(rows)))

    def rows(self, kind: type[AnyRow], /, **equal: str | int) -> tuple[AnyRow, ...]:
        found: tuple[AnyRow, ...] = self._reach.ask(lambda owner: owner.rows.remote(kind, equal))
        return found

    def since(self, run: str, seq: int) -> tuple[EventRow, ...]:
        found: tuple[EventRow, ...] = self._reach.ask(lambda owner: owner.since.remote(run, seq))
        return found

    def close(self) -> None:
        """Nothing to do: the owner stays."""

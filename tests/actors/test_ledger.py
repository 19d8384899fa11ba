"""Group commit as plain asyncio, then the owner on a real Ray."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actors import ledger as owning
from actors.artefacts import StoreClient, nearest_store
from actors.ledger import GroupCommit, LedgerClient, LedgerOwner, Reach, Whereabouts
from qtest.adapters.home import Home
from qtest.adapters.objects import ObjectStore
from qtest.adapters.store import FolderStore
from qtest.commands.remembered import remembered
from qtest.errors import LedgerError
from qtest.fakes import MemoryLedger
from qtest.records.run import EventRow, LeaseRow, RepositoryRow, Row, RunRow


def event(seq: int, run: str = "r") -> EventRow:
    return EventRow(run=run, seq=seq, made=1, stage="write", kind="said", payload="{}")


class SlowLedger(MemoryLedger):
    """Counts transactions, holds each until `open`, and refuses repositories."""

    def __init__(self) -> None:
        super().__init__()
        self.groups: list[int] = []
        self.open = threading.Event()
        self.entered = threading.Event()

    def put(self, rows: Sequence[Row]) -> None:
        self.groups.append(len(rows))
        self.entered.set()
        assert self.open.wait(10)
        if any(isinstance(row, RepositoryRow) for row in rows):
            raise LedgerError("no repositories")
        super().put(rows)


def test_puts_of_many_callers_are_one_transaction() -> None:
    async def scene() -> None:
        ledger = SlowLedger()
        ledger.open.set()
        group = GroupCommit(ledger)
        await asyncio.gather(*(group.put([event(number)]) for number in range(1, 51)))
        assert ledger.groups == [50]
        assert len(ledger.rows(EventRow)) == 50

    asyncio.run(scene())


def test_nobody_is_acknowledged_before_the_commit() -> None:
    async def scene() -> None:
        ledger = SlowLedger()
        group = GroupCommit(ledger, linger_s=0)
        first = asyncio.create_task(group.put([event(1)]))
        await asyncio.to_thread(ledger.entered.wait, 10)
        later = [asyncio.create_task(group.put([event(number)])) for number in (2, 3)]
        await asyncio.wait([first, *later], timeout=0)
        assert not any(task.done() for task in (first, *later))
        ledger.open.set()
        await asyncio.gather(first, *later)
        assert ledger.groups == [1, 2]

    asyncio.run(scene())


def test_a_group_has_a_largest_size_but_a_larger_put_is_not_cut() -> None:
    async def scene() -> None:
        ledger = SlowLedger()
        ledger.open.set()
        group = GroupCommit(ledger, most_rows=10)
        sizes = (4, 4, 4, 25, 1)
        await asyncio.gather(*(group.put([event(1)] * size) for size in sizes))
        assert ledger.groups == [8, 4, 25, 1]

    asyncio.run(scene())


def test_a_put_that_cannot_be_written_fails_alone() -> None:
    async def scene() -> None:
        ledger = SlowLedger()
        ledger.open.set()
        group = GroupCommit(ledger)
        bad = [RepositoryRow(url="u", languages="", analysed=1)]
        said = await asyncio.gather(
            group.put([event(1)]), group.put(bad), group.put([event(2)]), return_exceptions=True
        )
        assert [type(one) for one in said] == [type(None), LedgerError, type(None)]
        assert len(ledger.rows(EventRow)) == 2

    asyncio.run(scene())


def test_a_caller_that_leaves_costs_the_others_nothing() -> None:
    async def scene() -> None:
        ledger = SlowLedger()
        group = GroupCommit(ledger, linger_s=0)
        leaving = asyncio.create_task(group.put([event(1)]))
        await asyncio.to_thread(ledger.entered.wait, 10)
        staying = asyncio.create_task(group.put([event(2)]))
        leaving.cancel()
        ledger.open.set()
        await staying
        assert leaving.cancelled()
        assert [row.seq for row in ledger.rows(EventRow)] == [1, 2]

    asyncio.run(scene())


def test_the_owner_says_to_each_caller_what_is_wrong_and_opens_once_that_is_mended(tmp_path: Path) -> None:
    async def scene() -> None:
        file = tmp_path / "ledger.duckdb"
        file.write_text("nonsense")
        owner = LedgerOwner(str(tmp_path))
        for _ in range(2):
            with pytest.raises(LedgerError, match="is damaged"):
                await owner.put([event(1)])
        file.rename(tmp_path / "moved")
        await owner.put([event(1)])
        assert await owner.since("r", 0) == (event(1),)
        await owner.close()

    asyncio.run(scene())


def test_an_artefact_too_large_to_send_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owning, "LARGEST", 10)

    async def scene() -> None:
        owner = LedgerOwner(str(tmp_path))
        name = Home(tmp_path).artefacts().put(b"x" * 11)
        with pytest.raises(LedgerError, match="11 bytes, too large"):
            await owner.get_bytes(name)

    asyncio.run(scene())


@pytest.fixture
def home(tmp_path: Path, ray_cluster: Any) -> Iterator[Home]:
    """An owner of its own, under the real name, for each test."""
    owning.owner(tmp_path / "home")
    yield Home(tmp_path / "home")
    ray_cluster.kill(owning.find())
    _until(lambda: not _found())


def _found() -> bool:
    try:
        owning.find()
    except ValueError:
        return False
    return True


def _until(condition: Callable[[], bool], wait_s: float = 30.0) -> None:
    paused = threading.Event()
    for _ in range(int(wait_s / 0.02)):
        if condition():
            return
        paused.wait(0.02)
    raise AssertionError("waited in vain")


@pytest.mark.ray
def test_there_is_one_owner_however_often_it_is_made(home: Home, ray_cluster: Any) -> None:
    again = owning.owner(home.folder)
    assert ray_cluster.get(again.process.remote()) == ray_cluster.get(owning.find().process.remote())


@pytest.mark.ray
def test_a_cluster_whose_ledger_is_another_says_which(home: Home, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=f"the ledger of this cluster is {home.folder}: give that --store"):
        owning.owner(tmp_path / "other")


class FarReach(Reach):
    """As of a process to which the owner's path is another folder."""

    def ask(self, call: Callable[[Any], Any]) -> Any:
        found = super().ask(call)
        return replace(found, mark="of another folder") if isinstance(found, Whereabouts) else found


@pytest.mark.ray
def test_a_process_that_sees_the_folder_uses_it_and_another_asks_the_owner(home: Home, tmp_path: Path) -> None:
    direct = nearest_store(tmp_path / "cache")
    assert isinstance(direct, FolderStore)
    name = direct.put(b"seen")
    far = nearest_store(tmp_path / "cache", FarReach())
    assert isinstance(far, StoreClient)
    assert far.get(name) == b"seen"
    assert FolderStore(tmp_path / "cache").get(name) == b"seen"
    assert direct.get(far.put(b"sent")) == b"sent"


@pytest.mark.ray
def test_a_damaged_cache_is_filled_again(home: Home, tmp_path: Path) -> None:
    far = StoreClient(tmp_path / "cache")
    name = far.put(b"whole")
    next((tmp_path / "cache").rglob(name)).write_bytes(b"part")
    assert far.get(name) == b"whole"


@pytest.mark.ray
def test_killing_the_owner_under_load_loses_nothing_acknowledged_and_doubles_nothing(
    home: Home, ray_cluster: Any
) -> None:
    client = LedgerClient()
    client.put([event(1, "warm")])
    stop = threading.Event()
    acknowledged: list[list[int]] = [[] for _ in range(8)]
    failed: list[BaseException] = []

    def write(thread: int) -> None:
        seq = 0
        try:
            while not stop.is_set():
                seq += 1
                client.put(
                    [
                        event(seq, f"r{thread}"),
                        LeaseRow(run=f"r{thread}", stage="s", item="i", state="open", attempt=seq),
                    ]
                )
                acknowledged[thread].append(seq)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(len(acknowledged))]
    for thread in threads:
        thread.start()
    pids = set()
    for _ in range(3):
        already = [len(mine) for mine in acknowledged]
        _until(
            lambda already=already: all(
                len(mine) > before + 5 for mine, before in zip(acknowledged, already, strict=True)
            )
        )  # type: ignore[misc]
        pid = Reach().ask(lambda owner: owner.process.remote())
        pids.add(pid)
        os.kill(pid, signal.SIGKILL)
    already = [len(mine) for mine in acknowledged]
    _until(lambda: all(len(mine) > before for mine, before in zip(acknowledged, already, strict=True)))
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(pids) == 3
    for thread, mine in enumerate(acknowledged):
        assert [row.seq for row in client.rows(EventRow, run=f"r{thread}")] == mine
        assert [row.attempt for row in client.rows(LeaseRow, run=f"r{thread}")] == [mine[-1]]


@pytest.mark.ray
def test_an_owner_that_stays_away_is_waited_for_with_a_bound(ray_cluster: Any) -> None:
    with pytest.raises(LedgerError, match="could not be reached for 0 s") as raised:
        LedgerClient(Reach(wait_s=0.2)).put([event(1)])
    assert "\n" not in str(raised.value)


@pytest.mark.ray
def test_what_the_owner_raises_is_the_clients_in_one_line(home: Home) -> None:
    client = LedgerClient()
    with pytest.raises(LedgerError, match="analysed") as raised:
        client.put([RepositoryRow(url="u", languages="", analysed=2**63)])
    assert "\n" not in str(raised.value)


def test_a_store_elsewhere_is_everyones() -> None:
    assert isinstance(Home(Path("nowhere"), "mock:///bucket").artefacts(), ObjectStore)


@pytest.mark.ray
def test_a_store_that_a_living_cluster_holds_is_read_through_it(own_ledger: None, tmp_path: Path) -> None:
    row = RunRow(run="r", spec="s", config="{}", seed="0", status="running", started=1)
    LedgerClient().put((row,))
    with remembered(str(tmp_path / "ledger")) as ledger:
        assert ledger.rows(RunRow) == (row,)
        assert isinstance(ledger, LedgerClient)

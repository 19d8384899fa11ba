"""Work side by side in one process."""

import threading
from pathlib import Path

import pytest

from qtest.adapters.inline import InlineExecutor, LocalTools, in_order
from qtest.adapters.store import FolderStore
from qtest.errors import QTestError
from qtest.fakes import FakeSandbox, FakeWorkbench
from qtest.ports import Tools
from qtest.records.outcome import Failure
from qtest.records.sandbox import Completed

LONG_S = 60.0


def executor(count: int, folder: Path) -> InlineExecutor:
    sandbox, store = FakeSandbox(lambda _: Completed(code=0)), FolderStore(folder)
    return InlineExecutor([LocalTools(sandbox, FakeWorkbench(), store) for _ in range(count)])


def test_every_item_has_one_result(tmp_path: Path) -> None:
    found = executor(3, tmp_path).map(lambda _, item: item * 2, range(20))
    assert sorted(item for item in found if isinstance(item, int)) == [item * 2 for item in range(20)]


def test_what_breaks_is_a_failure_and_the_others_are_done(tmp_path: Path) -> None:
    def work(tools: Tools, item: int) -> int:
        if item == 1:
            raise QTestError("no")
        return item

    found = list(executor(2, tmp_path).map(work, range(3)))
    assert sorted(item for item in found if isinstance(item, int)) == [0, 2]
    assert [item.reason for item in found if isinstance(item, Failure)] == ["no"]


def test_two_callers_never_hold_the_same_tools(tmp_path: Path) -> None:
    shared = executor(2, tmp_path)
    held: list[int] = []
    clashes: list[int] = []
    meet = threading.Barrier(2, timeout=LONG_S)

    def work(tools: Tools, item: int) -> int:
        me = id(tools)
        if me in held:
            clashes.append(me)
        held.append(me)
        if item == 0:
            meet.wait()  # both callers are inside at once
        held.remove(me)
        return me

    found: list[set[object]] = []
    callers = [threading.Thread(target=lambda: found.append(set(shared.map(work, [0])))) for _ in range(2)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(LONG_S)
    assert clashes == []
    assert len(found) == 2 and found[0].isdisjoint(found[1])


def test_tools_are_taken_again_by_the_next_caller(tmp_path: Path) -> None:
    shared = executor(2, tmp_path)
    first = list(shared.map(lambda tools, _: id(tools), [0]))
    assert list(shared.map(lambda tools, _: id(tools), [0])) == first


def test_results_keep_the_order_of_the_items_though_the_second_is_made_first() -> None:
    second_done = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert second_done.wait(LONG_S)
        if item == 1:
            second_done.set()
        return item

    assert list(in_order(work, range(4), 2)) == [0, 1, 2, 3]


def test_no_more_than_the_workers_are_under_way() -> None:
    begun: list[int] = []
    stream = in_order(lambda item: begun.append(item) or item, range(10), 2)  # type: ignore[func-returns-value]
    assert next(stream) == 0
    assert set(begun) <= {0, 1}


def test_what_work_raises_is_raised_where_it_is_waited_for() -> None:
    def work(item: int) -> int:
        raise KeyError(item)

    with pytest.raises(KeyError):
        list(in_order(work, [7], 2))

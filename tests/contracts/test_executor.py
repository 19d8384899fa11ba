"""What every executor promises, over the one of this process and the one on a real Ray."""

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.adapters.store import FolderStore
from qtest.fakes import FakeSandbox, FakeWorkbench
from qtest.ports import Executor
from qtest.records.outcome import Failure
from qtest.records.sandbox import Completed

sys.path.insert(0, str(Path(__file__).parent))
import work

WINDOW = 2


@pytest.fixture(params=["inline", pytest.param("ray", marks=pytest.mark.ray)])
def executor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Executor]:
    if request.param == "inline":
        sandbox = FakeSandbox(lambda _: Completed(code=0))
        store = FolderStore(tmp_path / "store")
        yield InlineExecutor([LocalTools(sandbox, FakeWorkbench(), store) for _ in range(WINDOW)])
        return
    request.getfixturevalue("own_ledger")
    from actors.executor import RayExecutor

    environment = {"env_vars": {"PYTHONPATH": str(Path(__file__).parent)}}
    yield RayExecutor({"num_cpus": 1, "runtime_env": environment}, window=WINDOW)


def test_every_item_has_one_result(executor: Executor) -> None:
    found = list(executor.map(work.doubled, range(12)))
    assert sorted(item for item in found if isinstance(item, int)) == [item * 2 for item in range(12)]


def test_nothing_in_nothing_out(executor: Executor) -> None:
    assert list(executor.map(work.doubled, ())) == []


@pytest.mark.parametrize(
    ("bad", "reason"),
    [(work.refused, "not this one"), (work.broken, "ZeroDivisionError: one")],
    ids=["ours", "foreign"],
)
def test_what_breaks_is_a_failure_and_the_others_are_done(
    executor: Executor, bad: Callable[[Any, int], int], reason: str
) -> None:
    found = list(executor.map(bad, range(3)))
    assert sorted(item for item in found if isinstance(item, int)) == [0, 2]
    assert [item.reason for item in found if isinstance(item, Failure)] == [reason]


def test_a_worker_keeps_what_it_made(executor: Executor) -> None:
    assert set(executor.map(work.kept, range(6))) == {0}


def test_no_more_than_the_window_are_under_way(executor: Executor, tmp_path: Path) -> None:
    found: list[object] = []
    caller = threading.Thread(target=lambda: found.extend(executor.map(work.waits, [str(tmp_path)] * 5)))
    caller.start()
    while len(list(tmp_path.glob("*.begun"))) < WINDOW:
        caller.join(0.01)
        assert caller.is_alive()
    assert len(list(tmp_path.glob("*.begun"))) == WINDOW
    (tmp_path / "go").touch()
    caller.join(60)
    assert len(set(found)) == 5


def test_several_callers_at_once_get_their_own(executor: Executor) -> None:
    found: dict[int, list[object]] = {}

    def call(start: int) -> None:
        found[start] = sorted(executor.map(work.doubled, range(start, start + 4)), key=str)

    callers = [threading.Thread(target=call, args=(start,)) for start in (0, 100, 200)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(120)
    assert found == {start: sorted((2 * item for item in range(start, start + 4)), key=str) for start in (0, 100, 200)}


@pytest.mark.ray
class TestLostWorkers:
    @pytest.fixture
    def on_ray(self, own_ledger: None) -> Any:
        from actors.executor import RayExecutor

        environment = {"env_vars": {"PYTHONPATH": str(Path(__file__).parent)}}
        return RayExecutor({"num_cpus": 1, "runtime_env": environment}, window=WINDOW)

    def test_what_is_lost_with_its_worker_is_done_again(self, on_ray: Any, tmp_path: Path) -> None:
        assert list(on_ray.map(work.killed_once, [str(tmp_path / "mark")])) == ["done"]

    def test_what_always_takes_its_worker_along_is_a_failure_that_says_so(self, on_ray: Any) -> None:
        found = list(on_ray.map(work.always_killed, range(3)))
        assert sorted(item for item in found if isinstance(item, int)) == [0, 2]
        (failure,) = [item for item in found if isinstance(item, Failure)]
        assert failure.reason.startswith("its worker was lost 3 times")

"""The executor of one process: a few threads, each with tools of its own, that wait for sandboxed processes."""

import queue
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from qtest.errors import QTestError
from qtest.languages.python.toolchain import PythonToolchain
from qtest.ports import Sandbox, Store, Toolchain, Tools, Warm, Workbench
from qtest.records.outcome import Failure

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class LocalTools:
    sandbox: Sandbox
    workbench: Workbench
    store: Store
    toolchain: Toolchain = field(default_factory=PythonToolchain)
    _kept: dict[type, Any] = field(default_factory=dict)

    def kept(self, kind: type[Warm], make: Callable[[], Warm]) -> Warm:
        if kind not in self._kept:
            self._kept[kind] = make()
        found: Warm = self._kept[kind]
        return found

    def close(self) -> None:
        for one in (*self._kept.values(), self.workbench):
            if hasattr(one, "close"):
                one.close()
        self._kept.clear()


class InlineExecutor:
    """`tools` has an entry for each thread; they stay warm from one `map` to the next. For several callers at once: each map's thread
    holds the tools it took until its items are done, because tools that change hands lose their warmth."""

    def __init__(self, tools: Sequence[Tools]) -> None:
        self._count = len(tools)
        self._free: queue.LifoQueue[Tools] = queue.LifoQueue()  # the last used are the warmest
        for one in reversed(tools):
            self._free.put(one)

    def map(self, work: Callable[[Tools, Item], Result], items: Iterable[Item]) -> Iterator[Result | Failure]:
        waiting = list(items)
        todo: queue.SimpleQueue[Item] = queue.SimpleQueue()
        for item in waiting:
            todo.put(item)
        ready: queue.SimpleQueue[Result | Failure] = queue.SimpleQueue()
        threads = [
            threading.Thread(target=self._drain, args=(work, todo, ready), daemon=True)
            for _ in range(min(self._count, len(waiting)))
        ]
        for thread in threads:
            thread.start()
        for _ in waiting:
            yield ready.get()

    def _drain(
        self,
        work: Callable[[Tools, Item], Result],
        todo: "queue.SimpleQueue[Item]",
        ready: "queue.SimpleQueue[Result | Failure]",
    ) -> None:
        tools = self._free.get()
        try:
            while True:
                ready.put(done(work, tools, todo.get_nowait()))
        except queue.Empty:
            return
        finally:
            self._free.put(tools)


def in_order(work: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Iterator[Result]:
    """What `work` makes of each item, in the order of the items; while one is waited for or used, those behind it are made.

    At most `workers` are under way. What `work` raises is raised here.
    """
    window: deque[Future[Result]] = deque()
    for item in items:
        future: Future[Result] = Future()
        threading.Thread(target=_fulfil, args=(future, work, item), daemon=True).start()
        window.append(future)
        if len(window) >= workers:
            yield window.popleft().result()
    while window:
        yield window.popleft().result()


def _fulfil(future: "Future[Result]", work: Callable[[Item], Result], item: Item) -> None:
    try:
        future.set_result(work(item))
    except BaseException as error:  # carried to the thread that waits for it
        future.set_exception(error)


def done(work: Callable[[Tools, Item], Result], tools: Tools, item: Item) -> Result | Failure:
    """What an executor's worker makes of an item, whatever the work raises."""
    try:
        return work(tools, item)
    except QTestError as error:
        return Failure(target="", reason=str(error))
    except Exception as error:  # an executor turns whatever broke into a value, and keeps the traceback
        return Failure(target="", reason=f"{type(error).__name__}: {error}", detail=traceback.format_exc())

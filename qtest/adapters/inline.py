"""The executor of one process: a few threads, each with tools of its own, that wait for sandboxed processes."""

import queue
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from qtest.errors import QTestError
from qtest.ports import Sandbox, Store, Tools, Workbench
from qtest.records.outcome import Failure

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class LocalTools:
    sandbox: Sandbox
    workbench: Workbench
    store: Store


@dataclass(frozen=True)
class InlineExecutor:
    """`tools` has an entry for each thread; they stay warm from one `map` to the next."""

    tools: tuple[Tools, ...]

    def map(self, work: Callable[[Tools, Item], Result], items: Iterable[Item]) -> Iterator[Result | Failure]:
        waiting = list(items)
        if len(waiting) <= 1 or len(self.tools) == 1:
            yield from (_done(work, self.tools[0], item) for item in waiting)
            return
        todo: queue.SimpleQueue[Item] = queue.SimpleQueue()
        for item in waiting:
            todo.put(item)
        ready: queue.SimpleQueue[Result | Failure] = queue.SimpleQueue()
        threads = [
            threading.Thread(target=_drain, args=(work, tools, todo, ready), daemon=True)
            for tools in self.tools[: len(waiting)]
        ]
        for thread in threads:
            thread.start()
        for _ in waiting:
            yield ready.get()
        for thread in threads:
            thread.join()


def _drain(
    work: Callable[[Tools, Item], Result],
    tools: Tools,
    todo: "queue.SimpleQueue[Item]",
    ready: "queue.SimpleQueue[Result | Failure]",
) -> None:
    while True:
        try:
            item = todo.get_nowait()
        except queue.Empty:
            return
        ready.put(_done(work, tools, item))


def _done(work: Callable[[Tools, Item], Result], tools: Tools, item: Item) -> Result | Failure:
    try:
        return work(tools, item)
    except QTestError as error:
        return Failure(target="", reason=str(error))
    except Exception as error:  # an executor turns whatever broke into a value, and keeps the traceback
        return Failure(target="", reason=f"{type(error).__name__}: {error}", detail=traceback.format_exc())

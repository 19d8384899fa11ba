"""The executor of one process: work is done here, one item after the other."""

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
    tools: Tools

    def map(self, work: Callable[[Tools, Item], Result], items: Iterable[Item]) -> Iterator[Result | Failure]:
        for item in items:
            try:
                result: Result | Failure = work(self.tools, item)
            except QTestError as error:
                result = Failure(target="", reason=str(error))
            except Exception as error:  # an executor turns whatever broke into a value, and keeps the traceback
                result = Failure(target="", reason=f"{type(error).__name__}: {error}", detail=traceback.format_exc())
            yield result

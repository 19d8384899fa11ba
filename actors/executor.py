"""Work as Ray tasks: each asks for its CPU, and what is lost with its worker is done again."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import ray
from ray.exceptions import (
    NodeDiedError,
    ObjectLostError,
    OutOfMemoryError,
    RayError,
    TaskCancelledError,
    WorkerCrashedError,
)

from actors.workplace import workplace
from qtest.adapters.inline import done
from qtest.ports import Item, Result, Tools
from qtest.records.outcome import Failure

ATTEMPTS = 3  # a worker may be killed for what is no fault of the item's; one that always dies with it is
_LOST = (WorkerCrashedError, NodeDiedError, ObjectLostError, OutOfMemoryError)


def perform(work: Callable[[Tools, Item], Result], item: Item, unsafe: bool) -> Result | Failure:
    here = workplace(unsafe)
    return done(work, here.tools, here.adopted(item))


_remote: Any = ray.remote(max_retries=0)(perform)


class RayExecutor:
    """Answers the port `Executor`. `options` are Ray's for each task; at most `window` of a map are in flight. For several threads."""

    def __init__(self, options: Mapping[str, Any], *, window: int, unsafe: bool = False) -> None:
        self._options, self._window, self._unsafe = dict(options), window, unsafe

    def map(self, work: Callable[[Tools, Item], Result], items: Iterable[Item]) -> Iterator[Result | Failure]:
        waiting = deque((item, 1) for item in items)
        flying: dict[Any, tuple[Item, int]] = {}
        try:
            while waiting or flying:
                while waiting and len(flying) < self._window:
                    item, attempt = waiting.popleft()
                    flying[self._send(work, item)] = (item, attempt)
                (ready, *_), _ = ray.wait(list(flying), num_returns=1)
                item, attempt = flying.pop(ready)
                try:
                    yield ray.get(ready)
                except _LOST as error:
                    if attempt < ATTEMPTS:
                        waiting.append((item, attempt + 1))
                    else:
                        yield Failure(target="", reason=f"its worker was lost {ATTEMPTS} times: {_said(error)}")
                except RayError as error:
                    yield Failure(target="", reason=_said(error))
        finally:
            for ref in flying:  # whoever asked has left
                ray.cancel(ref, force=True)

    def _send(self, work: Callable[[Tools, Item], Result], item: Item) -> Any:
        name = f"{work.__name__} {_label(item)}".strip()
        return _remote.options(name=name, **self._options).remote(work, item, self._unsafe)


def _label(item: object) -> str:
    """Which thing it is of, as the dashboard shows it."""
    brief, file, orders, setting = (getattr(item, name, None) for name in ("brief", "file", "orders", "setting"))
    if brief is not None:
        return str(brief.module.name)
    if orders:
        return f"{orders[0].mutant.symbol.partition(':')[0]} ({len(orders)})"
    if file is not None:
        return str(file.path)
    return str(setting.project.name) if setting is not None else ""


def _said(error: Exception) -> str:
    if isinstance(error, TaskCancelledError):
        return "it was cancelled"
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:300]

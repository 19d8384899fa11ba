"""Identical prompts in flight share one answer: whoever comes later hears all of it, and it ends only when nobody listens any more."""

import asyncio
from collections.abc import AsyncIterator, Callable

from serve.seams import ProviderError
from serve.streams import Item, closing


class Flight:
    """One answer on its way, in a task of its own, so that no single listener's leaving ends it."""

    def __init__(self, items: AsyncIterator[Item], landed: Callable[["Flight"], None]) -> None:
        self._items: list[Item] = []
        self._error: BaseException | None = None
        self._ended = False
        self._news = asyncio.Event()
        self._listeners = 0
        self._task = asyncio.create_task(self._fly(items))
        self._task.add_done_callback(lambda _: landed(self))

    async def _fly(self, items: AsyncIterator[Item]) -> None:
        try:
            async with closing(items):
                async for item in items:
                    self._items.append(item)
                    self._tell()
        except BaseException as error:
            self._error = error
            if not isinstance(error, Exception):
                raise
        finally:
            self._ended = True
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    @property
    def leaving(self) -> bool:
        return self._ended or self._task.cancelling() > 0

    async def heard(self, within_s: float) -> AsyncIterator[Item]:
        """From the beginning. Raises what the work raised, or ProviderError when this listener's own time is over."""
        self._listeners += 1
        until = asyncio.get_running_loop().time() + within_s
        said = 0
        try:
            while True:
                while said < len(self._items):
                    said += 1
                    yield self._items[said - 1]
                if self._ended:
                    break
                try:
                    async with asyncio.timeout_at(until):
                        await self._news.wait()
                except TimeoutError:
                    raise ProviderError("late", f"no answer in {within_s:.0f} s", begun=said > 0) from None
            if self._error is not None:
                raise _again(self._error, begun=said > 0)
        finally:
            self._listeners -= 1
            if not self._listeners and not self._ended:
                self._task.cancel()


def _again(error: BaseException, *, begun: bool) -> BaseException:
    """An exception of its own for each listener: a shared one would collect all their tracebacks."""
    if isinstance(error, ProviderError):
        return ProviderError(error.trouble, str(error), retry_after_s=error.retry_after_s, begun=begun or error.begun)
    if isinstance(error, asyncio.CancelledError):
        return ProviderError("unreachable", "the work was given up", begun=begun)
    return error


class Flights:
    """What is in flight, by key."""

    def __init__(self) -> None:
        self._flights: dict[str, Flight] = {}

    def __len__(self) -> int:
        return len(self._flights)

    def joined(self, key: str, start: Callable[[], AsyncIterator[Item]]) -> tuple[Flight, bool]:
        """The flight, and whether it begins with this one."""
        flight = self._flights.get(key)
        if flight is not None and not flight.leaving:
            return flight, False
        flight = self._flights[key] = Flight(start(), lambda flight: self._landed(key, flight))
        return flight, True

    def _landed(self, key: str, flight: Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

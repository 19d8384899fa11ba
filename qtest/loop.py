"""An event loop in a thread of its own, for callers that are no coroutines themselves."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from qtest.errors import QTestError

Result = TypeVar("Result")


class LoopClosed(QTestError):
    """The loop was closed while its work was waited for, or before."""


class Loop:
    """For several threads. Closing it cancels what is under way."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()
        self._lock = threading.Lock()
        self._open = True

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Waits for its result; an interrupt of the waiting cancels the work. Raises what the work raises, and LoopClosed."""
        with self._lock:
            if not self._open:
                work.close()
                raise LoopClosed("it is closed")
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except CancelledError:
            raise LoopClosed("it was closed") from None
        except BaseException:
            future.cancel()
            raise

    def close(self, last: Coroutine[Any, Any, None]) -> None:
        """What is under way ends, then `last` is done."""
        with self._lock:
            if not self._open:
                last.close()
                return
            self._open = False
        asyncio.run_coroutine_threadsafe(self._end(last), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self, last: Coroutine[Any, Any, None]) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await last
        await self._loop.shutdown_asyncgens()

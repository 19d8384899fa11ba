"""Small providers around a provider: held to its time, its answers checked, no more asked of it at once than it can bear."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from qtest.records.completion import Completion, Prompt, Tier
from serve.schemas import UnusableSchema, fits
from serve.seams import Provider, ProviderError
from serve.streams import closing

Clock = Callable[[], float]


class Around:
    """Passes for the provider it is around."""

    def __init__(self, inner: Provider) -> None:
        self.inner = inner

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def model(self) -> str:
        return self.inner.model

    @property
    def revision(self) -> str:
        return self.inner.revision

    @property
    def tier(self) -> Tier:
        return self.inner.tier


class Punctual(Around):
    """Late is said when time is over, whatever the provider does; of a stream, also when no piece came for `stall_s`. What it raises that
    is no ProviderError is garbage: one broken provider must not end a chain."""

    def __init__(self, inner: Provider, stall_s: float, clock: Clock = time.monotonic) -> None:
        super().__init__(inner)
        self._stall_s = stall_s
        self._clock = clock

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        within_s = min(within_s, self._stall_s)
        with self._translated(within_s):
            async with asyncio.timeout(within_s):
                return await self.inner.complete(prompt, within_s=within_s)

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[str | Completion]:
        until = self._clock() + within_s
        ended = False
        async with closing(self.inner.stream(prompt, within_s=within_s)) as items:
            while not ended:
                patience_s = min(self._stall_s, until - self._clock())
                with self._translated(patience_s):
                    async with asyncio.timeout(patience_s):
                        item = await anext(items, None)
                if item is None:
                    raise ProviderError("cut off", f"{self.name} ended its stream without saying how")
                ended = isinstance(item, Completion)
                yield item

    @contextmanager
    def _translated(self, within_s: float) -> Iterator[None]:
        try:
            yield
        except ProviderError:
            raise
        except TimeoutError as error:
            raise ProviderError("late", f"{self.name} did not answer in {within_s:.0f} s") from error
        except Exception as error:
            raise ProviderError("garbage", f"{self.name}: {type(error).__name__}: {error}") from error


class Checked(Around):
    """Says of each answer whether it is what the schema asks for."""

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        return self._checked(prompt, await self.inner.complete(prompt, within_s=within_s))

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[str | Completion]:
        async with closing(self.inner.stream(prompt, within_s=within_s)) as items:
            async for item in items:
                yield self._checked(prompt, item) if isinstance(item, Completion) else item

    @staticmethod
    def _checked(prompt: Prompt, completion: Completion) -> Completion:
        if not prompt.answer:
            return completion
        try:
            return completion.model_copy(update={"schema_ok": fits(prompt.answer, completion.content)})
        except UnusableSchema as error:
            raise ProviderError("refused", str(error)) from error


class Limited(Around):
    """So many prompts at once, and as many again waiting; the next is told at once that there is no room, so that it goes elsewhere."""

    def __init__(self, inner: Provider, in_flight: int) -> None:
        super().__init__(inner)
        self._slots = asyncio.Semaphore(in_flight)
        self._room = 2 * in_flight

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        async with self._slot(within_s) as left_s:
            return await self.inner.complete(prompt, within_s=left_s)

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[str | Completion]:
        async with self._slot(within_s) as left_s, closing(self.inner.stream(prompt, within_s=left_s)) as items:
            async for item in items:
                yield item

    @asynccontextmanager
    async def _slot(self, within_s: float) -> AsyncIterator[float]:
        if not self._room:
            raise ProviderError("overloaded", f"{self.name} has as many prompts in flight and waiting as it may have")
        self._room -= 1
        started = time.monotonic()
        try:
            try:
                async with asyncio.timeout(within_s):
                    await self._slots.acquire()
            except TimeoutError as error:
                raise ProviderError("overloaded", f"{self.name} had no room within {within_s:.0f} s") from error
            try:
                yield within_s - (time.monotonic() - started)
            finally:
                self._slots.release()
        finally:
            self._room += 1

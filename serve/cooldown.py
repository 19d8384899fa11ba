"""A provider that fails is left alone for a while, so that nobody waits for it."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from qtest.records.completion import Completion, Prompt
from serve.policies import Around, Clock
from serve.seams import Provider, ProviderError, Trouble
from serve.streams import closing

PROMPT_IS_TO_BLAME = frozenset({"refused", "too long"})


class Cooling(Around):
    """After `failures` running it is not asked for a second, then two, then four, up to `cooldown_s`; after a Retry-After for as long as that
    says. Then one prompt tries it, and the others still go elsewhere until that one is answered. Those who were in flight when one failed
    fail with it, and count once: a lost replica takes dozens along."""

    def __init__(self, inner: Provider, failures: int, cooldown_s: float, clock: Clock = time.monotonic) -> None:
        super().__init__(inner)
        self._most = failures
        self._cooldown_s = cooldown_s
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._counted_at = float("-inf")
        self._last: tuple[Trouble, str] | None = None
        self._tried = False

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        with self._watched():
            return await self.inner.complete(prompt, within_s=within_s)

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[str | Completion]:
        with self._watched():
            async with closing(self.inner.stream(prompt, within_s=within_s)) as items:
                async for item in items:
                    yield item

    @contextmanager
    def _watched(self) -> Iterator[None]:
        cooled = self._last is not None
        if cooled:
            self._refuse_while_cooling()
            self._tried = True
        began = self._clock()
        try:
            yield
        except ProviderError as error:
            if error.trouble in PROMPT_IS_TO_BLAME:
                self._well()
            else:
                self._failed(error, began)
            raise
        else:
            self._well()
        finally:
            if cooled:
                self._tried = False

    def _refuse_while_cooling(self) -> None:
        left_s = self._until - self._clock()
        if self._last is None or (left_s <= 0 and not self._tried):
            return
        trouble, message = self._last
        raise ProviderError(trouble, f"{self.name} is left alone after: {message}", retry_after_s=max(left_s, 1.0))

    def _failed(self, error: ProviderError, began: float) -> None:
        if began < self._counted_at and error.retry_after_s is None:
            return
        self._counted_at = self._clock()
        self._failures += 1
        wait_s = error.retry_after_s
        over = self._failures - self._most
        if wait_s is None and over < 0:
            return
        self._until = self._clock() + (min(2.0 ** min(over, 30), self._cooldown_s) if wait_s is None else wait_s)
        self._last = (error.trouble, str(error))

    def _well(self) -> None:
        self._failures = 0
        self._last = None

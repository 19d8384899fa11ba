"""A tier's deployment as a provider: the router's end of the hop to the engines."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, Self

from ray.exceptions import RayError
from ray.serve.exceptions import BackPressureError, RayServeException

from qtest.records.completion import Completion, Prompt, Tier
from qtest.records.record import Record
from serve.deadline import in_time
from serve.seams import ProviderError, Trouble
from serve.tierconfig import TierSettings
from serve.weights import revision_of

# the replica is told to be done a little sooner than it is waited for, so that it is the one that says what was late
_HOP_S = 0.5


class NoAnswer(Record):
    """A ProviderError on its way between two processes."""

    trouble: Trouble
    message: str
    retry_after_s: float | None = None
    begun: bool = False

    @classmethod
    def of(cls, error: ProviderError) -> Self:
        return cls(trouble=error.trouble, message=str(error), retry_after_s=error.retry_after_s, begun=error.begun)

    def error(self) -> ProviderError:
        return ProviderError(self.trouble, self.message, retry_after_s=self.retry_after_s, begun=self.begun)


class TierProvider:
    """Asks whichever replica Ray Serve chooses; none may be there yet where a tier scales from zero, and then the prompt waits.
    Cancelling reaches the engine."""

    name = "vllm"

    def __init__(self, tier: Tier, settings: TierSettings, handle: Any) -> None:
        self.tier: Tier = tier
        self.model = settings.model
        self.revision = settings.revision or revision_of(settings.model)
        self._handle = handle

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        response = self._handle.complete.remote(prompt, within_s)
        try:
            with _ended(response):
                async with asyncio.timeout(within_s + _HOP_S):
                    answer: Completion | NoAnswer = await response
        except TimeoutError as error:
            raise ProviderError("late", f"{self.tier} did not answer within {within_s:g} s") from error
        except (RayError, RayServeException) as error:
            raise self._translated(error, begun=False) from error
        if isinstance(answer, NoAnswer):
            raise answer.error()
        return answer

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[str | Completion]:
        response = self._handle.options(stream=True).stream.remote(prompt, within_s)
        begun = False
        try:
            with _ended(response):
                async for piece in in_time(response, within_s + _HOP_S, self.tier):
                    if isinstance(piece, NoAnswer):
                        raise piece.error()
                    yield piece
                    begun = True
        except (RayError, RayServeException) as error:
            raise self._translated(error, begun=begun) from error

    def _translated(self, error: Exception, *, begun: bool) -> ProviderError:
        if isinstance(error, BackPressureError):
            return ProviderError("overloaded", f"{self.tier}: all replicas are busy, and as many wait as may")
        said = str(error).strip().splitlines() or [""]
        what = f"{self.tier}: a replica was lost or never came: {type(error).__name__}: {said[-1][:200]}"
        return ProviderError("cut off" if begun else "unreachable", what, begun=begun)


@contextmanager
def _ended(response: Any) -> Iterator[None]:
    """Nobody works on for one who went away, was late or broke."""
    try:
        yield
    except BaseException:
        response.cancel()
        raise

"""The hop to a tier's deployment: errors cross as what they are, and nobody works on for one who went away."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import pytest

from qtest.records.completion import Completion, Prompt
from serve.seams import ProviderError
from serve.tierconfig import TierSettings

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("serve_imported")]

Ask = Callable[..., Prompt]
WHOLE = Completion(content="a b", provider="vllm", model="/weights", tier="TIER2")


class Response:
    """As Ray Serve's: awaited or gone through, and cancelled."""

    def __init__(self, answer: Callable[[], Awaitable[Any]], pieces: list[Any]) -> None:
        self._answer, self._pieces = answer, pieces
        self.cancelled = False

    def __await__(self) -> Generator[Any, None, Any]:
        return self._answer().__await__()

    def __aiter__(self) -> "Response":
        return self

    async def __anext__(self) -> Any:
        if not self._pieces:
            raise StopAsyncIteration
        piece = self._pieces.pop(0)
        if isinstance(piece, Exception):
            raise piece
        return piece if not callable(piece) else await piece()

    def cancel(self) -> None:
        self.cancelled = True


class Handle:
    def __init__(self, answer: Any = WHOLE, pieces: tuple[Any, ...] = ()) -> None:
        async def answered() -> Any:
            if isinstance(answer, Exception):
                raise answer
            return await answer() if callable(answer) else answer

        self.response = Response(answered, list(pieces))
        self.complete = self.stream = self

    def options(self, **_: Any) -> "Handle":
        return self

    def remote(self, *_: Any) -> Response:
        return self.response


async def hang() -> None:
    await asyncio.Event().wait()


def provider(handle: Handle) -> Any:
    from serve.providers.tier import TierProvider

    return TierProvider("TIER2", TierSettings(model="/weights"), handle)


async def test_an_answer_comes_as_it_is(prompt_of: Ask) -> None:
    handle = Handle()
    assert await provider(handle).complete(prompt_of(), within_s=5) == WHOLE
    assert not handle.response.cancelled


async def test_the_engines_error_arrives_with_all_it_says(prompt_of: Ask) -> None:
    from serve.providers.tier import NoAnswer

    handle = Handle(NoAnswer.of(ProviderError("overloaded", "full", retry_after_s=3.0)))
    with pytest.raises(ProviderError, match="full") as raised:
        await provider(handle).complete(prompt_of(), within_s=5)
    assert (raised.value.trouble, raised.value.retry_after_s, raised.value.begun) == ("overloaded", 3.0, False)


async def test_a_lost_replica_is_unreachable_and_cut_off_once_something_was_handed_on(prompt_of: Ask) -> None:
    from ray.exceptions import ActorDiedError

    with pytest.raises(ProviderError, match="TIER2") as raised:
        await provider(Handle(ActorDiedError())).complete(prompt_of(), within_s=5)
    assert (raised.value.trouble, raised.value.begun) == ("unreachable", False)
    seen = []
    with pytest.raises(ProviderError) as raised:
        async for piece in provider(Handle(pieces=("a", ActorDiedError()))).stream(prompt_of(), within_s=5):
            seen.append(piece)
    assert (seen, raised.value.trouble, raised.value.begun) == (["a"], "cut off", True)


async def test_a_full_queue_is_an_overload(prompt_of: Ask) -> None:
    from ray.serve.exceptions import BackPressureError

    with pytest.raises(ProviderError, match="TIER2") as raised:
        await provider(Handle(BackPressureError(64, 64))).complete(prompt_of(), within_s=5)
    assert raised.value.trouble == "overloaded"


async def test_a_replica_that_says_nothing_is_late_and_told_to_stop(prompt_of: Ask) -> None:
    handle = Handle(hang)
    with pytest.raises(ProviderError, match=r"did not answer within 0\.01 s") as raised:
        await provider(handle).complete(prompt_of(), within_s=0.01)
    assert raised.value.trouble == "late"
    assert handle.response.cancelled


async def test_who_goes_away_cancels_what_it_waited_for(prompt_of: Ask) -> None:
    handle = Handle(hang)
    waiting = asyncio.create_task(provider(handle).complete(prompt_of(), within_s=60))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert handle.response.cancelled


async def test_a_stream_that_is_left_is_cancelled(prompt_of: Ask) -> None:
    handle = Handle(pieces=("a", "b", WHOLE))
    pieces = provider(handle).stream(prompt_of(), within_s=5)
    assert await anext(pieces) == "a"
    await pieces.aclose()
    assert handle.response.cancelled


async def test_a_stream_that_stalls_is_late(prompt_of: Ask) -> None:
    handle = Handle(pieces=("a", hang))
    seen = []
    with pytest.raises(ProviderError, match="did not end") as raised:
        async for piece in provider(handle).stream(prompt_of(), within_s=0.01):
            seen.append(piece)
    assert (seen, raised.value.trouble, raised.value.begun) == (["a"], "late", True)
    assert handle.response.cancelled

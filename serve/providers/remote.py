"""A model behind an HTTP API, whichever dialect that speaks."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from contextlib import aclosing
from typing import Any, Protocol

from qtest.records.completion import Completion, Prompt, Tier
from serve.providers.answers import Answer
from serve.providers.http import Wire
from serve.providers.sse import Event
from serve.providers.troubles import Refused
from serve.seams import ProviderError


class Dialect(Protocol):
    """How a question is put and an answer read; pure. A reader raises ProviderError, or what Python raises where JSON is not as expected."""

    @property
    def path(self) -> str: ...

    @property
    def optional(self) -> tuple[str, ...]:
        """Names of fields, as servers name them in a refusal, that some models do not take."""

    def body(self, model: str, prompt: Prompt, without: Collection[str], *, stream: bool) -> dict[str, Any]:
        """`without` are some of `optional`."""

    def read_whole(self, answer: Answer, found: Any) -> None: ...

    def read_event(self, answer: Answer, event: Event) -> str:
        """The piece of text that it brings; empty for one that brings none."""


class RemoteProvider:
    """Answers `serve.seams.Provider`. What a model refuses is left out of later questions to it."""

    def __init__(
        self,
        name: str,
        model: str,
        dialect: Dialect,
        wire: Wire,
        *,
        tier: Tier = "TIER2",
        revision: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.model, self.revision, self.tier = name, model, revision, tier
        self._dialect, self._wire, self._clock = dialect, wire, clock
        self._without: set[str] = set()

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        answer = self._answer(prompt)
        while True:
            body = self._body(prompt, stream=False)
            try:
                found = await self._wire.ask(self._dialect.path, body, within_s)
                break
            except Refused as error:
                self._learn(error)
        try:
            self._dialect.read_whole(answer, found)
        except _ODD:
            raise ProviderError("garbage", f"JSON that is no answer of {self._dialect.path}") from None
        return answer.whole(self._clock())

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[str | Completion]:
        answer = self._answer(prompt)
        while not answer.finish:
            try:
                async with aclosing(self._pieces(prompt, answer, within_s)) as pieces:
                    async for piece in pieces:
                        yield piece
                yield answer.whole(self._clock())
            except ProviderError as error:
                error.begun = bool(answer.pieces)
                if error.begun or not isinstance(error, Refused):
                    raise
                self._learn(error)

    async def close(self) -> None:
        await self._wire.close()

    async def _pieces(self, prompt: Prompt, answer: Answer, within_s: float) -> AsyncGenerator[str]:
        events = self._wire.events(self._dialect.path, self._body(prompt, stream=True), within_s)
        async with aclosing(events):
            async for event in events:
                try:
                    piece = self._dialect.read_event(answer, event)
                except _ODD:
                    raise ProviderError("garbage", f"an event that is none of {self._dialect.path}") from None
                if piece:
                    answer.pieces.append(piece)
                    yield piece
                if answer.ended:
                    return

    def _answer(self, prompt: Prompt) -> Answer:
        return Answer(self.name, self.model, self.tier, prompt, self._clock())

    def _body(self, prompt: Prompt, *, stream: bool) -> dict[str, Any]:
        return self._dialect.body(self.model, prompt, self._without, stream=stream)

    def _learn(self, error: Refused) -> None:
        """Raises the error where it is about nothing that could be left out."""
        named = (name for name in self._dialect.optional if name in error.said and name not in self._without)
        found = next(named, None) if error.trouble == "refused" else None
        if found is None:
            raise error
        self._without.add(found)


_ODD = (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError)

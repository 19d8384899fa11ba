"""A provider that gives the same answer to the same prompt, and works it out once, however many ask at a time."""

import hashlib
from collections.abc import AsyncIterator

from qtest.errors import BudgetSpent
from qtest.records.completion import Completion, Prompt
from serve.answers import Answers
from serve.flight import Flights
from serve.policies import Around
from serve.seams import Provider
from serve.streams import Item, closing


class Cached(Around):
    """The first who asks pays; the others, at the time or later, get it for nothing. Who leaves early leaves the others their answer."""

    def __init__(self, inner: Provider, answers: Answers) -> None:
        super().__init__(inner)
        self._answers = answers
        self._flights = Flights()

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        key = key_of(self, prompt)
        known = self._answers.get(key)
        if known is not None:
            return known
        async with closing(self._shared(key, prompt, within_s, streaming=False)) as items:
            async for item in items:
                if isinstance(item, Completion):
                    return item
        raise AssertionError("a flight ends with a completion or raises")

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[Item]:
        key = key_of(self, prompt)
        known = self._answers.get(key)
        if known is not None:
            yield known.content
            yield known
            return
        begun = False
        async with closing(self._shared(key, prompt, within_s, streaming=True)) as items:
            async for item in items:
                if isinstance(item, Completion) and not begun:
                    yield item.content
                begun = True
                yield item

    async def _shared(self, key: str, prompt: Prompt, within_s: float, *, streaming: bool) -> AsyncIterator[Item]:
        """Who joins a flight whose first payer may not pay begins one of its own."""
        while True:
            flight, first = self._flights.joined(key, lambda: self._worked_out(key, prompt, within_s, streaming))
            try:
                async with closing(flight.heard(within_s)) as items:
                    async for item in items:
                        yield item if first or not isinstance(item, Completion) else free(item)
                return
            except BudgetSpent:
                if first:
                    raise

    async def _worked_out(self, key: str, prompt: Prompt, within_s: float, streaming: bool) -> AsyncIterator[Item]:
        if not streaming:
            completion = await self.inner.complete(prompt, within_s=within_s)
            self._remember(key, completion)
            yield completion
            return
        async with closing(self.inner.stream(prompt, within_s=within_s)) as items:
            async for item in items:
                if isinstance(item, Completion):
                    self._remember(key, item)
                yield item

    def _remember(self, key: str, completion: Completion) -> None:
        """What was cut off, or is not what was asked for, is no answer: the next who asks has another try."""
        if completion.finish == "stop" and completion.schema_ok is not False:
            self._answers.put(key, free(completion))


def free(completion: Completion) -> Completion:
    return completion.model_copy(
        update={"cached": True, "input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0, "gpu_s": 0.0, "attempts": ()}
    )


def key_of(provider: Provider, prompt: Prompt) -> str:
    """Of all that an answer depends on, each part with its length before it. Who pays and how urgent it is change nothing."""
    digest = hashlib.sha256()
    for part in (
        provider.name, provider.model, provider.revision, prompt.template, prompt.answer,
        f"{prompt.max_tokens} {prompt.temperature!r} {prompt.seed}",
        *(text for message in prompt.messages for text in (message.role, message.content)),
    ):  # fmt: skip
        data = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()

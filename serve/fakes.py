"""A provider without a model, for tests and benchmarks: it answers at once, or does the next thing on its list."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable

from qtest.records.completion import Completion, Prompt, Tier
from serve.seams import ProviderError
from serve.streams import Item
from serve.tierconfig import TierSettings

Step = str | ProviderError | Exception | asyncio.Event


class ScriptedProvider:
    """One step for each prompt: a text is the answer, an error is raised, an event is waited for. After the last step it echoes the last message.
    A text with bars is streamed in the pieces between them."""

    def __init__(self, tier: Tier = "TIER1", script: Iterable[Step] = (), *, name: str = "scripted") -> None:
        self.name = name
        self.model = f"{name}-model"
        self.revision = "r1"
        self.tier: Tier = tier
        self.asked: list[Prompt] = []
        self.within_s: list[float] = []
        self.cancelled = 0
        self.running = 0
        self._script = list(script)

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        text = await self._next(prompt, within_s)
        return self._whole(prompt, text.replace("|", ""))

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[Item]:
        """An error with `begun` comes after one piece."""
        try:
            text = await self._next(prompt, within_s)
        except ProviderError as error:
            if error.begun:
                yield "begun"
            raise
        for piece in text.split("|"):
            yield piece
        yield self._whole(prompt, text.replace("|", ""))

    async def _next(self, prompt: Prompt, within_s: float) -> str:
        self.asked.append(prompt)
        self.within_s.append(within_s)
        step: Step = self._script.pop(0) if self._script else prompt.messages[-1].content
        self.running += 1
        try:
            await asyncio.sleep(0)
            if isinstance(step, asyncio.Event):
                await step.wait()
                step = prompt.messages[-1].content
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1
        if isinstance(step, Exception):
            raise step
        return step

    def _whole(self, prompt: Prompt, content: str) -> Completion:
        sent = sum(len(message.content) for message in prompt.messages)
        return Completion(
            content=content,
            provider=self.name,
            model=self.model,
            tier=self.tier,
            input_tokens=-(-sent // 4),
            output_tokens=-(-len(content) // 4),
        )


class DocileEngine:
    """Stands in for an engine in a deployment, where a test cannot reach it: each prompt says itself what is to be done with it. `hang` waits until
    it is cancelled, `hanging` answers how many do, `cancelled` how many did, `break` breaks the engine, `overloaded` is that error, `process` answers the
    number of its process. Anything else is echoed, word by word where it is streamed."""

    name = "docile"
    revision = "r1"

    def __init__(self, tier: Tier, settings: TierSettings) -> None:
        self.tier: Tier = tier
        self.model = settings.model
        self._hanging = self._cancelled = 0
        self._broken = False

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        async for piece in self.stream(prompt, within_s=within_s):
            if isinstance(piece, Completion):
                return piece
        raise AssertionError("a stream ends with the whole")

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[Item]:
        said = prompt.messages[-1].content
        if said == "break":
            self._broken = True
        elif said == "overloaded":
            raise ProviderError("overloaded", "the engine is full", retry_after_s=0.5)
        elif said == "hang":
            await self._hang()
        elif said in ("hanging", "cancelled"):
            said = str(self._hanging if said == "hanging" else self._cancelled)
        elif said == "process":
            said = str(os.getpid())
        for piece in said.split(" "):
            yield f"{piece} "
        yield Completion(content=said, provider=self.name, model=self.model, tier=self.tier)

    async def _hang(self) -> None:
        self._hanging += 1
        try:
            await asyncio.Event().wait()
        finally:
            self._hanging -= 1
            self._cancelled += 1

    async def check_health(self) -> None:
        if self._broken:
            raise RuntimeError("the engine is broken")

    def close(self) -> None: ...

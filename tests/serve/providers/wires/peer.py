"""A provider and the server that it asks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from qtest.records.completion import Completion, Message, Prompt
from serve.config import ProviderSettings
from serve.providers.making import provider
from serve.providers.remote import RemoteProvider
from wires.server import Server

Found = TypeVar("Found")
KEY = "sk-planted-0123456789"
PROMPT = Prompt(
    task="unit_test",
    messages=(
        Message(role="system", content="You write tests."),
        Message(role="user", content="def fee(x):\n    return 2 * x"),
    ),
    max_tokens=900,
    seed=7,
)


class Skipping(asyncio.SelectorEventLoop):
    """A loop whose clock can be put forward: no test waits for time."""

    skipped_s = 0.0

    def time(self) -> float:
        return super().time() + self.skipped_s


def skip(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Skipping)
    loop.skipped_s += seconds


@dataclass
class Peer:
    """One kind of provider and its server."""

    kind: Literal["openai", "anthropic", "ollama"]
    server: Server

    def make(self) -> RemoteProvider:
        url = f"{self.server.url}/v1" if self.kind == "openai" else self.server.url
        keys = {"OPENAI_API_KEY": KEY, "ANTHROPIC_API_KEY": KEY, "OLLAMA_API_KEY": KEY}
        settings = ProviderSettings(kind=self.kind, model="sonnet-9b", url=url)
        made = provider(settings, "TIER2", keys)
        assert isinstance(made, RemoteProvider)
        return made

    def complete(self, prompt: Prompt = PROMPT) -> Completion:
        return self.asked(lambda one: one.complete(prompt, within_s=600.0))

    def stream(self, prompt: Prompt = PROMPT) -> list[str | Completion]:
        return self.asked(lambda one: collected(one.stream(prompt, within_s=600.0)))

    def asked(self, ask: Callable[[RemoteProvider], Awaitable[Found]]) -> Found:
        async def work() -> Found:
            one = self.make()
            try:
                return await ask(one)
            finally:
                await one.close()

        with asyncio.Runner(loop_factory=Skipping) as runner:
            return runner.run(work())

    async def arrived(self) -> None:
        while not self.server.asked:
            await asyncio.sleep(0.005)


async def collected(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]

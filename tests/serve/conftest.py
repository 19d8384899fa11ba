"""What the tests of the router share."""

import asyncio
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from qtest.records.completion import Message, Prompt
from serve.answers import Answers
from serve.budget import Budget
from serve.config import RouterConfig, checked
from serve.fakes import ScriptedProvider
from serve.fallback import Fallback
from serve.router import Backend, Router
from serve.spending import Spending


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def serve_imported() -> None:
    """Ray Serve of the version that is pinned uses what its own dependencies deprecate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ray.serve.schema  # noqa: F401


class Clock:
    """Time that passes only where somebody sleeps or a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def prompt_of() -> Callable[..., Prompt]:
    def made(text: str = "hello", **fields: Any) -> Prompt:
        return Prompt(messages=(Message(role="user", content=text),), **{"task": "naming", "max_tokens": 100, **fields})

    return made


@pytest.fixture
def config_of() -> Callable[..., RouterConfig]:
    """With a provider that nobody asks, as one there must be."""

    def made(**fields: Any) -> RouterConfig:
        table = {"chains": {"TIER1": ["one"]}, "providers": {"one": {"kind": "recorded", "model": "m"}}}
        return checked({**table, **fields}, "test")

    return made


@pytest.fixture
def router_of(clock: Clock, config_of: Callable[..., RouterConfig]) -> Iterator[Callable[..., Router]]:
    """A router around those providers, with everything in memory and a clock that stands."""
    opened: list[Any] = []

    def made(
        providers: Sequence[ScriptedProvider | Backend], *, config: RouterConfig | None = None, cache: bool = False
    ) -> Router:
        config = config or config_of()
        spending = Spending(None)
        opened.append(spending)
        answers = Answers(None, 1, 1) if cache else None
        backends = [one if isinstance(one, Backend) else Backend(one) for one in providers]
        fallback = Fallback(config.tries, clock=clock, sleep=clock.sleep)
        return Router(backends, config, Budget(config.budgets, spending), answers, fallback, clock)

    yield made
    for one in opened:
        one.close()

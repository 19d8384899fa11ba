"""A tier as a deployment on Ray Serve: each replica is one engine, and what it says crosses as values."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

from ray import serve as ray_serve

from qtest.records.completion import Completion, Prompt, Tier
from serve.engineoptions import deployment_options
from serve.providers.tier import NoAnswer
from serve.seams import Provider, ProviderError
from serve.tierconfig import TierSettings

# the router says in each answer what happened to it: a line for each request, in each process, would only cost
QUIET = {"log_level": "WARNING", "enable_access_log": False}


class Engine(Provider, Protocol):
    async def check_health(self) -> None:
        """Raises where it is broken for good: Ray Serve then puts another replica in its place."""

    def close(self) -> None: ...


EngineMaker = Callable[[Tier, TierSettings], Engine]


class TierReplica:
    """Errors of the engine are handed back as values: an exception would arrive wrapped, with the traces of two processes."""

    def __init__(self, tier: Tier, settings: TierSettings, make: EngineMaker) -> None:
        self._engine = make(tier, settings)

    async def complete(self, prompt: Prompt, within_s: float) -> Completion | NoAnswer:
        try:
            return await self._engine.complete(prompt, within_s=within_s)
        except ProviderError as error:
            return NoAnswer.of(error)

    async def stream(self, prompt: Prompt, within_s: float) -> AsyncIterator[str | Completion | NoAnswer]:
        try:
            async for piece in self._engine.stream(prompt, within_s=within_s):
                yield piece
        except ProviderError as error:
            yield NoAnswer.of(error)

    async def check_health(self) -> None:
        await self._engine.check_health()

    def __del__(self) -> None:
        if hasattr(self, "_engine"):
            self._engine.close()


def deployed(tier: Tier, settings: TierSettings, make: EngineMaker) -> Any:
    """The tier as a node of an application."""
    made: Any = ray_serve.deployment(TierReplica, name=tier, logging_config=QUIET)
    return made.options(**deployment_options(settings)).bind(tier, settings, make)


def vllm_engine(tier: Tier, settings: TierSettings) -> Engine:
    """Imported here, in the replica's process: it takes seconds, and nobody else needs vLLM installed."""
    from serve.providers.vllm import VllmProvider

    return VllmProvider(tier, settings)

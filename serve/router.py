"""Which tier and provider answers a prompt, and what is said of it: values in, an answer out."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from qtest.records.completion import Completion, Prompt, Tier
from serve.answers import Answers
from serve.budget import Budget
from serve.cached import Cached
from serve.config import ENGINE, ProviderSettings, RouterConfig
from serve.cooldown import Cooling
from serve.fallback import Fallback, PromptRefused
from serve.metered import Metered
from serve.policies import Checked, Clock, Limited, Punctual
from serve.prices import FREE, Price
from serve.rules import Choice, choose
from serve.schemas import UnusableSchema, usable
from serve.seams import Provider
from serve.streams import Item, closing
from serve.tierconfig import TierSettings
from serve.tokens import at_least, likely


@dataclass(frozen=True, slots=True)
class Backend:
    """Somebody who answers for a tier, what that costs, and how much can be asked. `in_flight` is None for who limits that itself."""

    provider: Provider
    price: Price = FREE
    max_length: int = 128_000
    max_output: int = 16_384
    in_flight: int | None = None
    try_s: float = 120.0


class Router:
    """Holds the policies around each provider, for as long as it lives: what they have seen of it decides what happens next."""

    def __init__(
        self,
        backends: Sequence[Backend],
        config: RouterConfig,
        budget: Budget,
        answers: Answers | None,
        fallback: Fallback | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        """`backends` in the order in which those of a tier are asked; there must be one at least."""
        self._config = config
        self._budget = budget
        self._fallback = fallback or Fallback(config.tries, clock=clock)
        self._clock = clock
        self._members: dict[Tier, list[tuple[Backend, Provider]]] = {}
        for backend in backends:
            wrapped = _wrapped(backend, config, budget, answers, clock)
            self._members.setdefault(backend.provider.tier, []).append((backend, wrapped))
        self._standing = tuple(sorted(self._members))

    @property
    def models(self) -> tuple[tuple[Tier, str], ...]:
        """Of each tier that stands, the model that is asked first."""
        return tuple((tier, self._members[tier][0][1].model) for tier in self._standing)

    async def complete(self, prompt: Prompt, *, within_s: float | None = None) -> Completion:
        """Raises PromptRefused, BudgetSpent or NobodyAnswers."""
        async with closing(self._items(prompt, within_s, streaming=False)) as items:
            async for item in items:
                if isinstance(item, Completion):
                    return item
        raise AssertionError("there is a completion at the end, or an error")

    def stream(self, prompt: Prompt, *, within_s: float | None = None) -> AsyncIterator[Item]:
        """Pieces, then the whole. Raises as `complete` does."""
        return self._items(prompt, within_s, streaming=True)

    async def _items(self, prompt: Prompt, within_s: float | None, *, streaming: bool) -> AsyncIterator[Item]:
        started = self._clock()
        deadline_s = self._config.tries.deadline_s
        within_s = deadline_s if within_s is None else min(within_s, deadline_s)
        choice = choose(prompt, self._standing, saving=self._budget.saving(prompt.payer), rules=self._config.rules)
        chain, reason = self._chain(prompt, choice)
        items = self._fallback.items(chain, prompt, within_s=within_s, streaming=streaming)
        async with closing(items):
            async for item in items:
                yield self._told(item, reason, started) if isinstance(item, Completion) else item

    def _told(self, completion: Completion, reason: str, started: float) -> Completion:
        others = [attempt for attempt in completion.attempts if attempt.problem]
        if others:
            reason = f"{reason}; {completion.provider} ({completion.tier}) after {len(others)} that did not answer"
        return completion.model_copy(update={"reason": reason, "latency_ms": (self._clock() - started) * 1000})

    def _chain(self, prompt: Prompt, choice: Choice) -> tuple[list[Provider], str]:
        """Without those that the prompt is too long for, which climbs a tier as a refusal does."""
        if prompt.answer:
            try:
                usable(prompt.answer)
            except UnusableSchema as error:
                raise PromptRefused(str(error), "schema_refused") from error
        fitting = self._fitting(prompt, choice, likely(prompt)) or self._fitting(prompt, choice, at_least(prompt))
        if not fitting:
            raise PromptRefused(self._too_long(prompt, choice), "context_length_exceeded")
        chain = [provider for _, provider in fitting]
        first = fitting[0][0]
        if first == choice.tier:
            return chain, choice.reason
        return chain, f"{choice.reason}; too long for {choice.tier}, so {first}"

    def _fitting(self, prompt: Prompt, choice: Choice, tokens: int) -> list[tuple[Tier, Provider]]:
        return [
            (tier, provider)
            for tier in choice.tiers
            for backend, provider in self._members[tier]
            if prompt.max_tokens <= backend.max_output and tokens + prompt.max_tokens <= backend.max_length
        ]

    def _too_long(self, prompt: Prompt, choice: Choice) -> str:
        room = "; ".join(
            f"{backend.provider.model} ({tier}) takes {backend.max_length} in all and answers with {backend.max_output} at most"
            for tier in choice.tiers
            for backend, _ in self._members[tier]
        )
        return f"the prompt has about {likely(prompt)} tokens and max_tokens is {prompt.max_tokens}; {room}"


def _wrapped(backend: Backend, config: RouterConfig, budget: Budget, answers: Answers | None, clock: Clock) -> Provider:
    """Read from the bottom: a prompt is looked up, then paid for, then waits for its turn, and only then is the provider asked."""
    provider: Provider = Punctual(backend.provider, backend.try_s, clock)
    provider = Checked(provider)
    provider = Cooling(provider, config.tries.failures, config.tries.cooldown_s, clock)
    if backend.in_flight is not None:
        provider = Limited(provider, backend.in_flight)
    provider = Metered(provider, backend.price, budget)
    return provider if answers is None else Cached(provider, answers)


def backends_of(config: RouterConfig, providers: Mapping[Tier, Mapping[str, Provider]]) -> tuple[Backend, ...]:
    """In the order of the chains. `providers` has those of each tier by the names in its chain; one that could not be brought up is left out."""
    return tuple(
        _backend(config.tiers[tier] if name == ENGINE else config.providers[name], standing[name])
        for tier, standing in providers.items()
        for name in config.chain(tier)
        if name in standing
    )


def _backend(settings: TierSettings | ProviderSettings, provider: Provider) -> Backend:
    """An engine of ours queues by itself, and says when it has no room."""
    in_flight = settings.in_flight if isinstance(settings, ProviderSettings) else None
    return Backend(provider, settings.price, settings.max_length, settings.max_output, in_flight, settings.try_s)

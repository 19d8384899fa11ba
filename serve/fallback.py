"""The one retry loop: who is asked after whom when an answer does not come, how often, and when it is given up."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qtest.errors import BudgetSpent, CompletionError
from qtest.records.completion import Attempt, Completion, Prompt
from serve.config import TrySettings
from serve.policies import Clock
from serve.seams import Provider, ProviderError, Trouble
from serve.streams import Item, closing

Sleep = Callable[[float], Awaitable[None]]


Blame = Literal["prompt_refused", "context_length_exceeded", "schema_refused"]


class PromptRefused(CompletionError):
    """The prompt is to blame, and another try would end the same."""

    def __init__(self, message: str, blame: Blame = "prompt_refused") -> None:
        super().__init__(message)
        self.blame: Blame = blame


class NobodyAnswers(CompletionError):
    """The message says who was asked and what each said. `begun` where a part of the answer was already handed on."""

    def __init__(
        self,
        message: str,
        *,
        trouble: Trouble,
        attempts: Sequence[Attempt] = (),
        retry_after_s: float | None = None,
        begun: bool = False,
    ) -> None:
        super().__init__(message)
        self.trouble: Trouble = trouble
        self.attempts = tuple(attempts)
        self.retry_after_s = retry_after_s
        self.begun = begun


@dataclass
class _Search:
    """What has happened so far to one prompt."""

    until: float
    attempts: list[Attempt]
    last: ProviderError | None = None
    full: dict[int, ProviderError] = field(default_factory=dict)
    """By place in the chain, those that the prompt is too long for: they are not asked again, the others may have more room."""
    spent: BudgetSpent | None = None
    soonest_s: float | None = None
    """The shortest Retry-After of this round; None while somebody asks for no wait."""


class Fallback:
    """Goes through the providers in their order, several times with a pause between, until one answers or the time is over."""

    def __init__(
        self,
        settings: TrySettings,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        chance: random.Random | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._chance = chance or random.Random()

    async def items(
        self, chain: Sequence[Provider], prompt: Prompt, *, within_s: float, streaming: bool
    ) -> AsyncIterator[Item]:
        """Pieces where they are asked for, then the whole, with all attempts in it. Raises PromptRefused, BudgetSpent, NobodyAnswers."""
        search = _Search(self._clock() + within_s, [])
        for turn in range(self._settings.rounds):
            waits: list[float] = []
            for at, provider in enumerate(chain):
                if at in search.full:
                    continue
                left_s = search.until - self._clock()
                if left_s <= 0:
                    break
                begun = False
                started = self._clock()
                try:
                    async with closing(_asked(provider, prompt, left_s, streaming)) as items:
                        async for item in items:
                            if isinstance(item, Completion):
                                attempt = self._attempt(provider, started)
                                yield item.model_copy(update={"attempts": (*search.attempts, attempt)})
                                return
                            begun = True
                            yield item
                    raise ProviderError("cut off", f"{provider.name} ended without an answer")
                except BudgetSpent as error:
                    search.spent = error
                    search.attempts.append(self._attempt(provider, started, str(error)))
                except ProviderError as error:
                    search.attempts.append(self._attempt(provider, started, f"{error.trouble}: {error}"))
                    if error.trouble == "too long":
                        search.full[at] = error
                        continue
                    search.last = error
                    self._end_where_it_must(search, begun=begun or error.begun)
                    waits.append(error.retry_after_s or 0.0)
            if not waits or turn + 1 == self._settings.rounds:
                break
            pause_s = max(self._pause_s(turn), min(waits))
            if pause_s > min(self._settings.most_pause_s, search.until - self._clock()):
                search.soonest_s = pause_s
                break
            await self._sleep(pause_s)
        raise self._given_up(search)

    def _attempt(self, provider: Provider, started: float, problem: str = "") -> Attempt:
        took_ms = (self._clock() - started) * 1000
        return Attempt(
            provider=provider.name, model=provider.model, tier=provider.tier, latency_ms=took_ms, problem=problem
        )

    def _end_where_it_must(self, search: _Search, *, begun: bool) -> None:
        error = search.last
        assert error is not None
        if error.trouble == "refused":
            raise PromptRefused(str(error)) from error
        if begun:
            raise NobodyAnswers(
                f"the answer was cut off: {error}", trouble=error.trouble, attempts=search.attempts, begun=True
            ) from error

    def _pause_s(self, turn: int) -> float:
        """Half of it by chance, so that those who failed together do not come back together."""
        whole = min(self._settings.pause_s * 2.0**turn, self._settings.most_pause_s)
        return whole * (0.5 + self._chance.random() / 2)

    def _given_up(self, search: _Search) -> CompletionError:
        if search.last is None and search.full:
            return PromptRefused(str(list(search.full.values())[-1]), "context_length_exceeded")
        if search.last is None:
            return search.spent or NobodyAnswers("there was no time left to ask anybody", trouble="late")
        said = "; ".join(dict.fromkeys(f"{one.provider} ({one.tier}): {one.problem}" for one in search.attempts))
        trouble = search.last.trouble if self._clock() < search.until else "late"
        return NobodyAnswers(
            f"no model answers: {said}", trouble=trouble, attempts=search.attempts,
            retry_after_s=search.soonest_s if search.soonest_s is not None else search.last.retry_after_s,
        )  # fmt: skip


async def _asked(provider: Provider, prompt: Prompt, within_s: float, streaming: bool) -> AsyncIterator[Item]:
    if not streaming:
        yield await provider.complete(prompt, within_s=within_s)
        return
    async with closing(provider.stream(prompt, within_s=within_s)) as items:
        async for item in items:
            yield item

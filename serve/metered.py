"""A provider whose answers are paid for: set aside before, settled after, whatever happens in between."""

from collections.abc import AsyncIterator

from qtest.records.completion import Completion, Prompt
from serve.budget import Budget
from serve.policies import Around
from serve.prices import Price
from serve.seams import Provider, ProviderError
from serve.spending import Spend
from serve.streams import Item, closing
from serve.tokens import at_most, believable, guessed

COSTS_NOTHING = frozenset({"unreachable", "limited", "overloaded", "refused", "too long"})


class Metered(Around):
    """Says what an answer cost. One that was begun and not ended costs what was sent and what was handed on, as far as that can be guessed."""

    def __init__(self, inner: Provider, price: Price, budget: Budget) -> None:
        super().__init__(inner)
        self._price = price
        self._budget = budget

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        meter = _Meter(self, prompt)
        try:
            completion = await self.inner.complete(prompt, within_s=within_s)
            return meter.counted(completion)
        except ProviderError as error:
            meter.failed(error)
            raise
        finally:
            meter.settle()

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[Item]:
        meter = _Meter(self, prompt)
        try:
            async with closing(self.inner.stream(prompt, within_s=within_s)) as items:
                async for item in items:
                    yield meter.counted(item) if isinstance(item, Completion) else meter.passed(item)
        except ProviderError as error:
            meter.failed(error)
            raise
        finally:
            meter.settle()


class _Meter:
    """Of one answer. Raises BudgetSpent when it is made."""

    def __init__(self, metered: Metered, prompt: Prompt) -> None:
        self._price = metered._price
        self._budget = metered._budget
        self._prompt = prompt
        self._sent = at_most(prompt)
        self._spend: Spend | None = None
        self._passed = 0
        self._held = self._budget.reserve(prompt.payer, metered.tier, self._guess(prompt.max_tokens))

    def passed(self, piece: str) -> str:
        self._passed += guessed(piece)
        return piece

    def counted(self, completion: Completion) -> Completion:
        completion = believable(self._prompt, completion)
        usd = self._price.usd(completion.input_tokens, completion.output_tokens, completion.gpu_s)
        tokens = completion.input_tokens + completion.output_tokens
        self._spend = Spend(tokens=tokens, usd=usd, gpu_s=completion.gpu_s)
        return completion.model_copy(update={"cost_usd": usd})

    def failed(self, error: ProviderError) -> None:
        if error.trouble in COSTS_NOTHING and not self._passed:
            self._spend = Spend()

    def settle(self) -> None:
        self._budget.settle(self._held, self._guess(self._passed) if self._spend is None else self._spend)

    def _guess(self, output_tokens: int) -> Spend:
        tokens = self._sent + output_tokens
        gpu_s = self._price.gpu_s(tokens)
        return Spend(tokens=tokens, usd=self._price.usd(self._sent, output_tokens, gpu_s), gpu_s=gpu_s)

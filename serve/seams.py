"""What the router asks of those who answer: a tier's engine, another server, a cloud, recorded answers."""

from collections.abc import AsyncIterator
from typing import Literal, Protocol

from qtest.records.completion import Completion, Prompt, Tier

Trouble = Literal["unreachable", "limited", "overloaded", "refused", "too long", "garbage", "late", "cut off"]


class ProviderError(Exception):
    """A provider did not answer. `refused` and `too long` are about the prompt, and another try would end the same; after the others
    one may be made, no sooner than `retry_after_s`, if given. `begun` says that part of the answer was already handed on."""

    def __init__(
        self, trouble: Trouble, message: str, *, retry_after_s: float | None = None, begun: bool = False
    ) -> None:
        super().__init__(message)
        self.trouble: Trouble = trouble
        self.retry_after_s = retry_after_s
        self.begun = begun


class Provider(Protocol):
    """One model behind one address. Cancelling the task that waits for it ends the work there as far as can be had."""

    @property
    def name(self) -> str:
        """Such as `vllm`, `openai`, `anthropic`."""

    @property
    def model(self) -> str: ...

    @property
    def revision(self) -> str:
        """Part of what an answer is remembered under; empty when it cannot be known."""

    @property
    def tier(self) -> Tier: ...

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        """One try. Raises ProviderError."""

    def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[str | Completion]:
        """Pieces of the answer as they come, then the whole as its Completion. Raises ProviderError."""

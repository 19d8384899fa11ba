"""What every wire protocol's answer comes to: pieces of text, then a Completion whose counts can be believed."""

from dataclasses import dataclass, field
from typing import Any, Literal

from qtest.records.completion import Completion, Prompt, Tier
from serve.seams import ProviderError
from serve.tokens import believable


@dataclass
class Answer:
    """Collects one. `ended` when nothing comes behind it, though the connection may stay."""

    provider: str
    model: str
    tier: Tier
    prompt: Prompt
    started: float
    pieces: list[str] = field(default_factory=list)
    finish: Literal["stop", "length", ""] = ""
    ended: bool = False
    refusal: str = ""
    input_tokens: Any = None
    output_tokens: Any = None

    def whole(self, now: float) -> Completion:
        """Raises ProviderError for one that did not end, or says nothing."""
        content = "".join(self.pieces)
        if not self.finish:
            raise ProviderError("cut off", "the answer stopped before its end")
        if self.finish == "stop" and not content.strip():
            raise ProviderError("garbage", "an empty answer")
        completion = Completion(
            content=content,
            provider=self.provider,
            model=self.model,
            tier=self.tier,
            finish=self.finish,
            input_tokens=counted(self.input_tokens),
            output_tokens=counted(self.output_tokens),
            latency_ms=(now - self.started) * 1000,
        )
        return believable(self.prompt, completion)


def counted(said: Any) -> int:
    """A count that is none is one that nobody believes."""
    return said if isinstance(said, int) and not isinstance(said, bool) else -1

"""What every wire protocol's answer comes to: pieces of text, then a Completion whose counts can be believed."""

from dataclasses import dataclass, field
from typing import Any, Literal

from qtest.records.completion import Completion, Prompt, Tier
from serve.seams import ProviderError

BYTES_PER_TOKEN = 4  # of English and of code, roughly, with any tokenizer of today
MOST_BYTES_PER_TOKEN = 64  # runs of blanks may be long
TEMPLATE_TOKENS = 4096  # that a server may add to what we sent


@dataclass
class Answer:
    """Collects one."""

    provider: str
    model: str
    tier: Tier
    prompt: Prompt
    started: float
    pieces: list[str] = field(default_factory=list)
    finish: Literal["stop", "length", ""] = ""
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
        sent = sum(len(message.content.encode("utf-8", "replace")) for message in self.prompt.messages)
        asked = sent + len(self.prompt.answer)
        read = believed(self.input_tokens, asked, asked + TEMPLATE_TOKENS)
        written = believed(self.output_tokens, len(content.encode("utf-8", "replace")), self.prompt.max_tokens)
        return Completion(
            content=content,
            provider=self.provider,
            model=self.model,
            tier=self.tier,
            finish=self.finish,
            input_tokens=read,
            output_tokens=written,
            latency_ms=(now - self.started) * 1000,
        )


def believed(said: Any, size: int, most: int) -> int:
    """The tokens that a server says it counted in `size` bytes, where that can be; else an estimate, so that no budget stays unspent by
    a server that counts wrongly, or not at all."""
    estimate = -(-size // BYTES_PER_TOKEN)
    if isinstance(said, bool) or not isinstance(said, int):
        return min(estimate, most)
    least = -(-size // MOST_BYTES_PER_TOKEN)
    return said if least <= said <= most else min(estimate, most)

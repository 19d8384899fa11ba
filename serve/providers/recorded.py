"""Answers from a cassette: the pipeline's own tests need no model."""

import threading
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from qtest.ports import Completer
from qtest.records.completion import Completion, Prompt, Tier
from serve.providers.cassette import Cassette, Heard, Recorder, Written, asked, read
from serve.seams import ProviderError
from serve.tokens import believable


def opened(path: str, tier: Tier = "TIER2") -> "RecordedProvider":
    """Raises UsageError."""
    return RecordedProvider(read(Path(path)), path, tier)


class RecordedProvider:
    """The n-th time that a prompt comes, the n-th of its recorded answers is given, and the last from then on. What was written by hand
    is given in its order, each once."""

    name = "recorded"

    def __init__(self, cassette: Cassette, path: str, tier: Tier = "TIER2") -> None:
        self.model, self.revision, self.tier = Path(path).name, cassette.digest, tier
        self._path = path
        self._heard: dict[str, list[Heard]] = {}
        for one in cassette.heard:
            self._heard.setdefault(one.prompt, []).append(one)
        self._written = list(cassette.written)
        self._lock = threading.Lock()

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        with self._lock:
            found = self._next_heard(asked(prompt)) or self._next_written(prompt)
        if found is None:
            raise ProviderError("refused", self._unknown(prompt))
        return self._completion(prompt, found)

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[str | Completion]:
        whole = await self.complete(prompt, within_s=within_s)
        if whole.content:
            yield whole.content
        yield whole

    async def close(self) -> None:
        """There is nothing to close."""

    def _next_heard(self, digest: str) -> Heard | None:
        waiting = self._heard.get(digest, [])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0] if waiting else None

    def _next_written(self, prompt: Prompt) -> Written | None:
        text = "\n".join(message.content for message in prompt.messages)
        found = next(
            (one for one in self._written if one.task == prompt.task and _all_in(one.contains, text)),
            None,
        )
        if found and not found.again:
            self._written.remove(found)
        return found

    def _completion(self, prompt: Prompt, found: Heard | Written) -> Completion:
        if isinstance(found, Heard):
            content, model, counts = found.answer, found.model, (found.input_tokens, found.output_tokens)
        else:
            content, model, counts = found.text, self.model, (-1, -1)
        completion = Completion(
            content=content,
            provider=self.name,
            model=model,
            tier=self.tier,
            finish=found.finish,
            input_tokens=counts[0],
            output_tokens=counts[1],
        )
        return believable(prompt, completion)

    def _unknown(self, prompt: Prompt) -> str:
        known = sum(map(len, self._heard.values())) or len(self._written)
        return (
            f"{self._path} has no answer to this prompt ({prompt.task}, template {prompt.template or 'none'}, digest {asked(prompt)[:12]}) "
            f"among the {known} left in it; record it anew, or write an answer for it"
        )


def _all_in(parts: Iterable[str], text: str) -> bool:
    return all(part in text for part in parts)


class Recording:
    """A completer that writes down what the one inside says."""

    def __init__(self, inner: Completer, recorder: Recorder) -> None:
        self._inner, self._recorder = inner, recorder

    def complete(self, prompt: Prompt) -> Completion:
        completion = self._inner.complete(prompt)
        self._recorder.heard(prompt, completion)
        return completion

"""OpenAI's chat completions, which Ollama, vLLM and many others speak too."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from qtest.records.completion import Prompt
from serve.providers import troubles
from serve.providers.answers import Answer
from serve.providers.grammar import is_strict
from serve.providers.sse import Event
from serve.seams import ProviderError


@dataclass(frozen=True)
class ChatCompletions:
    """`limit_name` is the server's name for the most tokens of an answer: OpenAI's newer models refuse the old one, which others
    know alone."""

    limit_name: str = "max_tokens"
    path: str = "/chat/completions"
    optional: tuple[str, ...] = ("temperature", "seed", "stream_options")

    def body(self, model: str, prompt: Prompt, without: Collection[str], *, stream: bool) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": message.role, "content": message.sendable} for message in prompt.messages],
            self.limit_name: prompt.max_tokens,
            "temperature": prompt.temperature,
        }
        if prompt.seed is not None:
            body["seed"] = prompt.seed
        if prompt.answer:
            schema = json.loads(prompt.answer)
            named = {"name": "answer", "schema": schema, "strict": is_strict(schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        return {key: part for key, part in body.items() if key not in without}

    def read_whole(self, answer: Answer, found: Any) -> None:
        choice = found["choices"][0]
        message = choice["message"]
        _end(answer, choice["finish_reason"], message.get("refusal"))
        answer.pieces.append(_text(message["content"]))
        _count(answer, found.get("usage"))

    def read_event(self, answer: Answer, event: Event) -> str:
        """Counts come in a chunk of their own, after the last piece."""
        if event.data.strip() == "[DONE]":
            answer.ended = True
            return ""
        chunk = json.loads(event.data)
        if chunk.get("error"):
            raise troubles.of_error(chunk["error"])
        _count(answer, chunk.get("usage"))
        if not chunk["choices"]:
            return ""
        choice = chunk["choices"][0]
        delta = choice.get("delta") or {}
        if delta.get("refusal"):
            answer.refusal += _text(delta["refusal"])
        if choice.get("finish_reason"):
            _end(answer, choice["finish_reason"], answer.refusal)
        return _text(delta.get("content"))


def _text(content: Any) -> str:
    if content is not None and not isinstance(content, str):
        raise TypeError(content)
    return content or ""


def _end(answer: Answer, reason: Any, refusal: Any) -> None:
    if refusal or reason == "content_filter":
        raise ProviderError("refused", f"the model will not answer: {troubles.one_line(str(refusal or reason))}")
    answer.finish = "length" if reason == "length" else "stop"


def _count(answer: Answer, usage: Any) -> None:
    if isinstance(usage, dict):
        answer.input_tokens = usage.get("prompt_tokens")
        answer.output_tokens = usage.get("completion_tokens")

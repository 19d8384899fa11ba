"""Anthropic's messages. A schema goes as the format of the output; to a model that knows none, as the only tool, which it must call."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from qtest.records.completion import Message, Prompt
from serve.providers import troubles
from serve.providers.answers import Answer
from serve.providers.grammar import reduced
from serve.providers.sse import Event
from serve.seams import ProviderError

VERSION = "2023-06-01"
_TOOL = "answer"


@dataclass(frozen=True)
class Messages:
    path: str = "/v1/messages"
    optional: tuple[str, ...] = ("temperature", "output_config")

    def body(self, model: str, prompt: Prompt, without: Collection[str], *, stream: bool) -> dict[str, Any]:
        told = [message.sendable for message in prompt.messages if message.role == "system"]
        body: dict[str, Any] = {
            "model": model,
            "messages": [_said(message) for message in prompt.messages if message.role != "system"],
            "max_tokens": prompt.max_tokens,
            "temperature": min(1.0, prompt.temperature),
            "stream": stream,
        }
        if told:
            body["system"] = "\n\n".join(told)
        if prompt.answer and "output_config" in without:
            body |= _forced(json.loads(prompt.answer))
        elif prompt.answer:
            schema = reduced(json.loads(prompt.answer))
            body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
        return {key: part for key, part in body.items() if key not in without}

    def read_whole(self, answer: Answer, found: Any) -> None:
        for block in found["content"]:
            if block["type"] == "text":
                answer.pieces.append(block["text"])
            elif block["type"] == "tool_use":
                answer.pieces.append(json.dumps(block["input"]))
        _end(answer, found["stop_reason"])
        _count(answer, found.get("usage"))

    def read_event(self, answer: Answer, event: Event) -> str:
        """Kinds of events that are not known are passed over, as the API asks for."""
        data = json.loads(event.data)
        kind = data["type"]
        if kind == "error":
            raise troubles.of_error(data["error"])
        if kind == "message_start":
            _count(answer, data["message"].get("usage"))
        elif kind == "message_delta":
            _count(answer, data.get("usage"))
            if data["delta"].get("stop_reason"):
                _end(answer, data["delta"]["stop_reason"])
        elif kind == "message_stop":
            answer.ended = True
        elif kind == "content_block_delta":
            return str(data["delta"].get("text") or data["delta"].get("partial_json") or "")
        return ""


def _said(message: Message) -> dict[str, str]:
    return {"role": message.role, "content": message.sendable}


def _forced(schema: dict[str, Any]) -> dict[str, Any]:
    tool = {"name": _TOOL, "description": "Gives the answer.", "input_schema": schema}
    return {"tools": [tool], "tool_choice": {"type": "tool", "name": _TOOL, "disable_parallel_tool_use": True}}


def _end(answer: Answer, reason: Any) -> None:
    if reason == "refusal":
        raise ProviderError("refused", "the model will not answer: refusal")
    answer.finish = "length" if reason in ("max_tokens", "model_context_window_exceeded") else "stop"


def _count(answer: Answer, usage: Any) -> None:
    """What was read from a cache, or written to one, counts as input. Counts of a later event are of the whole."""
    if not isinstance(usage, dict):
        return
    if usage.get("input_tokens") is not None:
        parts = [usage[name] for name in _INPUT if usage.get(name) is not None]
        answer.input_tokens = sum(parts) if all(isinstance(part, int) for part in parts) else None
    if usage.get("output_tokens") is not None:
        answer.output_tokens = usage["output_tokens"]


_INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")

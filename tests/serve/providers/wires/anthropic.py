"""Messages, as Anthropic documents them."""

import json
from typing import Any

REASONS = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}


class MessageSpeech:
    path = "/v1/messages"
    key_header = "x-api-key"

    def whole(self, content: str, finish: str, usage: Any, asked: dict[str, Any]) -> Any:
        return self._message(asked, [self._block(content, asked)], REASONS[finish]) | self._usage(usage)

    def events(self, content: str, finish: str, usage: Any, asked: dict[str, Any]) -> list[bytes]:
        counted = self._usage(usage)
        first = {key: {**part, "output_tokens": 1} for key, part in counted.items()}
        last = {key: {"output_tokens": part["output_tokens"]} for key, part in counted.items()}
        by_tool = bool(asked.get("tools"))
        empty = self._block("{}" if by_tool else "", asked)
        kind, name = ("input_json_delta", "partial_json") if by_tool else ("text_delta", "text")
        deltas = [{"type": kind, name: content[at : at + 3]} for at in range(0, len(content), 3)]
        found: list[dict[str, Any]] = [
            {"type": "message_start", "message": self._message(asked, [], None) | first},
            {"type": "content_block_start", "index": 0, "content_block": empty},
            {"type": "ping"},
            *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": REASONS[finish], "stop_sequence": None}} | last,
            {"type": "message_stop"},
        ]
        return [_event(one) for one in found]

    def error(self, status: int, words: str, kind: str) -> Any:
        kinds = {
            400: "invalid_request_error",
            413: "request_too_large",
            429: "rate_limit_error",
            529: "overloaded_error",
        }
        return {"type": "error", "error": {"type": kinds.get(status, kind), "message": words}, "request_id": "req_1"}

    def mid_stream(self, words: str, kind: str) -> bytes:
        return _event({"type": "error", "error": {"type": kind, "message": words}})

    def _block(self, content: str, asked: dict[str, Any]) -> dict[str, Any]:
        if asked.get("tools"):
            return {
                "type": "tool_use",
                "id": "toolu_1",
                "name": asked["tools"][0]["name"],
                "input": json.loads(content),
            }
        return {"type": "text", "text": content}

    def _message(self, asked: dict[str, Any], content: list[Any], reason: str | None) -> dict[str, Any]:
        head = {"id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"], "content": content}
        return {**head, "stop_reason": reason, "stop_sequence": None}

    def _usage(self, usage: Any) -> dict[str, Any]:
        if usage is None:
            return {}
        read, written = (11, 7) if usage is ... else usage
        return {"usage": {"input_tokens": read, "output_tokens": written}}


def _event(data: dict[str, Any]) -> bytes:
    return f"event: {data['type']}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()

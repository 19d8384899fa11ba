"""Chat completions, as OpenAI documents them."""

import json
from typing import Any


class ChatSpeech:
    path = "/v1/chat/completions"
    key_header = "authorization"

    def whole(self, content: str, finish: str, usage: Any, asked: dict[str, Any]) -> Any:
        refused = finish == "refusal"
        message = {
            "role": "assistant",
            "content": None if refused else content,
            "refusal": "I won't." if refused else None,
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop" if refused else finish}
        return self._frame(asked, "chat.completion", [choice]) | self._usage(usage)

    def events(self, content: str, finish: str, usage: Any, asked: dict[str, Any]) -> list[bytes]:
        refused = finish == "refusal"
        name = "refusal" if refused else "content"
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        deltas += [{name: content[at : at + 3]} for at in range(0, len(content), 3)]
        choices = [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None} for delta in deltas]
        choices.append({"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop" if refused else finish})
        frames = [self._frame(asked, "chat.completion.chunk", [choice]) for choice in choices]
        if asked.get("stream_options", {}).get("include_usage") and usage is not None:
            frames.append(self._frame(asked, "chat.completion.chunk", []) | self._usage(usage))
        lines = [json.dumps(frame, ensure_ascii=False) for frame in frames]
        return [f"data: {line}\n\n".encode() for line in (*lines, "[DONE]")]

    def error(self, status: int, words: str, kind: str) -> Any:
        return {"error": {"message": words, "type": "invalid_request_error", "param": None, "code": kind}}

    def mid_stream(self, words: str, kind: str) -> bytes:
        return f"data: {json.dumps(self.error(500, words, kind))}\n\n".encode()

    def _frame(self, asked: dict[str, Any], kind: str, choices: list[Any]) -> dict[str, Any]:
        return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": asked["model"], "choices": choices}

    def _usage(self, usage: Any) -> dict[str, Any]:
        if usage is None:
            return {}
        read, written = (11, 7) if usage is ... else usage
        return {"usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": 18}}

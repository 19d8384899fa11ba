"""`POST /v1/chat/completions` as OpenAI documents it: what an unmodified client sends, and what it reads."""

import json
import time
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from qtest.records.completion import Completion, Difficulty, Message, Payer, Prompt
from qtest.records.record import Record
from serve.refusals import Refusal, of_body
from serve.wire import GenerateRequest, read

# what changes nothing here; anything else that we do not know is refused, as an answer without it would not be what was asked for
_IGNORED = frozenset(
    {"user", "store", "service_tier", "safety_identifier", "prompt_cache_key", "parallel_tool_calls", "verbosity"}
)
_NEUTRAL: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "top_p": (1,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "stop": ([],),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "modalities": (["text"],),
}


class TextPart(Record):
    type: Literal["text"]
    text: str


class ChatMessage(Record):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | tuple[TextPart, ...]
    name: str | None = None

    def message(self) -> Message:
        text = self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)
        return Message(role="system" if self.role == "developer" else self.role, content=text)


class NamedSchema(Record):
    model_config = ConfigDict(populate_by_name=True)

    name: str
    description: str | None = None
    strict: bool | None = None
    schema_: Annotated[dict[str, Any], Field(alias="schema")]


class ResponseFormat(Record):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: NamedSchema | None = None

    def schema_text(self) -> str:
        if self.type == "text":
            return ""
        if self.type == "json_object":
            return '{"type": "object"}'
        if self.json_schema is None:
            raise Refusal(400, "missing_parameter", "response_format.json_schema is missing", param="response_format")
        return json.dumps(self.json_schema.schema_, sort_keys=True)


class StreamOptions(Record):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class ChatRequest(Record):
    """`metadata` may say task_type, branches, refusals, run and repository, as texts: what routing and budgets go by."""

    model_config = ConfigDict(extra="ignore")

    model: Annotated[str, Field(min_length=1, max_length=300)]
    messages: Annotated[tuple[ChatMessage, ...], Field(min_length=1)]
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    response_format: ResponseFormat | None = None
    metadata: dict[str, str] | None = None

    def prompt(self, key: str, tiers: Mapping[str, str]) -> Prompt:
        """`tiers` has the tier of each name that a model may be asked for by. Raises Refusal."""
        tier = tiers.get(self.model.lower())
        if tier is None:
            names = ", ".join(tiers)
            raise Refusal(
                404, "model_not_found", f"there is no model {self.model!r} here; expected one of {names}", param="model"
            )
        told = self._told(tier)
        return Prompt(
            task=told.task_type,
            messages=tuple(message.message() for message in self.messages),
            answer=self.response_format.schema_text() if self.response_format else "",
            tier=told.model_tier,
            difficulty=told.difficulty or Difficulty(),
            max_tokens=self.max_completion_tokens or self.max_tokens or told.max_tokens,
            temperature=1.0 if self.temperature is None else self.temperature,
            seed=self.seed,
            urgent=True,
            payer=Payer(run=told.run, repository=told.repository, key=key),
        )

    def _told(self, tier: str) -> GenerateRequest:
        metadata = self.metadata or {}
        difficulty = {name: metadata[name] for name in ("branches", "refusals") if name in metadata}
        names = {name: metadata[name] for name in ("run", "repository") if name in metadata}
        task = metadata.get("task_type", "unit_test")
        try:
            return GenerateRequest.model_validate(
                {"task_type": task, "model_tier": tier, "difficulty": difficulty or None, **names}
            )
        except ValidationError as error:
            refusal = of_body(error)
            raise Refusal(400, refusal.code, f"metadata.{refusal}", param=f"metadata.{refusal.param}") from error


def asked(body: bytes) -> ChatRequest:
    """Raises Refusal."""
    try:
        request = read(ChatRequest, body)
    except ValidationError as error:
        raise of_body(error) from error
    for name, value in json.loads(body).items():
        if name in ChatRequest.model_fields or name in _IGNORED or value is None:
            continue
        if name not in _NEUTRAL:
            raise Refusal(400, "unknown_parameter", f"{name}: there is no such parameter here", param=name)
        if value not in _NEUTRAL[name]:
            raise Refusal(400, "unsupported_value", f"{name}: only {_NEUTRAL[name][0]!r} can be had here", param=name)
    return request


class Chat:
    """The answers to one request: all have its id and time."""

    def __init__(self, request: ChatRequest) -> None:
        self._model = request.model
        self._usage = bool(request.stream_options and request.stream_options.include_usage)
        self._head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time())}

    def whole(self, completion: Completion) -> str:
        message = {"role": "assistant", "content": completion.content, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": completion.finish}
        return json.dumps(
            {
                **self._head,
                "object": "chat.completion",
                "model": completion.model,
                "choices": [choice],
                "usage": usage(completion),
                "qtest": told(completion),
            }
        )

    def opening(self) -> str:
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def piece(self, text: str) -> str:
        return self._chunk({"content": text})

    def ending(self, completion: Completion) -> str:
        """The last chunk, the usage where it was asked for, and the mark of the end."""
        last = self._chunk({}, finish=completion.finish, qtest=told(completion))
        counts = self._event({"choices": [], "usage": usage(completion)}) if self._usage else ""
        return f"{last}{counts}data: [DONE]\n\n"

    def _chunk(self, delta: Mapping[str, Any], *, finish: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        nothing_yet = {"usage": None} if self._usage else {}
        return self._event({"choices": [choice], **nothing_yet, **more})

    def _event(self, fields: Mapping[str, Any]) -> str:
        return event({**self._head, "object": "chat.completion.chunk", "model": self._model, **fields})


def event(fields: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(fields)}\n\n"


def usage(completion: Completion) -> dict[str, int]:
    return {
        "prompt_tokens": completion.input_tokens,
        "completion_tokens": completion.output_tokens,
        "total_tokens": completion.input_tokens + completion.output_tokens,
    }


def told(completion: Completion) -> dict[str, Any]:
    """What OpenAI's shape has no place for."""
    return {
        "tier": completion.tier,
        "provider": completion.provider,
        "cached": completion.cached,
        "cost_usd": completion.cost_usd,
        "route_reason": completion.reason,
        "schema_ok": completion.schema_ok,
        "attempts": [attempt.model_dump() for attempt in completion.attempts],
    }

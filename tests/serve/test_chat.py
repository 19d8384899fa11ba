"""Chat completions in the shapes that OpenAI documents, with and without a stream."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from serve.access import Keys
from serve.app import app_of
from serve.config import checked
from serve.fakes import ScriptedProvider, Step
from serve.seams import ProviderError
from serve.setup import served

pytestmark = pytest.mark.anyio

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
ASKED: dict[str, Any] = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}

Ask = Callable[..., Any]


@pytest.fixture
async def ask(anyio_backend: str) -> AsyncIterator[Ask]:
    closing: list[Callable[[], None]] = []

    async def made(body: Any, *script: Step, provider: ScriptedProvider | None = None) -> httpx.Response:
        table = {
            "providers": {"p": {"kind": "recorded", "model": "m"}},
            "chains": {"TIER2": ["p"]},
            "tries": {"rounds": 1},
        }
        config = checked(table, "test")
        parts = served(config, {"TIER2": {"p": provider or ScriptedProvider("TIER2", script)}})
        closing.append(parts.close)
        app = app_of(parts, Keys(config.keys, {"QTEST_API_KEY": "k"}), config.http)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
            return await client.post("/v1/chat/completions", json=body, headers={"authorization": "Bearer k"})

    yield made
    for close in closing:
        close()


def events(response: httpx.Response) -> list[Any]:
    lines = [line for line in response.text.split("\n\n") if line]
    assert all(line.startswith("data: ") for line in lines)
    data = [line.removeprefix("data: ") for line in lines]
    return [one if one == "[DONE]" else json.loads(one) for one in data]


async def test_an_answer_has_the_shape_of_a_chat_completion(ask: Ask) -> None:
    found = (await ask(ASKED, "hello you")).json()
    assert found["object"] == "chat.completion"
    assert found["id"].startswith("chatcmpl-")
    assert found["model"] == "scripted-model"
    (choice,) = found["choices"]
    assert choice["message"] == {"role": "assistant", "content": "hello you", "refusal": None}
    assert (choice["index"], choice["finish_reason"], choice["logprobs"]) == (0, "stop", None)
    assert found["usage"] == {"prompt_tokens": 1, "completion_tokens": 3, "total_tokens": 4}
    assert found["qtest"]["tier"] == "TIER2"


async def test_a_stream_is_chunks_and_then_the_mark_of_the_end(ask: Ask) -> None:
    response = await ask({**ASKED, "stream": True, "stream_options": {"include_usage": True}}, "hel|lo")
    assert response.headers["content-type"].startswith("text/event-stream")
    opening, first, second, last, usage, done = events(response)
    assert opening["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert [one["choices"][0]["delta"] for one in (first, second, last)] == [{"content": "hel"}, {"content": "lo"}, {}]
    assert [one["choices"][0]["finish_reason"] for one in (opening, first, second, last)] == [None, None, None, "stop"]
    assert (usage["choices"], usage["usage"]["completion_tokens"], done) == ([], 2, "[DONE]")
    assert {one["id"] for one in (opening, first, second, last, usage)} == {opening["id"]}
    assert {one["object"] for one in (opening, first, second, last, usage)} == {"chat.completion.chunk"}


async def test_usage_is_not_streamed_unless_asked_for(ask: Ask) -> None:
    *chunks, done = events(await ask({**ASKED, "stream": True}, "hello"))
    assert done == "[DONE]"
    assert all("usage" not in one and one["choices"] for one in chunks)


async def test_trouble_before_the_first_piece_is_a_status(ask: Ask) -> None:
    response = await ask({**ASKED, "stream": True}, ProviderError("unreachable", "down"))
    assert (response.status_code, response.json()["error"]["code"]) == (503, "unreachable")


async def test_trouble_after_it_is_an_event_and_there_is_no_mark_of_the_end(ask: Ask) -> None:
    found = events(await ask({**ASKED, "stream": True}, ProviderError("cut off", "gone", begun=True)))
    assert found[1]["choices"][0]["delta"] == {"content": "begun"}
    assert found[-1]["error"]["code"] == "cut_off"
    assert "gone" in found[-1]["error"]["message"]
    assert len(found) == 3


@pytest.mark.parametrize(
    ("response_format", "schema"),
    [
        ({"type": "text"}, ""),
        ({"type": "json_object"}, '{"type": "object"}'),
        (
            {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": SCHEMA}},
            json.dumps(SCHEMA, sort_keys=True),
        ),
    ],
)
async def test_a_response_format_becomes_the_schema(response_format: Any, schema: str, ask: Ask) -> None:
    provider = ScriptedProvider("TIER2", ['{"a": 1}'])
    found = (await ask({**ASKED, "response_format": response_format}, provider=provider)).json()
    assert provider.asked[0].answer == schema
    assert found["qtest"]["schema_ok"] is (True if schema else None)


async def test_what_an_openai_client_sends_reaches_the_prompt(ask: Ask) -> None:
    provider = ScriptedProvider("TIER2")
    body = {
        "model": "tier2", "temperature": 0.2, "seed": 7, "max_completion_tokens": 99, "user": "u", "n": 1, "top_p": 1, "stop": None,
        "messages": [{"role": "developer", "content": "be short"}, {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}],
        "metadata": {"task_type": "critic", "branches": "12", "run": "r", "repository": "q"},
    }  # fmt: skip
    assert (await ask(body, provider=provider)).status_code == 200
    (asked,) = provider.asked
    assert [(one.role, one.content) for one in asked.messages] == [("system", "be short"), ("user", "ab")]
    assert (asked.temperature, asked.seed, asked.max_tokens, asked.tier) == (0.2, 7, 99, "TIER2")
    assert (asked.task, asked.difficulty.branches, asked.payer.run, asked.payer.repository) == ("critic", 12, "r", "q")
    assert (asked.payer.key, asked.urgent) == ("default", True)


@pytest.mark.parametrize(
    ("change", "status", "code", "param"),
    [
        ({"model": "gpt-9"}, 404, "model_not_found", "model"),
        ({"messages": []}, 400, "invalid_value", "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, 400, "invalid_value", "messages.0.role"),
        ({"n": 2}, 400, "unsupported_value", "n"),
        ({"tools": [{"type": "function"}]}, 400, "unsupported_value", "tools"),
        ({"stop": ["x"]}, 400, "unsupported_value", "stop"),
        ({"guided_regex": "x"}, 400, "unknown_parameter", "guided_regex"),
        ({"metadata": {"task_type": "poem"}}, 400, "invalid_value", "metadata.task_type"),
        ({"response_format": {"type": "json_schema"}}, 400, "missing_parameter", "response_format"),
        ({"temperature": "hot"}, 400, "invalid_value", "temperature"),
    ],
)
async def test_what_cannot_be_done_is_refused_by_name(
    change: dict[str, Any], status: int, code: str, param: str, ask: Ask
) -> None:
    response = await ask({**ASKED, **change})
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["type"]) == (status, code, "invalid_request_error")
    assert error["param"].startswith(param)


async def test_a_model_may_be_asked_for_by_its_own_name(ask: Ask) -> None:
    assert (await ask({**ASKED, "model": "Scripted-Model"})).status_code == 200

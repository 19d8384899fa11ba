"""The official clients understand our servers: what the contract is tested against is what the clouds speak."""

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest
from wires import server as wire
from wires.anthropic import MessageSpeech
from wires.openai import ChatSpeech
from wires.server import Server

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
    "additionalProperties": False,
}
MESSAGES: list[Any] = [{"role": "user", "content": "Say."}]
TEXT = "fine \u2028 é🦊"


@pytest.fixture
def chat() -> Iterator[tuple[Server, openai.OpenAI]]:
    with wire.serving(ChatSpeech(), wire.answers(TEXT)) as server:
        with openai.OpenAI(
            api_key="k", base_url=f"{server.url}/v1", max_retries=0, _strict_response_validation=True
        ) as client:
            yield server, client


@pytest.fixture
def messages() -> Iterator[tuple[Server, anthropic.Anthropic]]:
    with wire.serving(MessageSpeech(), wire.answers(TEXT)) as server:
        with anthropic.Anthropic(
            api_key="k", base_url=server.url, max_retries=0, _strict_response_validation=True
        ) as client:
            yield server, client


def test_openais_client_reads_an_answer(chat: tuple[Server, openai.OpenAI]) -> None:
    found = chat[1].chat.completions.create(model="m", messages=MESSAGES)
    assert found.choices[0].message.content == TEXT
    assert found.usage is not None
    assert (found.usage.prompt_tokens, found.usage.completion_tokens) == (11, 7)


def test_openais_client_reads_a_stream(chat: tuple[Server, openai.OpenAI]) -> None:
    stream = chat[1].chat.completions.create(
        model="m", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == TEXT
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None


def test_openais_client_asks_as_we_do_for_a_schema(chat: tuple[Server, openai.OpenAI]) -> None:
    named: Any = {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True}}
    chat[1].chat.completions.create(
        model="m", messages=MESSAGES, response_format=named, max_completion_tokens=5, seed=1
    )
    body = chat[0].asked[-1].body
    assert (body["response_format"], body["max_completion_tokens"], body["seed"]) == (named, 5, 1)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, openai.AuthenticationError), (429, openai.RateLimitError), (400, openai.BadRequestError), (503, openai.InternalServerError)],
)  # fmt: skip
def test_openais_client_reads_a_refusal(
    chat: tuple[Server, openai.OpenAI], status: int, kind: type[openai.APIStatusError]
) -> None:
    chat[0].say = wire.fails(status, "because", "a_code", retry_after="9")
    with pytest.raises(kind) as raised:
        chat[1].chat.completions.create(model="m", messages=MESSAGES)
    assert (raised.value.code, raised.value.response.headers["retry-after"]) == ("a_code", "9")


def test_openais_client_reads_an_error_in_a_stream(chat: tuple[Server, openai.OpenAI]) -> None:
    chat[0].say = wire.answers(TEXT, cut_at=2, then=ChatSpeech().mid_stream("Overloaded", "overloaded_error"))
    with pytest.raises(openai.APIError, match="Overloaded"):
        list(chat[1].chat.completions.create(model="m", messages=MESSAGES, stream=True))


def test_anthropics_client_reads_an_answer(messages: tuple[Server, anthropic.Anthropic]) -> None:
    found = messages[1].messages.create(model="m", messages=MESSAGES, max_tokens=9)
    assert [block.text for block in found.content if block.type == "text"] == [TEXT]
    assert (found.stop_reason, found.usage.input_tokens, found.usage.output_tokens) == ("end_turn", 11, 7)


def test_anthropics_client_reads_a_stream(messages: tuple[Server, anthropic.Anthropic]) -> None:
    with messages[1].messages.stream(model="m", messages=MESSAGES, max_tokens=9) as stream:
        assert "".join(stream.text_stream) == TEXT
        assert stream.get_final_message().usage.output_tokens == 7


@pytest.mark.parametrize("stream", [False, True])
def test_anthropics_client_reads_the_call_of_a_tool(messages: tuple[Server, anthropic.Anthropic], stream: bool) -> None:
    messages[0].say = wire.answers('{"n": 3}')
    asked: Any = {"model": "m", "messages": MESSAGES, "max_tokens": 9}
    asked |= {"tools": [{"name": "answer", "input_schema": SCHEMA}], "tool_choice": {"type": "tool", "name": "answer"}}
    if stream:
        with messages[1].messages.stream(**asked) as opened:
            found = opened.get_final_message()
    else:
        found = messages[1].messages.create(**asked)
    assert [block.input for block in found.content if block.type == "tool_use"] == [{"n": 3}]


def test_anthropics_client_asks_as_we_do_for_a_format(messages: tuple[Server, anthropic.Anthropic]) -> None:
    config: Any = {"format": {"type": "json_schema", "schema": SCHEMA}}
    messages[1].messages.create(model="m", messages=MESSAGES, max_tokens=9, output_config=config, system="Be brief.")
    body = messages[0].asked[-1].body
    assert (body["output_config"], body["system"], json.dumps(body["messages"])) == (
        config,
        "Be brief.",
        json.dumps(MESSAGES),
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, anthropic.AuthenticationError), (429, anthropic.RateLimitError), (400, anthropic.BadRequestError), (529, anthropic.InternalServerError)],
)  # fmt: skip
def test_anthropics_client_reads_a_refusal(
    messages: tuple[Server, anthropic.Anthropic], status: int, kind: type[anthropic.APIStatusError]
) -> None:
    messages[0].say = wire.fails(status, "because", "authentication_error")
    with pytest.raises(kind, match="because"):
        messages[1].messages.create(model="m", messages=MESSAGES, max_tokens=9)


def test_anthropics_client_reads_an_error_in_a_stream(messages: tuple[Server, anthropic.Anthropic]) -> None:
    messages[0].say = wire.answers(TEXT, cut_at=4, then=MessageSpeech().mid_stream("Overloaded", "overloaded_error"))
    with pytest.raises(anthropic.APIStatusError, match="Overloaded"):
        with messages[1].messages.stream(model="m", messages=MESSAGES, max_tokens=9) as stream:
            list(stream)

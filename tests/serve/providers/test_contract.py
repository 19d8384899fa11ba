"""What every provider over HTTP does, each against a server that speaks its wire protocol."""

import asyncio
import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
from wires import server as wire
from wires.peer import KEY, PROMPT, Peer, collected, skip

from qtest.records.completion import Completion
from serve.providers import http, troubles
from serve.seams import ProviderError

if TYPE_CHECKING:
    from serve.providers.remote import RemoteProvider

ODD = 'a "quoted" \u2028 line\u0085, é🦊\r\n\x0b and \\ud83d'
SCHEMA = {
    "type": "object",
    "properties": {"names": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]{1,8}$"}, "maxItems": 3}},
    "required": ["names"],
    "additionalProperties": False,
}
STRUCTURED = PROMPT.model_copy(update={"answer": json.dumps(SCHEMA)})


def trouble(peer: Peer, *, stream: bool = False) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        peer.stream() if stream else peer.complete()
    return raised.value


def test_an_answer_comes_whole_with_its_counts(peer: Peer) -> None:
    peer.server.say = wire.only_with(KEY, wire.answers(ODD))
    found = peer.complete()
    assert (found.content, found.provider, found.model, found.finish) == (ODD, peer.kind, "sonnet-9b", "stop")
    assert (found.input_tokens, found.output_tokens) == (11, 7)


def test_a_stream_is_the_answer_in_pieces_then_the_whole(peer: Peer) -> None:
    peer.server.say = wire.only_with(KEY, wire.answers(ODD))
    *pieces, last = peer.stream()
    assert len(pieces) > 3
    assert "".join(map(str, pieces)) == ODD
    assert isinstance(last, Completion)
    assert (last.content, last.input_tokens, last.output_tokens, last.finish) == (ODD, 11, 7, "stop")


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_reached_its_limit_says_so(peer: Peer, stream: bool) -> None:
    peer.server.say = wire.answers("half a sen", "length")
    found = peer.stream()[-1] if stream else peer.complete()
    assert isinstance(found, Completion)
    assert found.finish == "length"


@pytest.mark.parametrize("stream", [False, True])
def test_a_schema_goes_to_the_server_and_its_answer_comes_back_as_text(peer: Peer, stream: bool) -> None:
    peer.server.say = wire.answers('{"names": ["a"]}')
    found = peer.stream(STRUCTURED)[-1] if stream else peer.complete(STRUCTURED)
    assert isinstance(found, Completion)
    assert json.loads(found.content) == {"names": ["a"]}
    body = peer.server.asked[-1].body
    if peer.kind == "anthropic":
        sent = body["output_config"]["format"]
        assert sent["schema"]["properties"]["names"]["items"]["description"] == "{pattern: ^[a-z]{1,8}$}"
    else:
        sent = body["response_format"]
        assert sent["json_schema"] == {"name": "answer", "schema": SCHEMA, "strict": True}
    assert sent["type"] == "json_schema"


def test_what_was_asked_arrives(peer: Peer) -> None:
    peer.complete()
    body = peer.server.asked[-1].body
    told = body.get("system") or body["messages"][0]["content"]
    assert (told, body["messages"][-1]) == ("You write tests.", {"role": "user", "content": PROMPT.messages[1].content})
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("sonnet-9b", 0.3, 900)


def test_a_wrong_key_is_told_with_the_name_of_its_variable_and_never_shown(peer: Peer) -> None:
    peer.server.say = wire.only_with("another", wire.answers("fine"))
    found = trouble(peer)
    assert found.trouble == "unreachable"
    assert f"{peer.kind.upper()}_API_KEY" in str(found)
    assert KEY not in str(found)


def test_a_key_that_a_server_repeats_is_taken_out(peer: Peer) -> None:
    peer.server.say = wire.fails(400, f"strange request by {KEY}", "invalid_request_error")
    assert str(trouble(peer)) == "400: strange request by ***"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [({"retry_after": "17"}, 17.0), ({"retry_after_ms": "250"}, 0.25), ({"retry_after": "soon"}, None), ({}, None)],
)
def test_too_many_requests_say_when_to_come_back(
    peer: Peer, stream: bool, headers: dict[str, str], wait_s: float | None
) -> None:
    peer.server.say = wire.fails(429, "slow down", "rate_limit_exceeded", **headers)
    found = trouble(peer, stream=stream)
    assert (found.trouble, found.retry_after_s, found.begun) == ("limited", wait_s, False)


@pytest.mark.parametrize(
    ("status", "words", "kind", "expected"),
    [
        (529, "Overloaded", "overloaded_error", "overloaded"),
        (503, "busy", "server_error", "overloaded"),
        (500, "oops", "server_error", "unreachable"),
        (504, "upstream", "timeout_error", "late"),
        (404, "the model does not exist", "model_not_found", "unreachable"),
        (400, "This model's maximum context length is 8192 tokens", "context_length_exceeded", "too long"),
        (400, "prompt is too long: 210000 tokens > 200000 maximum", "invalid_request_error", "too long"),
        (413, "request too large", "request_too_large", "too long"),
        (400, "schema: unknown keyword", "invalid_request_error", "refused"),
    ],
)
def test_a_refusal_is_called_by_its_name_and_says_why(
    peer: Peer, status: int, words: str, kind: str, expected: str
) -> None:
    peer.server.say = wire.fails(status, words, kind)
    found = trouble(peer)
    assert (found.trouble, str(found)) == (expected, f"{status}: {words}")


@pytest.mark.parametrize("stream", [False, True])
def test_a_server_that_hangs_is_late_and_is_left(peer: Peer, stream: bool) -> None:
    peer.server.say = wire.hangs

    async def late(one: "RemoteProvider") -> None:
        items = one.stream(PROMPT, within_s=600.0)
        asked = asyncio.ensure_future(collected(items) if stream else one.complete(PROMPT, within_s=600.0))
        await peer.arrived()
        skip(601)
        with pytest.raises(ProviderError) as raised:
            await asked
        assert (raised.value.trouble, raised.value.begun) == ("late", False)

    peer.asked(late)
    assert peer.server.left.wait(60)


def test_a_stream_that_stops_coming_is_late_and_had_begun(peer: Peer) -> None:
    peer.server.say = wire.begins

    async def late(one: "RemoteProvider") -> None:
        with pytest.raises(ProviderError) as raised:
            async for _ in one.stream(PROMPT, within_s=600.0):
                skip(601)
        assert (raised.value.trouble, raised.value.begun) == ("late", True)

    peer.asked(late)
    assert peer.server.left.wait(60)


def test_cancelling_ends_the_exchange(peer: Peer) -> None:
    peer.server.say = wire.hangs

    async def cancelled(one: "RemoteProvider") -> None:
        task = asyncio.ensure_future(one.complete(PROMPT, within_s=600.0))
        await peer.arrived()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    peer.asked(cancelled)
    assert peer.server.left.wait(60)


def test_leaving_a_stream_ends_the_exchange(peer: Peer) -> None:
    peer.server.say = wire.begins

    async def left(one: "RemoteProvider") -> None:
        stream: Any = one.stream(PROMPT, within_s=600.0)
        async with aclosing(stream):
            async for piece in stream:
                assert piece
                break

    peer.asked(left)
    assert peer.server.left.wait(60)


def test_an_answer_that_breaks_off_is_cut_off(peer: Peer) -> None:
    peer.server.say = wire.answers("a long answer", cut_at=1)
    assert trouble(peer).trouble == "cut off"


@pytest.mark.parametrize(("cut_at", "begun"), [(1, False), (6, True)])
def test_a_stream_that_breaks_off_is_cut_off_and_says_whether_it_had_begun(
    peer: Peer, cut_at: int, begun: bool
) -> None:
    peer.server.say = wire.answers("a long answer, of many pieces", cut_at=cut_at)
    found = trouble(peer, stream=True)
    assert (found.trouble, found.begun) == ("cut off", begun)


def test_a_stream_that_ends_before_its_end_is_cut_off(peer: Peer) -> None:
    events = peer.server.speech.events("a long answer", "stop", ..., {"model": "m"})
    peer.server.say = wire.streams(b"".join(events[:5]))
    assert trouble(peer, stream=True).trouble == "cut off"


def test_a_stream_is_over_with_its_last_event_though_the_connection_stays(peer: Peer) -> None:
    def stays(handler: wire.Handler, asked: wire.Asked) -> None:
        handler.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        handler.chunk(b"".join(peer.server.speech.events("fine", "stop", ..., asked.body)))
        wire.hangs(handler, asked)

    peer.server.say = stays
    last = peer.stream()[-1]
    assert isinstance(last, Completion)
    assert last.content == "fine"
    assert peer.server.left.wait(60)


def test_an_error_in_the_middle_of_a_stream_is_told(peer: Peer) -> None:
    event = peer.server.speech.mid_stream("Overloaded", "overloaded_error")
    peer.server.say = wire.answers("a long answer, of many pieces", cut_at=6, then=event)
    found = trouble(peer, stream=True)
    assert (found.trouble, found.begun, str(found)) == ("overloaded", True, "Overloaded")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"type": "BadRequestError", "code": 400, "message": "the schema is not supported"}, "refused"),
        ({"type": "BadRequestError", "code": 400, "message": "maximum context length is 9 tokens"}, "too long"),
        ({"type": "Internal Server Error", "code": 500, "message": "EngineCore died"}, "unreachable"),
        ({"type": "invalid_request_error", "message": "no such tool"}, "refused"),
        ({"type": "rate_limit_error", "message": "slow down"}, "limited"),
        ("gone", "unreachable"),
        (None, "unreachable"),
    ],
)
def test_an_error_in_a_stream_is_called_by_its_name(error: Any, expected: str) -> None:
    assert troubles.of_error(error).trouble == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>Bad gateway</html>",
        b"{}",
        b"[]",
        b"null",
        b'{"choices": [{"message": 3}]}',
        b'{"content": 7}',
        b"[" * 9999,
    ],
)
def test_what_is_no_answer_is_garbage(peer: Peer, data: bytes) -> None:
    peer.server.say = wire.body(200, data)
    assert trouble(peer).trouble == "garbage"


@pytest.mark.parametrize("data", [b"data: {\n\n", b"data: 3\n\n", b'data: {"type": "error"}\n\n', b"data: \xff\n\n"])
def test_what_is_no_event_is_garbage(peer: Peer, data: bytes) -> None:
    peer.server.say = wire.streams(data)
    assert trouble(peer, stream=True).trouble == "garbage"


@pytest.mark.parametrize("stream", [False, True])
def test_an_empty_answer_is_garbage(peer: Peer, stream: bool) -> None:
    peer.server.say = wire.answers(" ")
    assert trouble(peer, stream=stream).trouble == "garbage"


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_will_not_answer_refuses(peer: Peer, stream: bool) -> None:
    peer.server.say = wire.answers("I", "refusal")
    assert trouble(peer, stream=stream).trouble == "refused"


def test_an_answer_without_end_is_not_kept(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_BYTES", 1000)
    peer.server.say = wire.answers("x" * 2000)
    assert trouble(peer).trouble == "garbage"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("usage", [None, (-3, -5), ("many", True), (10**12, 10**12), (0, 0)])
def test_counts_that_cannot_be_are_estimated(peer: Peer, stream: bool, usage: Any) -> None:
    peer.server.say = wire.answers("w" * 300, usage=usage)
    found = peer.stream()[-1] if stream else peer.complete()
    assert isinstance(found, Completion)
    assert (found.input_tokens, found.output_tokens) == (15, 100)


def test_a_field_that_a_model_refuses_is_left_out_from_then_on(peer: Peer) -> None:
    refusal = wire.fails(400, "Unsupported value: 'temperature' does not support 0.3", "unsupported_value")
    peer.server.first = [refusal]

    async def twice(one: "RemoteProvider") -> None:
        await one.complete(PROMPT, within_s=600.0)
        async for _ in one.stream(PROMPT, within_s=600.0):
            pass

    peer.asked(twice)
    assert ["temperature" in asked.body for asked in peer.server.asked] == [True, False, False]


@pytest.mark.parametrize("peer", ["anthropic"], indirect=True)  # others have one way to ask for a schema
@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_knows_no_format_is_made_to_call_a_tool(peer: Peer, stream: bool) -> None:
    peer.server.first = [wire.fails(400, "output_config.format: not supported by this model", "invalid_request_error")]
    peer.server.say = wire.answers('{"names": ["a"]}')
    found = peer.stream(STRUCTURED)[-1] if stream else peer.complete(STRUCTURED)
    assert isinstance(found, Completion)
    assert json.loads(found.content) == {"names": ["a"]}
    body = peer.server.asked[-1].body
    assert "output_config" not in body
    assert (body["tools"][0]["input_schema"], body["tool_choice"]["name"]) == (SCHEMA, "answer")


def test_a_model_that_refuses_everything_is_asked_a_few_times_only(peer: Peer) -> None:
    words = "temperature, seed, stream_options and output_config are not supported"
    peer.server.say = wire.fails(400, words, "invalid_request_error")
    assert trouble(peer).trouble == "refused"
    assert len(peer.server.asked) <= 4


def test_a_redirect_is_not_followed_as_the_key_is_for_this_server_alone(peer: Peer) -> None:
    peer.server.say = wire.body(307, b"", location="/elsewhere")
    assert trouble(peer).trouble == "garbage"
    assert len(peer.server.asked) == 1


def test_nobody_who_listens_is_unreachable(peer: Peer) -> None:
    peer.server.url = "http://127.0.0.1:9"
    assert trouble(peer).trouble == "unreachable"


def test_a_lone_surrogate_in_a_prompt_can_be_asked(peer: Peer) -> None:
    odd = PROMPT.messages[1].model_copy(update={"content": "'\ud800'"})
    found = peer.complete(PROMPT.model_copy(update={"messages": (odd,)}))
    assert found.content == "fine"
    assert peer.server.asked[-1].body["messages"][-1]["content"] == "'\\ud800'"

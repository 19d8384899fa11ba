"""Our own router is a server that speaks chat completions: a peer that was not written for these tests."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from wires.peer import PROMPT, collected

from qtest.records.completion import Completion
from serve.access import Keys
from serve.app import app_of
from serve.config import HttpSettings, KeySettings, checked
from serve.fakes import ScriptedProvider
from serve.providers.http import Wire
from serve.providers.openai import ChatCompletions
from serve.providers.remote import RemoteProvider
from serve.seams import ProviderError
from serve.setup import served

TABLE = {"providers": {"p": {"kind": "ollama", "model": "m"}}, "chains": {"TIER1": ["p"]}, "tries": {"rounds": 1}}
STRUCTURED = PROMPT.model_copy(update={"answer": '{"type": "object"}'})


def asked(provider: ScriptedProvider, ask: Callable[[RemoteProvider], Awaitable[Any]], key: str = "k") -> Any:
    async def work() -> Any:
        parts = served(checked(TABLE, "the test"), {"TIER1": {"p": provider}})
        app = app_of(parts, Keys((KeySettings(name="me", env="K"),), {"K": "k"}), HttpSettings())
        transport = httpx.ASGITransport(app)
        wire = Wire("http://router.test/v1", {"authorization": f"Bearer {key}"}, key, "see K", transport)
        remote = RemoteProvider("openai", "auto", ChatCompletions(), wire)
        try:
            return await ask(remote)
        finally:
            await remote.close()
            parts.close()

    return asyncio.run(work())


@pytest.mark.parametrize("prompt", [PROMPT, STRUCTURED])
def test_it_answers_whole_and_in_pieces(prompt: Any) -> None:
    provider = ScriptedProvider("TIER1", ['{"a": |1}', '{"b": |2}'])
    whole = asked(provider, lambda one: one.complete(prompt, within_s=60.0))
    assert (whole.content, whole.finish) == ('{"a": 1}', "stop")
    *pieces, last = asked(provider, lambda one: collected(one.stream(prompt, within_s=60.0)))
    assert pieces == ['{"b": ', "2}"]
    assert isinstance(last, Completion)
    assert (last.content, last.input_tokens > 0) == ('{"b": 2}', True)
    assert [one.answer for one in provider.asked] == [prompt.answer] * 2


def test_what_it_refuses_is_understood() -> None:
    provider = ScriptedProvider("TIER1", [ProviderError("overloaded", "busy", retry_after_s=3.0)])
    for key, trouble in (("wrong", "unreachable"), ("k", "overloaded")):
        with pytest.raises(ProviderError) as raised:
            asked(provider, lambda one: one.complete(PROMPT, within_s=60.0), key)
        assert raised.value.trouble == trouble


def test_a_stream_that_fails_on_its_way_is_understood() -> None:
    provider = ScriptedProvider("TIER1", [ProviderError("cut off", "gone", begun=True)])
    with pytest.raises(ProviderError) as raised:
        asked(provider, lambda one: collected(one.stream(PROMPT, within_s=60.0)))
    assert raised.value.begun

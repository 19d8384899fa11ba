"""A router elsewhere: ours behind its own HTTP application, and servers that are none."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from wires import server as wire
from wires.openai import ChatSpeech
from wires.server import Asked, Handler, Server

from qtest.adapters.llm import FarRouter
from qtest.errors import BudgetSpent, CompletionError, UsageError
from qtest.records.completion import Completion, Difficulty, Message, Payer, Prompt
from serve.access import Keys
from serve.app import app_of
from serve.config import HttpSettings, KeySettings, RouterConfig, checked
from serve.fakes import ScriptedProvider
from serve.seams import ProviderError
from serve.setup import served

KEY = "qt-planted-0123"
PROMPT = Prompt(
    task="critic",
    messages=(Message(role="system", content="Judge."), Message(role="user", content="def fee(): ... '\ud800'")),
    template="critic/1",
    answer='{"type": "object"}',
    tier="TIER1",
    difficulty=Difficulty(branches=3, refusals=1),
    max_tokens=77,
    temperature=0.5,
    seed=9,
    urgent=True,
    payer=Payer(run="run-1", repository="org/repo"),
)
Opened = Callable[..., FarRouter]


@pytest.fixture
def provider() -> ScriptedProvider:
    return ScriptedProvider("TIER1")


@pytest.fixture
def ours(provider: ScriptedProvider) -> Iterator[Opened]:
    """The router's application, with `more` settings, over a provider without a model."""
    made: list[Any] = []

    def opened(key: str = KEY, **more: Any) -> FarRouter:
        table = {"providers": {"p": {"kind": "ollama", "model": "m"}}, "chains": {"TIER1": ["p"]}, **more}
        config: RouterConfig = checked(table, "the test")
        parts = served(config, {"TIER1": {"p": provider}})
        keys = Keys((KeySettings(name="me", env="K", per_minute=6000, burst=200),), {"K": KEY})
        transport = httpx.ASGITransport(app_of(parts, keys, HttpSettings()))
        router = FarRouter("http://router.test", key, transport=transport)
        made.extend((router, parts))
        return router

    yield opened
    for one in made:
        one.close()


@pytest.fixture
def other() -> Iterator[tuple[Server, FarRouter]]:
    with wire.serving(ChatSpeech(), wire.hangs) as server:
        router = FarRouter(server.url, KEY, within_s=60.0)
        yield server, router
        router.close()


def problem(router: FarRouter, kind: type[Exception] = CompletionError) -> str:
    with pytest.raises(kind) as raised:
        router.complete(PROMPT)
    text = str(raised.value)
    assert KEY not in text
    assert "fee" not in text
    assert "\n" not in text
    return text


def test_a_prompt_arrives_as_it_was_but_for_who_pays_by_the_key(ours: Opened, provider: ScriptedProvider) -> None:
    provider._script.append('{"verdict": "keep"}')
    found = ours().complete(PROMPT)
    payer = Payer(run="run-1", repository="org/repo", key="me")
    messages = (PROMPT.messages[0], Message(role="user", content=PROMPT.messages[1].sendable))
    assert provider.asked == [PROMPT.model_copy(update={"payer": payer, "messages": messages})]
    assert (found.content, found.tier, found.schema_ok) == ('{"verdict": "keep"}', "TIER1", True)
    assert found.reason == "TIER1 was asked for"
    assert [attempt.provider for attempt in found.attempts] == ["scripted"]


def test_the_check_before_a_run_is_content_with_a_router_that_takes_the_key(ours: Opened) -> None:
    ours().check()


@pytest.mark.parametrize(
    ("key", "message"), [("wrong", "does not accept the key in QTEST_API_KEY"), ("", "needs a key; set QTEST_API_KEY")]
)
def test_a_key_that_is_wrong_or_missing_is_the_users_mistake(ours: Opened, key: str, message: str) -> None:
    router = ours(key)
    assert problem(router, UsageError) == f"the router at http://router.test {message}"
    with pytest.raises(UsageError, match=message):
        router.check()


@pytest.mark.parametrize("key", ["é", "a\nb", "a\x00"])
def test_a_key_that_is_none_is_told_without_it(key: str) -> None:
    with pytest.raises(UsageError, match="QTEST_API_KEY has characters that no key has") as raised:
        FarRouter("http://router.test", key)
    assert key not in str(raised.value)


def test_a_budget_that_is_spent_there_is_one_here(ours: Opened) -> None:
    spent = problem(ours(budgets={"run": {"tokens": 5}}), BudgetSpent)
    assert spent.startswith("run run-1 may use 5 tokens a day")


def test_what_nobody_answers_is_told_with_what_each_said(ours: Opened, provider: ScriptedProvider) -> None:
    provider._script.extend([ProviderError("unreachable", "no route to host")] * 9)
    told = problem(ours(tries={"rounds": 1}))
    assert (
        told
        == "the router at http://router.test: 503: no model answers: scripted (TIER1): unreachable: no route to host"
    )


def test_a_prompt_that_is_refused_is_told_with_the_reason(ours: Opened, provider: ScriptedProvider) -> None:
    provider._script.append(ProviderError("refused", "the model will not answer"))
    assert problem(ours()) == "the router at http://router.test: 400: the model will not answer"


def test_a_router_that_says_when_to_come_back_is_asked_again_then(other: tuple[Server, FarRouter]) -> None:
    server, router = other
    whole = Completion(content="fine", provider="p", model="m", tier="TIER1").model_dump(exclude={"reason"})
    server.first = [wire.fails(429, "slow down", "rate_limit_exceeded", retry_after="0")]
    server.say = wire.body(200, json.dumps({**whole, "route_reason": "so"}).encode())
    assert router.complete(PROMPT).reason == "so"
    assert len(server.asked) == 2


def test_a_router_that_says_to_come_back_after_the_deadline_is_not_waited_for(other: tuple[Server, FarRouter]) -> None:
    server, router = other
    server.say = wire.fails(503, "all are busy", "overloaded", retry_after="3600")
    assert problem(router).endswith("503: all are busy")


def test_a_router_that_hangs_is_left_at_the_deadline() -> None:
    with wire.serving(ChatSpeech(), wire.hangs) as server:
        router = FarRouter(server.url, KEY, within_s=0.2)
        assert problem(router).endswith("has not answered in 0.2 s")
        router.close()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'{"content": 3}',
        b'{"content": "x", "provider": "p", "model": "m", "tier": "9"}',
    ],
)
def test_what_does_not_answer_as_a_router_is_told_to_be_none(other: tuple[Server, FarRouter], data: bytes) -> None:
    server, router = other
    server.say = wire.body(200, data)
    assert "does not answer as a router of QTest" in problem(router)


def test_a_page_that_is_not_there_is_told(other: tuple[Server, FarRouter]) -> None:
    server, router = other
    server.say = wire.body(404, b"<html>not here</html>")
    assert problem(router).endswith("404: no reason given; see that the address is that of a router")


def test_an_answer_that_breaks_off_is_told(other: tuple[Server, FarRouter]) -> None:
    def broken(handler: Handler, _: Asked) -> None:
        handler.head(200, content_length="1000")
        handler.wfile.write(b'{"content"')
        handler.cut()

    server, router = other
    server.say = broken
    assert "cannot be had" in problem(router)


def test_nobody_who_listens_is_told_with_the_address() -> None:
    router = FarRouter("http://127.0.0.1:9", KEY)
    assert problem(router).startswith("the router at http://127.0.0.1:9 cannot be had")
    router.close()

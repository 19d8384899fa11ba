"""The router over HTTP: who may ask, what is refused and how, and that nothing hangs or works on for nobody."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.types import Message as Event

from qtest.records.completion import Completion, Prompt
from serve.access import Keys
from serve.app import app_of
from serve.config import HttpSettings, KeySettings, checked
from serve.fakes import ScriptedProvider, Step
from serve.router import Router
from serve.seams import ProviderError
from serve.setup import Served
from serve.spending import Spending
from serve.streams import Item

pytestmark = pytest.mark.anyio

KEY = {"authorization": "Bearer s3cret"}
ASKED = {"task_type": "naming", "context": {"function_code": "def f(): ..."}, "max_tokens": 50}

Client = httpx.AsyncClient
Open = Callable[..., Client]


@pytest.fixture
async def opened(anyio_backend: str) -> AsyncIterator[Open]:
    """A client of a router whose only provider follows the script."""
    clients: list[Client] = []
    closing: list[Callable[[], None]] = []

    def made(*script: Step, provider: ScriptedProvider | None = None, **settings: Any) -> Client:
        provider = provider or ScriptedProvider("TIER1", script)
        keys = settings.pop("keys", [{"name": "ci", "env": "K"}])
        http = settings.pop("http", {})
        table = {
            "providers": {"p": {"kind": "recorded", "model": "m"}},
            "chains": {"TIER1": ["p"]},
            "keys": keys,
            **settings,
        }
        config = checked({**table, "tries": {"rounds": 1}, "http": http}, "test")
        served = _served(config, provider)
        closing.append(served.close)
        app = app_of(served, Keys(config.keys, {"K": "s3cret"}), config.http)
        clients.append(Client(transport=httpx.ASGITransport(app), base_url="http://router", headers=KEY))
        return clients[-1]

    yield made
    for client in clients:
        await client.aclose()
    for close in closing:
        close()


def _served(config: Any, provider: ScriptedProvider) -> Served:
    from serve.setup import served

    return served(config, {"TIER1": {"p": provider}})


def error(response: httpx.Response) -> Any:
    found = response.json()["error"]
    assert {"message", "type", "param", "code"} <= set(found)
    return found


async def test_an_answer_has_all_that_the_route_promises(opened: Open) -> None:
    found = (await opened("f_name").post("/llm/generate", json=ASKED)).json()
    assert (found["content"], found["provider"], found["model"]) == ("f_name", "scripted", "scripted-model")
    assert (found["tier"], found["cached"], found["schema_ok"], found["cost_usd"]) == ("TIER1", False, None, 0.0)
    assert found["output_tokens"] == 2
    assert found["input_tokens"] > 0
    assert found["latency_ms"] >= 0
    assert found["route_reason"] == "naming: TIER1, for boilerplate, summaries and names"
    assert [attempt["provider"] for attempt in found["attempts"]] == ["scripted"]


async def test_a_context_becomes_messages_and_branches(opened: Open) -> None:
    provider = ScriptedProvider("TIER1")
    context = {"function_code": "def f(): ...", "target_branches": [1, 2, 3], "function_meta": {"lines": 4}}
    await opened(provider=provider).post("/llm/generate", json={**ASKED, "task_type": "e2e_flow", "context": context})
    (asked,) = provider.asked
    assert (asked.task, asked.difficulty.branches, asked.template) == ("e2e_test", 3, "context/1")
    assert asked.messages[1].content == (
        '## function_code\ndef f(): ...\n\n## function_meta\n{"lines": 4}\n\n## target_branches\n[1, 2, 3]'
    )


@pytest.mark.parametrize("tier", ["TIER1", "tier1", "AUTO", "auto"])
async def test_a_tier_is_asked_for_in_any_case(tier: str, opened: Open) -> None:
    assert (await opened().post("/llm/generate", json={**ASKED, "model_tier": tier})).status_code == 200


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"model_tier": "tier9"}, "unknown_tier", "model_tier is 'TIER9'; expected auto, tier1, tier2 or tier3"),
        ({"task_type": "poem"}, "unknown_task", "task_type is 'poem'; input should be 'unit_test', 'integration_test'"),
        ({"context": {}}, "missing_parameter", "context or messages is needed, and both are empty"),
        ({"max_tokens": 0}, "invalid_value", "max_tokens is 0; input should be greater than or equal to 1"),
        ({"temperature": 3}, "invalid_value", "temperature is 3"),
        ({"colour": "red"}, "unknown_parameter", "colour: there is no such parameter"),
        ({"context": "x" * 3_000_000}, "context_length_exceeded", "the prompt has about 7500"),
        ({"max_tokens": 100_000}, "context_length_exceeded", "max_tokens is 100000"),
        ({"answer": {"type": "bad"}}, "schema_refused", "the schema is no JSON Schema"),
        ({"answer": "{"}, "schema_refused", "the schema is no JSON"),
        ({"difficulty": {"branches": "many"}}, "invalid_value", "difficulty.branches is 'many'"),
    ],
)
async def test_bad_input_is_refused_by_name(change: dict[str, Any], code: str, message: str, opened: Open) -> None:
    provider = ScriptedProvider("TIER1")
    response = await opened(provider=provider).post("/llm/generate", json={**ASKED, **change})
    assert (response.status_code, error(response)["code"]) == (400, code)
    assert message in error(response)["message"]
    assert not provider.asked


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"{", "invalid_json"), (b"[]", "invalid_value"), (b"\xff", "invalid_json"), (b"", "invalid_json")],
)
async def test_a_body_that_is_no_request_is_refused(body: bytes, code: str, opened: Open) -> None:
    response = await opened().post("/llm/generate", content=body)
    assert (response.status_code, error(response)["code"]) == (400, code)


async def test_source_code_with_a_lone_surrogate_goes_through(opened: Open, tmp_path: Any) -> None:
    client = opened(cache={"folder": str(tmp_path)})
    body = json.dumps({**ASKED, "messages": [{"role": "user", "content": "'\ud800'"}]}).encode()
    for cached in (False, True):
        response = await client.post("/llm/generate", content=body)
        assert (response.status_code, response.json()["content"], response.json()["cached"]) == (
            200,
            "'\ud800'",
            cached,
        )


@pytest.mark.parametrize("name", ["run", "repository"])
async def test_an_account_whose_name_is_no_text_is_refused(name: str, opened: Open) -> None:
    response = await opened().post("/llm/generate", content=json.dumps({**ASKED, name: "\ud800"}).encode())
    assert (response.status_code, error(response)["param"]) == (400, name)


async def test_a_body_too_large_is_refused_also_where_it_does_not_say_its_size(opened: Open) -> None:
    client = opened(http={"most_body_kb": 1})

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100

    for content in (b"x" * 2_000, parts()):
        response = await client.post("/llm/generate", content=content)
        assert (response.status_code, error(response)["code"]) == (413, "request_too_large")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/llm/generate"), ("POST", "/v1/chat/completions"), ("GET", "/v1/models"), ("GET", "/llm/spend")],
)
@pytest.mark.parametrize("header", ["", "s3cret", "Bearer", "Bearer wrong", "Basic s3cret"])
async def test_every_route_asks_for_the_key(method: str, path: str, header: str, opened: Open) -> None:
    response = await opened().request(method, path, headers={"authorization": header})
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert "s3cret" not in response.text


async def test_health_asks_for_no_key(opened: Open) -> None:
    response = await opened().get("/healthz", headers={"authorization": ""})
    assert response.json() == {"status": "ok", "tiers": {"TIER1": "scripted-model"}, "absent": {}}


async def test_a_key_may_be_known_by_its_digest_alone(opened: Open) -> None:
    client = opened(keys=[{"name": "ci", "sha256": hashlib.sha256(b"other").hexdigest()}])
    found = [
        (await client.get("/v1/models", headers={"authorization": f"Bearer {key}"})).status_code
        for key in ("other", "s3cret")
    ]
    assert found == [200, 401]


async def test_who_asks_too_often_is_told_when_to_come_back(opened: Open) -> None:
    client = opened(keys=[{"name": "ci", "env": "K", "per_minute": 1, "burst": 2}])
    found = [await client.post("/llm/generate", json=ASKED) for _ in range(3)]
    assert [one.status_code for one in found] == [200, 200, 429]
    assert error(found[2])["code"] == "rate_limit_exceeded"
    assert 0 < int(found[2].headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("trouble", "status"),
    [("unreachable", 503), ("limited", 503), ("overloaded", 503), ("late", 504), ("garbage", 502), ("cut off", 502), ("refused", 400), ("too long", 400)],
)  # fmt: skip
async def test_when_nobody_answers_the_status_says_why(trouble: Any, status: int, opened: Open) -> None:
    response = await opened(ProviderError(trouble, "so it is", retry_after_s=30.0)).post("/llm/generate", json=ASKED)
    assert response.status_code == status
    assert "so it is" in error(response)["message"]
    if status >= 500:
        assert response.headers["retry-after"] == "30"
        assert error(response)["attempts"][0]["problem"] == f"{trouble}: so it is"


async def test_a_spent_budget_is_told_with_whose_and_which(opened: Open) -> None:
    client = opened(budgets={"run": {"tokens": 60}})
    response = await client.post("/llm/generate", json={**ASKED, "run": "r7"})
    assert (response.status_code, error(response)["code"]) == (402, "budget_spent")
    assert error(response)["message"].startswith("run r7 may use 60 tokens a day")


async def test_spending_can_be_read_by_key_run_and_repository(opened: Open) -> None:
    client = opened()
    used = (await client.post("/llm/generate", json={**ASKED, "run": "r", "repository": "q"})).json()
    tokens = used["input_tokens"] + used["output_tokens"]
    for query, kind, name in (("", "key", "ci"), ("?run=r", "run", "r"), ("?repository=q", "repository", "q")):
        found = (await client.get(f"/llm/spend{query}")).json()
        assert (found["kind"], found["name"], found["tokens"]) == (kind, name, tokens)
        assert [(day["tier"], day["answers"]) for day in found["days"]] == [("TIER1", 1)]
    assert (await client.get("/llm/spend?run=other")).json()["tokens"] == 0


async def test_more_requests_than_there_is_room_for_are_told_to_come_back(opened: Open) -> None:
    gate = asyncio.Event()
    provider = ScriptedProvider("TIER1", [gate])
    client = opened(provider=provider, http={"in_flight": 1})
    first = asyncio.create_task(client.post("/llm/generate", json=ASKED))
    while not provider.running:
        await asyncio.sleep(0)
    second = await client.post("/llm/generate", json=ASKED)
    gate.set()
    assert (second.status_code, error(second)["code"], second.headers["retry-after"]) == (503, "overloaded", "1")
    assert (await first).status_code == 200


async def test_a_route_that_is_not_there_is_told_in_the_same_shape(opened: Open) -> None:
    found = [await opened().get(path) for path in ("/docs", "/llm/generate")]
    assert [(one.status_code, error(one)["code"]) for one in found] == [(404, "no_such_route"), (405, "no_such_route")]


async def test_a_fault_of_the_router_is_logged_and_its_details_are_not_told(
    opened: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("inner details")

    monkeypatch.setattr(Router, "complete", broken)
    response = await opened().post("/llm/generate", json=ASKED)
    assert (response.status_code, error(response)["code"]) == (500, "internal_error")
    assert "inner details" not in response.text
    assert "inner details" in caplog.text


class Halting(ScriptedProvider):
    """Waits for ever, as a stream after one piece."""

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        async with self._halted():
            return self._whole(prompt, "")

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[Item]:
        yield "one"
        async with self._halted():
            yield "two"

    @asynccontextmanager
    async def _halted(self) -> AsyncIterator[None]:
        self.running += 1
        try:
            await asyncio.Event().wait()
            yield
        finally:
            self.running -= 1


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("cache", [False, True])
async def test_when_the_client_leaves_the_work_ends(stream: bool, cache: bool) -> None:
    provider = Halting("TIER1")
    table = {"providers": {"p": {"kind": "recorded", "model": "m"}}, "chains": {"TIER1": ["p"]}, "cache": {"on": cache}}
    served = _served(checked(table, "test"), provider)
    app = app_of(served, Keys((KeySettings(name="k", env="K"),), {"K": "s3cret"}), HttpSettings())
    body = json.dumps({"model": "auto", "messages": [{"role": "user", "content": "hi"}], "stream": stream}).encode()
    left = asyncio.Event()
    told: list[Event] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Event:
        if told:
            return told.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    sent: list[bytes] = []

    async def send(event: Event) -> None:
        sent.append(event.get("body", b""))

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": "/v1/chat/completions",
        "raw_path": b"", "query_string": b"", "root_path": "", "scheme": "http", "server": ("router", 80), "client": None,
        "headers": [(b"authorization", b"Bearer s3cret")], "state": {},
    }  # fmt: skip
    serving = asyncio.create_task(app(scope, receive, send))
    while not provider.running or (stream and b"one" not in b"".join(sent)):
        await asyncio.sleep(0)
    left.set()
    await serving
    while provider.running:
        await asyncio.sleep(0)
    assert (b"one" in b"".join(sent), b"DONE" in b"".join(sent)) == (stream, False)
    served.close()


async def test_spending_survives_the_router(tmp_path: Any, opened: Open) -> None:
    client = opened(budgets={"folder": str(tmp_path)})
    await client.post("/llm/generate", json={**ASKED, "run": "r"})
    again = Spending(tmp_path)
    assert sum(row.answers for row in again.rows("run", "r")) == 1
    again.close()

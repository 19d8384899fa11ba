"""The real engine, on a CPU with a tiny model: in this process, and served by `python -m actors.llm`."""

import asyncio
import contextlib
import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from qtest.records.completion import Completion, Message, Prompt
from serve.seams import ProviderError

pytestmark = pytest.mark.vllm

ROOT = Path(__file__).parents[2]
KEY = "the-key"
PATIENCE_S = 300.0
# every text has a pattern and every list an end: so whatever the model says ends
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^test_[a-z_]{1,20}$"},
        "inputs": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "pattern": "^[a-z]{1,8}$"},
                    "value": {"anyOf": [{"type": "integer", "minimum": -99, "maximum": 99}, {"type": "boolean"}]},
                },
                "required": ["name", "value"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["name", "inputs"],
    "additionalProperties": False,
}
LONG = {"type": "array", "minItems": 60, "maxItems": 80, "items": SCHEMA}


@pytest.fixture(scope="module", autouse=True)
def _engine_is_there() -> None:
    if importlib.util.find_spec("vllm") is None:
        missing = "vLLM is not installed; see serve/lock-cpu.txt"
        pytest.fail(missing) if os.environ.get("QTEST_REQUIRE_ALL") == "1" else pytest.skip(missing)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def client(cache: Path) -> Iterator[httpx.Client]:
    """Two replicas, as one is killed. Whatever happens, what was started is ended in the way a user ends it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environ = {**os.environ, "QTEST_API_KEY": KEY, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT), "RAY_AUTH_MODE": "disabled"}  # fmt: skip
    command = [sys.executable, "-m", "actors.llm", "--profile", "cpu-tiny", "--replicas", "2", "--port", str(port)]
    with subprocess.Popen(command, env=environ, cwd=cache, stdout=subprocess.PIPE, text=True, start_new_session=True) as server:  # fmt: skip
        assert server.stdout
        said: list[str] = []
        for line in server.stdout:
            said.append(line)
            if "listening" in line:
                break
        threading.Thread(target=server.stdout.read, daemon=True).start()
        try:
            assert server.poll() is None and said and "listening" in said[-1], said
            headers = {"Authorization": f"Bearer {KEY}"}
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=PATIENCE_S) as client:
                yield client
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(PATIENCE_S) == 0


@pytest.fixture(scope="module")
def engine(cache: Path, client: httpx.Client) -> Iterator[Any]:
    """One that works on one prompt at a time; after the served one, so that it finds the model made."""
    from actors.tinymodel import tiny_model
    from serve.engineoptions import environment
    from serve.tierconfig import TierSettings

    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as own:
        warnings.simplefilter("ignore")
        model = tiny_model(cache / "qtest")
        settings = TierSettings(model=str(model), gpus=0, in_flight=1, max_length=4_096, max_output=2_048, cache_mb=64)
        for name, value in environment(settings).items():
            own.setenv(name, value)
        from serve.providers.vllm import VllmProvider

        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()

        async def made() -> VllmProvider:
            return VllmProvider("TIER1", settings)

        provider = asyncio.run_coroutine_threadsafe(made(), loop).result(PATIENCE_S)
        provider.loop = loop
        yield provider
        provider.close()
        loop.call_soon_threadsafe(loop.stop)


def run(engine: Any, work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run_coroutine_threadsafe(work, engine.loop).result(PATIENCE_S)


def prompt(text: str = "def f(x): return x", **more: Any) -> Prompt:
    return Prompt(task="unit_test", messages=(Message(role="user", content=text),), temperature=1.0, **more)


def asked(client: httpx.Client, n: int, answer: Any = SCHEMA, **more: Any) -> dict[str, Any]:
    body = {"task_type": "unit_test", "context": {"function_code": f"def f{n}(x):\n    return x + {n}"}, "answer": answer, "max_tokens": 400, "temperature": 1.0, "seed": n, **more}  # fmt: skip
    got: dict[str, Any] = client.post("/llm/generate", json=body).raise_for_status().json()
    return got


def test_what_is_served_keeps_to_the_schema_and_says_what_it_took(client: httpx.Client) -> None:
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda n: asked(client, n), range(24)))
    for answer in answers:
        jsonschema.validate(json.loads(answer["content"]), SCHEMA)
        assert (answer["provider"], answer["tier"], answer["finish"], answer["schema_ok"]) == ("vllm", "TIER1", "stop", True)  # fmt: skip
        assert answer["input_tokens"] > 10 and answer["output_tokens"] > 10
    assert len({answer["content"] for answer in answers}) > 12


def test_an_answer_that_was_cut_says_so(client: httpx.Client) -> None:
    body = {"task_type": "summary", "context": "x", "max_tokens": 3, "answer": ""}
    answer = client.post("/llm/generate", json=body).raise_for_status().json()
    assert (answer["finish"], answer["output_tokens"]) == ("length", 3)


def test_the_same_seed_gives_the_same_answer(client: httpx.Client) -> None:
    """Asked again past the cache, by another template."""
    first, second = (asked(client, 7, template=f"t/{n}") for n in (1, 2))
    assert not second["cached"]
    assert first["content"] == second["content"]


def test_openais_way_of_asking_streams_pieces_of_valid_json(client: httpx.Client) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "case", "strict": True, "schema": SCHEMA}}
    body = {"model": "auto", "stream": True, "max_tokens": 400, "seed": 1, "response_format": form, "messages": [{"role": "user", "content": "hi"}]}  # fmt: skip
    with client.stream("POST", "/v1/chat/completions", json=body) as response:
        lines = [line.removeprefix("data: ") for line in response.iter_lines() if line]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    pieces = [chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk["choices"]]
    assert sum(map(bool, pieces)) > 3
    jsonschema.validate(json.loads("".join(pieces)), SCHEMA)


def test_a_prompt_without_room_is_refused_with_the_reason(client: httpx.Client) -> None:
    body = {"task_type": "summary", "context": "alpha beta " * 20_000}
    response = client.post("/llm/generate", json=body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "context_length_exceeded")


def test_a_schema_that_the_grammar_engine_refuses_is_refused_with_the_reason(client: httpx.Client) -> None:
    schema = {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}
    body = {"task_type": "summary", "context": "x", "answer": schema}
    response = client.post("/llm/generate", json=body)
    assert response.status_code == 400
    assert re.search("schema|grammar", response.json()["error"]["message"])


def test_nothing_is_lost_when_a_replica_dies_at_work(client: httpx.Client) -> None:
    with ThreadPoolExecutor(40) as pool:
        answers = [pool.submit(asked, client, n, template="killed/1") for n in range(40)]
        while not any(answer.done() for answer in answers):
            time.sleep(0.01)
        os.kill(_replicas()[0], signal.SIGKILL)
        for answer in answers:
            jsonschema.validate(json.loads(answer.result()["content"]), SCHEMA)


def _replicas() -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "ServeReplica:qtest:TIER1" in line]


def test_who_is_urgent_overtakes_who_waits(engine: Any) -> None:
    ended: list[str] = []

    async def ask(name: str, *, urgent: bool) -> None:
        await engine.complete(prompt(answer=json.dumps(SCHEMA), max_tokens=400, urgent=urgent), within_s=PATIENCE_S)
        ended.append(name)

    async def all_at_once() -> None:
        waiting = [asyncio.create_task(ask(str(n), urgent=False)) for n in range(12)]
        await asyncio.gather(*waiting, ask("urgent", urgent=True))

    run(engine, all_at_once())
    assert ended.index("urgent") < 11


def test_who_goes_away_is_aborted_in_the_engine(engine: Any) -> None:
    async def leave() -> tuple[int, int]:
        waiting = asyncio.create_task(engine.complete(prompt(answer=json.dumps(LONG), max_tokens=2_000), within_s=PATIENCE_S))  # fmt: skip
        while not (running := _unfinished(engine)):
            await asyncio.sleep(0)
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        return running, _unfinished(engine)

    assert run(engine, leave()) == (1, 0)


def test_a_stream_that_is_left_is_aborted_in_the_engine(engine: Any) -> None:
    async def leave() -> tuple[object, int]:
        pieces = engine.stream(prompt(answer=json.dumps(LONG), max_tokens=2_000), within_s=PATIENCE_S)
        first = await anext(pieces)
        await pieces.aclose()
        return first, _unfinished(engine)

    assert run(engine, leave()) == ("[", 0)


def _unfinished(engine: Any) -> int:
    count: int = engine._engine.output_processor.get_num_unfinished_requests()
    return count


def test_time_that_is_over_is_said_and_the_engine_works_on_for_nobody(engine: Any) -> None:
    with pytest.raises(ProviderError, match="did not end within") as raised:
        run(engine, engine.complete(prompt(answer=json.dumps(LONG), max_tokens=2_000), within_s=0.001))
    assert raised.value.trouble == "late"
    assert _unfinished(engine) == 0


@pytest.mark.parametrize(
    ("wrong", "trouble"),
    [
        ({"text": "alpha beta " * 5_000}, "too long"),
        ({"max_tokens": 5_000}, "too long"),
        ({"answer": "no schema"}, "refused"),
        ({"answer": '{"type": "string", "pattern": "("}'}, "refused"),
        ({"answer": '{"type": "array", "items": {"type": "integer"}, "uniqueItems": true}'}, "refused"),
    ],
)
def test_a_prompt_that_no_try_would_help_says_why(engine: Any, wrong: dict[str, Any], trouble: str) -> None:
    with pytest.raises(ProviderError, match="TIER1") as raised:
        run(engine, engine.complete(prompt(**{"max_tokens": 50, **wrong}), within_s=PATIENCE_S))
    assert raised.value.trouble == trouble


def test_the_revision_is_that_of_the_weights(engine: Any) -> None:
    assert re.fullmatch("[0-9a-f]{16}", engine.revision)


def test_pieces_and_whole_are_the_same(engine: Any) -> None:
    async def streamed() -> list[object]:
        return [piece async for piece in engine.stream(prompt(answer=json.dumps(SCHEMA), max_tokens=400), within_s=PATIENCE_S)]  # fmt: skip

    *pieces, whole = run(engine, streamed())
    assert isinstance(whole, Completion)
    assert "".join(pieces) == whole.content
    assert whole.output_tokens >= len(pieces)

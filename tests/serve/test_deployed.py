"""The application on Ray Serve, with engines that do as they are told."""

import os
import signal
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from qtest.errors import UsageError
from serve.config import checked, load
from serve.fakes import DocileEngine

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("serve_imported")]

CONFIG: dict[str, Any] = {
    "tiers": {
        "TIER1": {
            "model": "/weights/small",
            "gpus": 0,
            "cpus": 0,
            "autoscaling": {"min_replicas": 0, "max_replicas": 1},
        },
        "TIER2": {"model": "/weights/medium", "gpus": 0, "cpus": 0, "replicas": 2},
        "TIER3": {"model": "/weights/large", "gpus": 4, "tensor_parallel": 4},
    },
    "cache": {"on": False},
    "keys": [{"name": "test", "env": "QTEST_API_KEY", "per_minute": 1_000_000}],
}
KEY = "the-key"
PATIENCE_S = 240.0


@pytest.fixture(scope="module")
def address(ray_cluster: Any) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.MonkeyPatch.context() as patient, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patient.setenv("RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S", "120")
        from serve import deploy

        with deploy.serving(checked(CONFIG, "test"), {"QTEST_API_KEY": KEY}, "127.0.0.1", port, DocileEngine):
            yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {KEY}"}, timeout=PATIENCE_S) as client:
        yield client


def told(client: httpx.Client, text: str, **more: Any) -> dict[str, Any]:
    body = {"task_type": "naming", "messages": [{"role": "user", "content": text}], **more}
    answer: dict[str, Any] = client.post("/llm/generate", json=body).raise_for_status().json()
    return answer


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_tier_without_its_gpus_is_named_and_the_rest_is_up(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {
        "status": "ok",
        "tiers": {"TIER1": "/weights/small", "TIER2": "/weights/medium"},
        "absent": {"TIER3": "TIER3 wants 4 GPUs on one node; no node has any"},
    }
    answer = told(client, "hello", model_tier="TIER3")
    assert (answer["content"], answer["tier"]) == ("hello", "TIER2")
    assert "there is no TIER3 here" in answer["route_reason"]


def test_a_tier_that_stands_at_zero_comes_up_when_it_is_asked(client: httpx.Client) -> None:
    answer = told(client, "wake up", model_tier="TIER1")
    assert (answer["content"], answer["tier"], len(answer["attempts"])) == ("wake up", "TIER1", 1)


@pytest.mark.usefixtures("ray_cluster")
def test_where_no_tier_finds_its_gpus_the_reason_names_each() -> None:
    from serve.deploy import built

    config = Path(__file__).parents[2] / "serve" / "config.yaml"
    with pytest.raises(UsageError) as raised:
        built(load(config), {"QTEST_API_KEY": KEY})
    said = str(raised.value)
    assert said.startswith("no tier can be brought up: TIER1 wants 1 GPU on one node")
    assert "TIER2 wants 2 GPUs" in said and "TIER3 wants 4 GPUs" in said


@pytest.mark.usefixtures("ray_cluster")
def test_without_a_key_nothing_is_deployed() -> None:
    from serve.deploy import built

    with pytest.raises(UsageError, match="QTEST_API_KEY, which is not set"):
        built(checked(CONFIG, "test"), {}, DocileEngine)


def test_nobody_gets_in_without_the_key(address: str) -> None:
    assert httpx.post(f"{address}/llm/generate", json={}, timeout=PATIENCE_S).status_code == 401


def test_an_answer_is_streamed_through_all_hops(client: httpx.Client) -> None:
    body = {"model": "TIER1", "stream": True, "messages": [{"role": "user", "content": "one two three"}]}
    with client.stream("POST", "/v1/chat/completions", json=body) as response:
        lines = [line for line in response.iter_lines() if line]
    assert [word for word in ("one", "two", "three") if any(word in line for line in lines)] == ["one", "two", "three"]
    assert len(lines) > 3
    assert lines[-1] == "data: [DONE]"


def test_a_client_that_goes_away_cancels_in_the_engine(address: str, client: httpx.Client) -> None:
    body = b'{"task_type": "naming", "messages": [{"role": "user", "content": "hang"}]}'
    head = (
        f"POST /llm/generate HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    url = httpx.URL(address)
    with socket.create_connection((url.host, url.port or 0)) as asking:
        asking.sendall(head.encode() + body)
        eventually(lambda: told(client, "hanging")["content"] == "1")
    eventually(lambda: told(client, "cancelled")["content"] == "1")


def test_the_engines_own_error_is_what_the_client_reads(client: httpx.Client) -> None:
    body = {"task_type": "naming", "messages": [{"role": "user", "content": "overloaded"}]}
    response = client.post("/llm/generate", json=body)
    assert response.status_code == 503
    assert "the engine is full" in response.json()["error"]["message"]


def test_nothing_is_lost_when_a_replica_is_killed(client: httpx.Client) -> None:
    victim = int(told(client, "process", model_tier="TIER2")["content"])
    with ThreadPoolExecutor(8) as pool:
        began = threading.Event()
        answers = [
            pool.submit(lambda n=n: (began.set(), told(client, f"number {n}", model_tier="TIER2"))[1])
            for n in range(60)
        ]
        began.wait()
        os.kill(victim, signal.SIGKILL)
        assert [answer.result()["content"] for answer in answers] == [f"number {n}" for n in range(60)]

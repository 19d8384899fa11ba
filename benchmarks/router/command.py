"""Measure all sides in turn, several rounds, and write their section of the page."""

import argparse
import asyncio
import itertools
import math
import os
import platform
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from benchmarks.generation.commit import commit
from benchmarks.page import publish
from benchmarks.router.inside import inside
from benchmarks.router.load import Measured, load
from benchmarks.router.sides import Side, litellm, on_serve, qtest, stub
from benchmarks.router.subject import KEY

MEASURED = ("qtest", "serve", "pyproject.toml")
IN_FLIGHT = (1, 8, 64)
MODES = ("plain", "haproxy")

HEAD = """# The router: what it adds, beside LiteLLM's proxy

Written by `python -m benchmarks.run router`; do not edit. An engine that answers at once stands for the model; engine and load have one core, the
router under test has another to itself. Every request is another prompt of a thousand characters, so that no cache answers it. "added" is the time over
asking the engine directly, at the same quantile and with as many in flight. CPU is that of the router's process, for each request. QTest looks its cache
up and writes its answers and its spending to disk; LiteLLM's proxy runs with one worker, without a database, a cache or budgets. Sides and
numbers in flight take turns in each round; times are medians of the rounds, the rate has the lowest and the highest beside it.
"""

Case = tuple[str, int]


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    before = _load()
    measured, grown = _measured(asked)
    alone = inside(asked.inside)
    lines = [
        _machine(before, asked.litellm),
        "",
        *_table(measured),
        "",
        *_inside(alone),
        "",
        *grown,
        *_verdicts(measured, alone),
    ]
    print("\n".join(lines))
    publish("\n".join((HEAD, *lines, "")))
    return 0


def _measured(asked: argparse.Namespace) -> tuple[dict[Case, list[Measured]], list[str]]:
    measured: dict[Case, list[Measured]] = {}
    numbers = itertools.count()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="qtest-router-")))
        here, there = _cores()
        os.sched_setaffinity(0, {here})
        engine = stack.enter_context(stub(here))
        sides = [engine, stack.enter_context(qtest(engine, there, folder))]
        if asked.litellm:
            sides.append(stack.enter_context(litellm(engine, there, folder, asked.litellm)))
        sides += [stack.enter_context(on_serve(engine, there, folder, mode)) for mode in asked.serve]
        for side in sides:
            _timed(side, numbers, 8, asked.warm)
        for _ in range(asked.rounds):
            for in_flight, side in itertools.product(IN_FLIGHT, sides):
                found = _timed(side, numbers, in_flight, asked.requests)
                measured.setdefault((side.name, in_flight), []).append(found)
                print(f"{side.name}, {in_flight} in flight: {found.rate:.0f} requests/s", flush=True)
        return measured, _growth(sides[1], numbers, asked.growth) if asked.growth else []


def _timed(side: Side, numbers: "itertools.count[int]", in_flight: int, requests: int) -> Measured:
    before = side.cpu_s()
    measured = asyncio.run(load(side.port, numbers, KEY, "auto", in_flight, requests))
    measured.cpu_s = side.cpu_s() - before
    return measured


def _growth(side: Side, numbers: "itertools.count[int]", requests: int) -> list[str]:
    """From a tenth on, when all that is bounded has been filled as far as it goes in that time."""
    _timed(side, numbers, 64, requests // 10)
    first = side.resident_mb()
    _timed(side, numbers, 64, requests - requests // 10)
    return [
        f"- Resident memory of QTest's router: {first:.1f} MB after {requests // 10:,} more requests, {side.resident_mb():.1f} MB after {requests:,}"
    ]


def _table(measured: dict[Case, list[Measured]]) -> Iterator[str]:
    yield "| side | in flight | requests/s | lowest to highest | CPU ms | p50 ms | p99 ms | added p50 ms | added p99 ms |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for (name, in_flight), rounds in sorted(measured.items(), key=lambda case: case[0][1]):
        rates = [one.rate for one in rounds]
        p50, p99 = (_wait_ms(rounds, share) for share in (0.5, 0.99))
        direct = measured["engine alone", in_flight]
        added = [
            f"{wait - _wait_ms(direct, share):.2f}" if rounds is not direct else "–"
            for wait, share in ((p50, 0.5), (p99, 0.99))
        ]
        cpu = statistics.median(one.cpu_ms for one in rounds)
        yield (
            f"| {name} | {in_flight} | {statistics.median(rates):,.0f} | {min(rates):,.0f} to {max(rates):,.0f} | {'–' if math.isnan(cpu) else f'{cpu:.2f}'} "
            f"| {p50:.2f} | {p99:.2f} | {added[0]} | {added[1]} |"
        )


def _wait_ms(rounds: Sequence[Measured], share: float) -> float:
    return statistics.median(one.wait_ms(share) for one in rounds)


def _inside(alone: dict[str, Measured]) -> Iterator[str]:
    yield "Without HTTP, in one process, one at a time:"
    yield ""
    yield "| prompts | p50 ms | p99 ms | CPU ms |"
    yield "|---|---|---|---|"
    for name, found in alone.items():
        yield f"| {name} | {found.wait_ms(0.5):.3f} | {found.wait_ms(0.99):.3f} | {found.cpu_ms:.3f} |"


def _verdicts(measured: dict[Case, list[Measured]], alone: dict[str, Measured]) -> Iterator[str]:
    """What was expected, and whether it came."""
    p50 = alone["asked"].wait_ms(0.5)
    yield f"- Routing, budget and cache look-up take {p50:.3f} ms at p50; expected below 1 ms: {_held(p50 < 1)}"
    rates = {
        name: statistics.median(one.rate for one in rounds) for (name, count), rounds in measured.items() if count == 64
    }
    for name in ("QTest", *(f"QTest on Ray Serve, {mode}" for mode in MODES)):
        if name not in rates:
            yield f"- {name}: unrun"
        elif "LiteLLM" in rates:
            ratio = rates[name] / rates["LiteLLM"]
            expected = f"; expected 3 times: {_held(ratio >= 3)}" if name.endswith("haproxy") else ""
            yield f"- {name} answers {ratio:.1f} times as many requests as LiteLLM's proxy, 64 in flight{expected}"
    yield "- The hop from the router to a tier's replica on Ray Serve is not in these figures: the provider here is a server over HTTP"


def _held(held: bool) -> str:
    return "held" if held else "not held"


def _cores() -> tuple[int, int]:
    """The same one twice where there is no other."""
    cores = sorted(os.sched_getaffinity(0))
    return cores[0], cores[-1]


def _machine(before: str, venv: Path | None) -> str:
    names = ("fastapi", "starlette", "uvicorn", "httpx", "pydantic")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    other = f", litellm {_litellm_version(venv)}" if venv else ", LiteLLM unrun"
    return (
        f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"{versions}{other}, load before {before} and after {_load()}; QTest {commit(MEASURED)}"
    )


def _litellm_version(venv: Path) -> str:
    asked = "from importlib.metadata import version; print(version('litellm'))"
    return subprocess.run(
        [venv / "bin" / "python", "-c", asked], check=True, capture_output=True, text=True
    ).stdout.strip()


def _load() -> str:
    return " ".join(f"{load:.2f}" for load in os.getloadavg())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run router", description=__doc__)
    parser.add_argument(
        "--litellm",
        type=Path,
        default=None,
        help="a virtual environment with litellm[proxy]; without one it is left out",
    )
    parser.add_argument(
        "--serve",
        nargs="*",
        default=(),
        choices=MODES,
        help="the application on a Ray of its own, too; haproxy needs that program",
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=2_000, help="for each side and number in flight in each round")
    parser.add_argument("--warm", type=int, default=200)
    parser.add_argument("--inside", type=int, default=10_000, help="prompts asked in this process, without HTTP")
    parser.add_argument(
        "--growth", type=int, default=100_000, help="requests between which memory is compared; 0 for none"
    )
    return parser

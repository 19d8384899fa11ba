"""The servers that are compared: the stub engine alone, QTest's router before it, and LiteLLM's proxy before it."""

import asyncio
import dataclasses
import itertools
import json
import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generation.commit import ROOT
from benchmarks.router.load import Unanswered, load
from benchmarks.router.subject import KEY, table

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")

_LITELLM = """model_list:
- model_name: auto
  litellm_params: {{model: openai/stub, api_base: "http://127.0.0.1:{port}/v1", api_key: none}}
general_settings: {{master_key: {key}}}
litellm_settings: {{telemetry: false, num_retries: 0}}
"""


@dataclass(frozen=True)
class Side:
    name: str
    port: int
    process: int

    def cpu_s(self) -> float:
        """Of the process and its threads; not known where a cluster of processes answers."""
        if not self.process:
            return math.nan
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def resident_mb(self) -> float:
        return int(Path(f"/proc/{self.process}/statm").read_text().split()[1]) * _PAGE / 1e6


@contextmanager
def stub(core: int) -> Iterator[Side]:
    port = _free_port()
    with _started("engine alone", port, [sys.executable, "-m", "benchmarks.router.stub", str(port)], core) as side:
        yield side


@contextmanager
def qtest(engine: Side, core: int, folder: Path) -> Iterator[Side]:
    port = _free_port()
    command = [sys.executable, "-m", "benchmarks.router.subject", str(port), str(engine.port), str(folder)]
    with _started("QTest", port, command, core) as side:
        yield side


@contextmanager
def on_serve(engine: Side, core: int, folder: Path, mode: str) -> Iterator[Side]:
    """The application as it is deployed, on a Ray of its own with all its processes on that core; `mode` is plain or haproxy."""
    port = _free_port()
    config = folder / f"{mode}.json"
    config.write_text(json.dumps(table(engine.port, folder / mode)))
    command = [sys.executable, "-m", "actors.llm", "--config", str(config), "--port", str(port)]
    environ = {"KEY": KEY, "HOME": str(folder), "RAY_SERVE_ENABLE_HA_PROXY": "1" if mode == "haproxy" else "0"}
    with _started(f"QTest on Ray Serve, {mode}", port, command, core, environ) as side:
        yield dataclasses.replace(side, process=0)


@contextmanager
def litellm(engine: Side, core: int, folder: Path, venv: Path) -> Iterator[Side]:
    """With one worker, no database and no cache: what it does with less work than ours."""
    port = _free_port()
    config = folder / "litellm.yaml"
    config.write_text(_LITELLM.format(port=engine.port, key=KEY))
    command = [
        str(venv / "bin" / "litellm"),
        "--config",
        str(config),
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
        "--num_workers",
        "1",
    ]
    with _started("LiteLLM", port, command, core) as side:
        yield side


@contextmanager
def _started(
    name: str, port: int, command: list[str], core: int, more: Mapping[str, str] | None = None
) -> Iterator[Side]:
    environ = {
        **os.environ,
        **(more or {}),
        "PYTHONPATH": str(ROOT),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it asks the network when it starts
        "LITELLM_LOG": "ERROR",
        "LITELLM_MODE": "PRODUCTION",
    }
    process = subprocess.Popen(["taskset", "-c", str(core), *command], env=environ, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _await_answer(name, port, process)
        yield Side(name, port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_answer(name: str, port: int, process: "subprocess.Popen[bytes]", patience_s: float = 240.0) -> None:
    until = time.monotonic() + patience_s
    said = "nothing"
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"{name} ended with exit code {process.returncode} before it answered")
        try:
            asyncio.run(load(port, itertools.count(-1, -1), KEY, "auto", 1, 1))
            return
        except Unanswered as error:
            said = str(error)
        except (OSError, asyncio.IncompleteReadError) as error:
            said = f"{type(error).__name__}: {error}"
        time.sleep(0.5)
    raise SystemExit(f"{name} did not answer in {patience_s:.0f} s: {said}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port

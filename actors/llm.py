"""`python -m actors.llm`: the router and its tiers on this machine, until Ctrl-C."""

import argparse
import importlib.util
import os
import secrets
import signal
import socket
import sys
import threading
from pathlib import Path

from actors import runtime
from actors.tinymodel import ROOM, tiny_model
from qtest.errors import QTestError, UsageError
from qtest.wiring import default_cache
from serve.config import ENGINE, RouterConfig, load
from serve.tierconfig import TierSettings

KEY = "QTEST_API_KEY"
# on a busy machine a proxy needs longer than the five seconds that Ray Serve gives it
_PATIENT = {"RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "120", "RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S": "60"}


def main(arguments: list[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        _free(asked.host, asked.port)
        key = os.environ.get(KEY, "").strip()
        made = "" if key else f"qt-{secrets.token_urlsafe(24)}"
        config = _tiny(asked.replicas) if asked.profile else load(asked.config)
        _ready(config)
        _serve(config, asked.host, asked.port, key, made)
    except QTestError as error:
        print(f"actors.llm: {error}", file=sys.stderr)  # noqa: T201 - this is its front door
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m actors.llm", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--profile", choices=["cpu-tiny"], help="a tiny model of random weights, made on the spot")
    what.add_argument("--config", type=Path, metavar="FILE", help="settings as in serve/config.yaml")
    parser.add_argument("--replicas", type=int, default=1, help="of the tiny model (default 1)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    return parser


def _free(host: str, port: int) -> None:
    if not 0 < port < 65_536:
        raise UsageError(f"--port is {port}; expected 1 to 65535")
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        raise UsageError(
            f"--host {host} --port {port}: cannot be listened on: {error}; choose another with --port"
        ) from error


def _tiny(replicas: int) -> RouterConfig:
    if replicas < 1:
        raise UsageError(f"--replicas is {replicas}; expected 1 or more")
    _engine()
    folder = tiny_model(default_cache())
    tier = TierSettings(
        model=str(folder),
        revision=folder.name,
        gpus=0,
        cpus=0,
        replicas=replicas,
        max_length=ROOM,
        cache_mb=128,
        queue=1_000,
    )
    return RouterConfig(tiers={"TIER1": tier})


def _engine() -> None:
    if importlib.util.find_spec("vllm") is None:
        raise UsageError(
            "vLLM is not installed for this Python; expected QTest's extra gpu, or on a machine without one cpu (serve/lock-cpu.txt)"
        )


def _ready(config: RouterConfig) -> None:
    """What can be seen from here before anything is started. Raises UsageError."""
    for tier, settings in config.tiers.items():
        if ENGINE in config.chain(tier):
            _engine()
            if settings.is_folder and not (Path(settings.model).expanduser() / "config.json").is_file():
                raise UsageError(
                    f"tiers.{tier}.model is {settings.model}; expected a folder with a model's config.json and weights"
                )


def _serve(config: RouterConfig, host: str, port: int, key: str, made: str) -> None:
    for name, value in _PATIENT.items():
        os.environ.setdefault(name, value)
    from serve import deploy  # after the variables: Ray Serve reads them when it is imported

    _say("starting Ray and the engines, which takes a minute or two")
    try:
        with runtime.joined(os.environ.get("RAY_ADDRESS", "")):
            for one in (signal.SIGINT, signal.SIGTERM):  # Ray has its own, which end the process on the spot
                signal.signal(one, signal.default_int_handler)
            with deploy.serving(config, {**os.environ, KEY: key or made}, host, port):
                _tell(f"http://{host}:{port}", made)
                threading.Event().wait()
    except KeyboardInterrupt:
        _say("ended")


def _tell(address: str, made: str) -> None:
    if made:
        _say(f"made a key, as {KEY} is not set:\nexport {KEY}={made}")
    _say(f"listening on {address}; Ctrl-C ends it. For example:")
    body = '{"task_type": "summary", "context": "def f(x): return x", "max_tokens": 50}'
    _say(f"curl -X POST {address}/llm/generate -H \"Authorization: Bearer ${KEY}\" -d '{body}'")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())

"""The router as a server of its own: `python -m benchmarks.router.subject PORT ENGINE_PORT FOLDER`; its provider is the stub engine over HTTP."""

import sys
from pathlib import Path
from typing import Any

import uvicorn

from serve.access import Keys
from serve.app import app_of
from serve.config import RouterConfig, checked
from serve.providers.making import provider
from serve.setup import served

KEY = "sk-benchmark"


def table(engine_port: int, folder: Path) -> dict[str, Any]:
    """Budgets and cache on disk and in use, as in production; limits that are never reached."""
    limits = {"tokens": 10**12, "usd": 1e9}
    url = f"http://127.0.0.1:{engine_port}/v1"
    stub = {"kind": "openai", "model": "stub", "url": url, "in_flight": 256, "price": {"input_usd_per_million": 1.0}}
    return {
        "providers": {"stub": stub},
        "chains": {tier: ["stub"] for tier in ("TIER1", "TIER2", "TIER3")},
        "cache": {"folder": str(folder), "memory_mb": 8},
        "budgets": {"folder": str(folder), "run": limits, "repository": limits, "key": limits},
        "keys": [{"name": "benchmark", "env": "KEY", "per_minute": 10**9, "burst": 10**9}],
    }


def config(engine_port: int, folder: Path) -> RouterConfig:
    return checked(table(engine_port, folder), "benchmark")


def main(port: int, engine_port: int, folder: Path) -> None:
    settings = config(engine_port, folder)
    parts = served(
        settings,
        {tier: {"stub": provider(settings.providers["stub"], tier, {})} for tier in settings.chains},
    )
    app = app_of(parts, Keys(settings.keys, {"KEY": KEY}), settings.http)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))

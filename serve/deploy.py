"""The router and its tiers as one application of Ray Serve; `serve deploy serve/config.yaml` finds it here."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI
from ray import serve as ray_serve

from qtest.errors import ClusterError, UsageError
from qtest.records.completion import Tier
from serve.access import Keys, hashed
from serve.app import app_of
from serve.config import ENGINE, KeySettings, RouterConfig, checked
from serve.nodes import nodes
from serve.placement import absent
from serve.providers.making import named
from serve.providers.tier import TierProvider
from serve.setup import served
from serve.tiers import QUIET, EngineMaker, deployed, vllm_engine

NAME = "qtest"
_LOG = logging.getLogger("ray.serve")
_SPARE = 64  # above what the router lets in by itself, so that it is the one that says so
_OWN_KEY = KeySettings(name="qtest", env="QTEST_API_KEY")


def application(args: dict[str, Any]) -> Any:
    """From the settings in `args`, inside the cluster. Raises UsageError, which Ray Serve then shows as the application's state."""
    return built(checked(args, "args"), os.environ)


def built(config: RouterConfig, environ: Mapping[str, str], make: EngineMaker = vllm_engine) -> Any:
    """Tiers that find no GPUs are left out, and named. Only digests of the keys go on from here. Raises UsageError."""
    named(config, environ)  # so that a missing key is told here and not by a replica
    config = config.model_copy(update={"keys": hashed(config.keys or (_OWN_KEY,), environ)})
    lacking = absent(config.tiers, nodes())
    for line in lacking.values():
        _LOG.warning("%s; the other tiers come up without it", line)
    tiers = {
        tier: deployed(tier, settings, make)
        for tier, settings in config.tiers.items()
        if tier not in lacking and ENGINE in config.chain(tier)
    }
    if not tiers and not config.providers:
        raise UsageError(f"no tier can be brought up: {'; '.join(lacking.values())}")
    front: Any = ray_serve.deployment(
        ray_serve.ingress()(Front),
        name="router",
        ray_actor_options={"num_cpus": 0},
        logging_config=QUIET,
        max_ongoing_requests=config.http.in_flight + _SPARE,
    )
    return front.bind(config, tiers, lacking)


@contextmanager
def serving(
    config: RouterConfig, environ: Mapping[str, str], host: str, port: int, make: EngineMaker = vllm_engine
) -> Iterator[None]:
    """In the Ray that this process is in, from healthy until the end. Raises UsageError, ClusterError."""
    _LOG.setLevel(logging.WARNING)
    ray_serve.start(proxy_location="HeadOnly", http_options={"host": host, "port": port}, logging_config=QUIET)
    try:
        _up(built(config, environ, make))
        yield
    finally:
        _down()


def _up(made: Any) -> None:
    try:
        ray_serve.run(made, name=NAME, route_prefix="/")
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]  # a trace of another process
        raise ClusterError(f"the tiers do not come up: {lines[-1] if lines else type(error).__name__}") from error


def _down() -> None:
    ray_serve.shutdown()  # type: ignore[no-untyped-call]


class Front:
    """One, as it holds what is spent, remembered and in flight."""

    def __init__(self, config: RouterConfig, handles: Mapping[Tier, Any], lacking: Mapping[Tier, str]) -> None:
        providers = named(config, os.environ)
        for tier, handle in handles.items():
            providers.setdefault(tier, {})[ENGINE] = TierProvider(tier, config.tiers[tier], handle)
        self._config = config
        self._served = served(config, providers, lacking)

    def __serve_build_asgi_app__(self) -> FastAPI:
        return app_of(self._served, Keys(self._config.keys, {}), self._config.http)

    def __del__(self) -> None:
        if hasattr(self, "_served"):
            self._served.close()

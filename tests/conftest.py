"""What several folders of tests share: one local Ray for the session."""

import os
import warnings
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def ray_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Ray of two CPUs for the whole session, with a home of its own: Ray writes an authentication token there."""
    home = tmp_path_factory.mktemp("ray-home")
    before = {name: os.environ.get(name) for name in ("HOME", "RAY_worker_niceness", "RAY_AUTH_MODE")}
    os.environ.update(HOME=str(home), RAY_worker_niceness="0", RAY_AUTH_MODE="disabled")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="ray")
        import ray

        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, namespace="qtest-tests")
        try:
            yield ray
        finally:
            ray.shutdown()
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value

"""What several folders of tests share: one local Ray for the session, and one owner of a ledger there."""

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from qtest.adapters import sandbox as sandboxes
from qtest.errors import SandboxError
from qtest.ports import Sandbox

# a busy machine is no fault of what is tested
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def _session_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing is remembered in the user's own store, whatever a test runs."""
    with pytest.MonkeyPatch.context() as session:
        session.setenv("QTEST_STORE", str(tmp_path_factory.mktemp("session-store")))
        yield


@pytest.fixture(scope="session")
def sandboxed() -> Sandbox:
    """Skips, or fails where everything is required, on a machine where no sandbox holds."""
    try:
        return sandboxes.choose()
    except SandboxError as error:
        if os.environ.get("QTEST_REQUIRE_ALL") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(autouse=True)
def _own_store(_session_store: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing from test to test."""
    monkeypatch.setenv("QTEST_STORE", str(tmp_path / "qtest-store"))


@pytest.fixture(scope="session")
def ray_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Ray of two CPUs, started with a home of its own: Ray writes an authentication token there."""
    home = str(tmp_path_factory.mktemp("ray-home"))
    with pytest.MonkeyPatch.context() as session:
        session.setenv("RAY_AUTH_MODE", "disabled")
        session.setenv("RAY_worker_niceness", "0")
        with pytest.MonkeyPatch.context() as starting, warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="ray")
            starting.setenv("HOME", home)
            import ray

            ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, namespace="qtest-tests")
        yield ray
        ray.shutdown()


@pytest.fixture(scope="session")
def owner_of(ray_cluster: Any) -> Callable[[Path], Any]:
    """The same process each time, as the owner of another folder: an actor takes half a second to make."""
    from actors.ledger import LedgerOwner, RemoteLedgerOwner

    owner = RemoteLedgerOwner.options(num_cpus=0).remote("nowhere")

    def moved(folder: Path) -> Any:
        ray_cluster.get(owner.close.remote())
        ray_cluster.get(owner.__ray_call__.remote(LedgerOwner.__init__, str(folder)))
        return owner

    return moved


@pytest.fixture
def own_ledger(ray_cluster: Any, tmp_path: Path) -> Iterator[None]:
    """The session's cluster has the ledger that workers look for, in a folder of this test's."""
    from actors.ledger import find, owner

    owner(tmp_path / "ledger")
    yield
    ray_cluster.kill(find(), no_restart=True)

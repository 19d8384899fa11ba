"""Ray itself: one on this machine, or a cluster that is joined; and whether it is one that we can work on."""

import os
import platform
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ray
from ray._private import services

from actors.stages import Profile
from qtest.adapters.credentials.variables import withheld
from qtest.errors import ClusterError

NAMESPACE = "qtest"
PROBE_S = 60.0
ANSWER_S = 5.0
_TRIES = "RAY_gcs_server_port_wait_time_s"  # how often Ray asks for a cluster that answered a moment ago, each time for ten seconds


@dataclass(frozen=True)
class Cluster:
    """`tasks` are Ray's options for work that takes CPU; `width` how many such tasks fit at a time; `notes` are for the user."""

    profile: Profile
    tasks: dict[str, Any]
    width: int
    notes: tuple[str, ...] = ()


@contextmanager
def connected(address: str = "") -> Iterator[Cluster]:
    """Joins the cluster at `address`, or that of RAY_ADDRESS; else starts Ray here, which ends with this process. Raises ClusterError."""
    wanted = address or os.environ.get("RAY_ADDRESS", "")
    known = ray.is_initialized()
    with joined(wanted):
        yield _examined(joined=known or bool(wanted))


@contextmanager
def joined(address: str) -> Iterator[None]:
    """A cluster as it is, whether or not work could be done on it. Raises ClusterError."""
    if ray.is_initialized():
        yield
        return
    os.environ.setdefault("RAY_worker_niceness", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    with warnings.catch_warnings(), withheld():
        warnings.filterwarnings("ignore", module="ray")
        _start(address)
    try:
        yield
    finally:
        ray.shutdown()


def _must_answer(address: str) -> None:
    """Ray itself tries for minutes. Its own kinds of address are left to it; `auto` may mean a cluster that was here once, of which only
    the note on disk is left."""
    if address == "auto":
        address = _noted()
    host, _, port = address.rpartition(":")
    if address in ("auto", "local") or "://" in address:
        return
    if not host or not port.isdigit():
        raise ClusterError(f"--address {address}: is no address; expected HOST:PORT, such as 10.0.0.1:6379, or auto")
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER_S).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"the cluster at {address} cannot be had: {error}; see that it runs there (`ray status`), or leave --address out to work on this machine"
        ) from error


def _noted() -> str:
    """The address that `auto` means, `auto` where Ray knows none: then it says so itself."""
    try:
        return services.get_ray_address_from_environment("auto", None) or "auto"
    except ConnectionError:
        return "auto"


def _start(address: str) -> None:
    if address:
        _must_answer(address)
    quiet: dict[str, Any] = {"namespace": NAMESPACE, "log_to_driver": False, "logging_level": "ERROR"}
    try:
        if address:
            with _in_time():
                ray.init(address=address, **quiet)
        else:
            cores = max(1, len(os.sched_getaffinity(0)))
            ray.init("local", num_cpus=cores, resources={"sandbox": cores}, include_dashboard=True, **quiet)
    except Exception as error:
        lines = [line for line in str(error).strip().splitlines() if line.strip()]
        said = lines[0] if lines else type(error).__name__
        where = f"the cluster at {address}" if address else "Ray on this machine"
        hint = "see that it runs, and that its Ray and Python are ours" if address else "or work without it: --inline"
        raise ClusterError(
            f"{where} cannot be had: {said}; {hint} (Ray {ray.__version__}, Python {platform.python_version()})"
        ) from error


@contextmanager
def _in_time() -> Iterator[None]:
    """A cluster may die while it is joined, and Ray goes on asking for minutes."""
    asked = os.environ.get(_TRIES)
    os.environ[_TRIES] = asked or "2"
    try:
        yield
    finally:
        if asked is None:
            del os.environ[_TRIES]


def _examined(*, joined: bool) -> Cluster:
    notes: list[str] = []
    total: dict[str, float] = _asked(ray.cluster_resources)
    tasks: dict[str, Any] = {"num_cpus": 1, "scheduling_strategy": "SPREAD"}
    if total.get("sandbox", 0) >= 1:
        tasks["resources"] = {"sandbox": 1}
    elif joined:
        notes.append(
            "no node offers the resource `sandbox`: target code runs where there is a CPU (start nodes with --resources='{\"sandbox\": N}')"
        )
    slots = int(min(total.get("CPU", 0), total.get("sandbox", total.get("CPU", 0))))
    if slots < 1:
        raise ClusterError(
            "no node of the cluster offers a CPU; expected at least one: add a node, or start this one with --num-cpus"
        )
    if joined:
        _same_everywhere(tasks)
    many = len([node for node in _asked(ray.nodes) if node["Alive"]]) > 1
    return Cluster(profile="cluster" if many else "laptop", tasks=tasks, width=min(16, slots), notes=tuple(notes))


def _asked(question: Any) -> Any:
    """Ray's own questions have no types."""
    return question()


def _same_everywhere(tasks: dict[str, Any]) -> None:
    """One task tells what a worker has: in seconds, not in the middle of a run."""
    ref = ray.remote(_here).options(name="what a node has", **tasks).remote()
    try:
        found = ray.get(ref, timeout=PROBE_S)
    except ray.exceptions.GetTimeoutError as error:
        raise ClusterError(
            f"the cluster ran nothing for {PROBE_S:.0f} s; see whether its nodes have free slots"
        ) from error
    except ray.exceptions.RayError as error:
        last = str(error).strip().splitlines()[-1]
        raise ClusterError(
            f"QTest does not work on the cluster's nodes: {last}; install the same wheel there"
        ) from error
    if found != _here():
        raise ClusterError(f"the cluster's nodes have {found}, this is {_here()}; install the same there")


def _here() -> str:
    from qtest import __version__

    return f"QTest {__version__}, Ray {ray.__version__}, Python {'.'.join(platform.python_version_tuple()[:2])}"

"""Nothing gets out of any adapter, as root or not; and the battery would notice if something did."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pydantic
import pytest

import qtest
from qtest.adapters.sandbox import ADAPTERS, adapter
from qtest.records.sandbox import Promise

pytestmark = pytest.mark.sandbox
HERE = Path(__file__).parent
CONTROLS = (
    "read a file outside", "symlink out", "write outside", "TCP to the host", "abstract socket", "path socket",
    "UDP to the host", "datagram by path", "attributes of a file outside", "personality", "foreign secret", "signal", "limits of another",
)  # fmt: skip

MAY_BE_ABSENT = dict.fromkeys(
    ("disk", "disk by /tmp", "disk by /dev/shm", "disk by overlay", "files", "files by /dev/shm"), Promise.DISK_GROUP
)


def _battery() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sandbox_battery", HERE / "battery.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _unavailable(reason: str) -> None:
    if os.environ.get("QTEST_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _through(found: dict[str, str], levels: dict[str, str]) -> dict[str, str]:
    """What got out, but for what the adapter says itself that it does not hold."""
    return {
        name: result
        for name, result in found.items()
        if result != "stopped" and (name not in MAY_BE_ABSENT or levels[MAY_BE_ABSENT[name]] == "enforced")
    }


def _reachable_by_others() -> str:
    """Our interpreter and packages may be out of another user's reach; then the system's interpreter of the same version serves."""
    python = next((path for path in (sys.executable, "/usr/bin/python3") if _starts(path)), "")
    if not python:
        _unavailable("no interpreter that an ordinary user can start with our packages")
    return python


def _as_script(name: str, user: int) -> dict[str, Any]:
    done = _as_user(user, _reachable_by_others(), str(HERE / "battery.py"), name)
    assert done.returncode == 0, done.stderr[-2000:]
    said: dict[str, Any] = json.loads(done.stdout)
    assert len(said["found"]) > 48
    return said


@pytest.mark.parametrize("name", ADAPTERS)
def test_nothing_escapes(name: str) -> None:
    sandbox = adapter(name)()
    if sandbox.probe().missing:
        _unavailable(f"{name} does not hold here: {sandbox.probe().missing}")
    if name == "reduced" and os.geteuid() == 0:
        said = _as_script(name, 0)  # it cannot bring an interpreter nearer that lies out of reach
    else:
        said = {"found": _battery().attempt(sandbox), "levels": _battery().levels(sandbox)}
    assert len(said["found"]) > 48
    assert _through(said["found"], said["levels"]) == {}


@pytest.mark.root
@pytest.mark.parametrize("name", ADAPTERS)
def test_nothing_escapes_from_an_ordinary_user(name: str) -> None:
    if os.geteuid() != 0:
        _unavailable("the battery above has run as an ordinary user already")
    said = _as_script(name, 61000 + os.getpid() % 4000)  # whose processes are counted: nobody else's
    assert _through(said["found"], said["levels"]) == {}


@pytest.mark.root
@pytest.mark.parametrize("user", [0, 61234])
def test_where_namespaces_are_forbidden_the_reduced_one_is_chosen_and_holds(user: int) -> None:
    if os.geteuid() != 0:
        _unavailable("needs to be root, to be root once and an ordinary user once")
    said = _as_script("confined", user)
    assert said["name"] == "reduced"
    assert _through(said["found"], said["levels"]) == {}


@pytest.mark.parametrize("name", ["namespaces", "bwrap"])
def test_with_a_file_system_of_its_own_the_disk_is_bounded(name: str) -> None:
    found = adapter(name)().probe()
    if found.missing:
        _unavailable(f"{name} does not hold here: {found.missing}")
    assert {found.level(promise) for promise in (Promise.DISK_GROUP, Promise.NO_DAEMONS, Promise.LOOPBACK)} == {
        "enforced"
    }


def test_the_battery_sees_what_escapes() -> None:
    found = _battery().attempt(adapter("unsafe")(), walled=False, only=CONTROLS)
    expected = set(CONTROLS) if os.geteuid() == 0 else set(CONTROLS) - {"limits of another"}
    assert expected <= {name for name, result in found.items() if result == "escaped"}, found


def _starts(python: str) -> bool:
    try:
        return _as_user(61234, python, "-c", "import pydantic, qtest.adapters.sandbox.namespaces").returncode == 0
    except OSError:
        return False


def _as_user(user: int, python: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    packages = {str(Path(module.__file__ or "").resolve().parents[1]) for module in (qtest, pydantic)}
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONPATH": os.pathsep.join(packages), "PYTHONDONTWRITEBYTECODE": "1"
    }  # fmt: skip
    return subprocess.run(
        [python, *arguments],
        env=environment,
        cwd="/",
        user=user,
        group=user,
        extra_groups=[],
        capture_output=True,
        text=True,
    )

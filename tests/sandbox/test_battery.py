"""Nothing gets out of any adapter, as root or not; and the battery would notice if something did."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pydantic
import pytest

import qtest
from qtest.adapters.sandbox import ADAPTERS, adapter

pytestmark = pytest.mark.sandbox
HERE = Path(__file__).parent
CONTROLS = (
    "read a file outside", "symlink out", "write outside", "TCP to the host", "abstract socket", "path socket",
    "UDP to the host", "foreign secret", "signal", "limits of another",
)  # fmt: skip


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


def _through(found: dict[str, str]) -> dict[str, str]:
    return {name: result for name, result in found.items() if result != "stopped"}


@pytest.mark.parametrize("name", ADAPTERS)
def test_nothing_escapes(name: str) -> None:
    sandbox = adapter(name)()
    if sandbox.probe().missing:
        _unavailable(f"{name} does not hold here: {sandbox.probe().missing}")
    found = _battery().attempt(sandbox)
    assert len(found) > 45
    assert _through(found) == {}


@pytest.mark.root
@pytest.mark.parametrize("name", ADAPTERS)
def test_nothing_escapes_from_an_ordinary_user(name: str) -> None:
    """Our interpreter and packages may be out of that user's reach; then the system's interpreter of the same version serves."""
    if os.geteuid() != 0:
        _unavailable("the battery above has run as an ordinary user already")
    python = next((path for path in (sys.executable, "/usr/bin/python3") if _starts(path)), "")
    if not python:
        _unavailable("no interpreter that an ordinary user can start with our packages")
    done = _as_user(python, str(HERE / "battery.py"), name)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert len(found) > 45
    assert _through(found) == {}


def test_the_battery_sees_what_escapes() -> None:
    found = _battery().attempt(adapter("unsafe")(), walled=False, only=CONTROLS)
    expected = set(CONTROLS) if os.geteuid() == 0 else set(CONTROLS) - {"limits of another"}
    assert expected <= {name for name, result in found.items() if result == "escaped"}, found


def _starts(python: str) -> bool:
    try:
        return _as_user(python, "-c", "import pydantic, qtest.adapters.sandbox.namespaces").returncode == 0
    except OSError:
        return False


def _as_user(python: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    packages = {str(Path(module.__file__ or "").resolve().parents[1]) for module in (qtest, pydantic)}
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONPATH": os.pathsep.join(packages), "PYTHONDONTWRITEBYTECODE": "1"
    }  # fmt: skip
    return subprocess.run(
        [python, *arguments],
        env=environment,
        cwd="/",
        user=61234,
        group=61234,
        extra_groups=[],
        capture_output=True,
        text=True,
    )

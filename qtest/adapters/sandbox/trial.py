"""What a sandbox holds on this machine, found by trying to get out of it once."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qtest.adapters.sandbox.cgroup import possible
from qtest.errors import SandboxError
from qtest.ports import Session
from qtest.records.sandbox import Guarantee, Guarantees, Level, Limits, Promise, SandboxSpec

ATTEMPTS = Path(__file__).with_name("attempts.py")
_LIMITS = Limits(
    cpu_s=30,
    wall_s=30.0,
    memory=256 << 20,
    group_memory=128 << 20,
    processes=12,
    file_size=8 << 20,
    scratch=16 << 20,
    scratch_files=2000,
)
_DAEMON = "import os,sys,time\nif os.fork(): sys.exit()\nos.setsid()\nos.write(1, b'up')\ntime.sleep(600)"
_GONE_S = 2.0
_TOGETHER = """
import os, sys, time
for _ in range(4):
    if not os.fork():
        kept = b"x" * int(sys.argv[1])
        time.sleep(600)
os.wait()
"""
_TOGETHER_S = 10.0
_BESIDE: tuple[Level, str] = ("best effort", "no control group can be made here; a watchdog looks twice a second")

Open = Callable[[SandboxSpec], Session]


def guarantees(
    adapter: str,
    open_session: Open,
    notes: dict[Promise, tuple[Level, str]] | None = None,
    python: Sequence[str] = (),
) -> Guarantees:
    """Every promise: enforced only when the attempt against it was seen to fail. All absent when no session opens.

    `notes` says what no attempt can show: promises that are at most of the level given, with the reason. `python` is an
    interpreter with what it needs to start, ours unless given.
    """
    groups = possible()
    said = (notes or {}) if groups else {Promise.MEMORY_GROUP: _BESIDE, **(notes or {})}
    folder = Path(tempfile.mkdtemp(prefix="qtest-trial-"))
    secret = secrets.token_hex(8)
    try:
        (folder / "secret").write_text(secret)
        (folder / "secret").chmod(0o644)
        folder.chmod(0o755)
        with _victims(folder, secret) as facts:
            found = _attempt(
                open_session, python or interpreter(), groups, facts | {"folder": str(folder), "secret": secret}
            )
    except (SandboxError, OSError) as error:
        return Guarantees(
            adapter=adapter, items=tuple(Guarantee(promise=p, level="absent", detail=str(error)) for p in Promise)
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Guarantees(adapter=adapter, items=tuple(_judged(promise, found, said) for promise in Promise))


def _attempt(open_session: Open, needs: Sequence[str], groups: bool, facts: dict[str, Any]) -> dict[str, str]:
    victim: subprocess.Popen[bytes] = facts.pop("process")
    spec = SandboxSpec(readable=(str(ATTEMPTS), *needs), limits=_LIMITS)
    python = [needs[0], "-I", "-S"]
    facts |= _LIMITS.model_dump()
    with open_session(spec) as session:
        done = session.run([*python, str(ATTEMPTS)], stdin=json.dumps(facts | {"where": session.scratch}).encode())
        if not done.ok:
            raise SandboxError(f"the attempts could not be run: {(done.stderr or done.limit or str(done))[-300:]}")
        found: dict[str, str] = json.loads(done.stdout)
        slow = session.run([*python, "-c", "import time; time.sleep(600)"], wall_s=0.1)
        found[Promise.WALL] = "held" if slow.limit == "wall" else "escaped"
        session.run([*python, "-c", _DAEMON, str(facts["secret"])])
        found[Promise.NO_DAEMONS] = "held" if _gone(str(facts["secret"])) else "escaped"
        if groups:
            each = str(_LIMITS.group_memory // 2)
            short = session.run([*python, "-c", _TOGETHER, each], wall_s=_TOGETHER_S)
            found[Promise.MEMORY_GROUP] = "held" if short.limit == "memory" else "escaped"
    if victim.poll() is not None:
        found[Promise.NO_SIGNALS] = "escaped"
    if (Path(facts["folder"]) / "planted").exists():
        found[Promise.FILES_UNWRITABLE] = "escaped"
    return found


def _gone(mark: str) -> bool:
    """Looked at from outside, where all namespaces are seen into; the dead have no command line."""
    deadline = time.monotonic() + _GONE_S
    while any(mark.encode() in _command_line(path) for path in Path("/proc").glob("[0-9]*/cmdline")):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _command_line(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def interpreter() -> tuple[str, ...]:
    """What must be seen for our own interpreter to start: its real file and its library."""
    return tuple(dict.fromkeys((os.path.realpath(sys.executable), os.path.realpath(sys.base_prefix))))


@contextmanager
def _victims(folder: Path, secret: str) -> Iterator[dict[str, Any]]:
    """Listeners that nobody inside may reach, and a process, holding the secret in its environment, that none may signal."""
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as abstract, socket.socket(socket.AF_UNIX) as path:
        tcp.bind(("127.0.0.1", 0))
        abstract.bind(f"\0qtest-{secret}")
        _bind(path, folder)
        (folder / "socket").chmod(0o777)
        for server in (tcp, abstract, path):
            server.listen()
        victim = subprocess.Popen(["/bin/sleep", "120"], env={"SECRET": secret})
        try:
            yield {"port": tcp.getsockname()[1], "abstract": f"qtest-{secret}", "victim": victim.pid, "process": victim}
        finally:
            victim.kill()
            victim.wait()


def _bind(server: socket.socket, folder: Path) -> None:
    """By a way that is short however deep the folder lies: an address has room for 107 bytes."""
    here = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        server.bind(f"/proc/self/fd/{here}/socket")
    finally:
        os.close(here)


def _judged(promise: Promise, found: dict[str, str], notes: dict[Promise, tuple[Level, str]]) -> Guarantee:
    result = found.get(promise)
    level, detail = notes.get(promise, ("enforced" if result == "held" else "absent", ""))
    if result not in (None, "held"):
        level, detail = "absent", detail or "an attempt got through" if result == "escaped" else detail
    return Guarantee(promise=promise, level=level, detail=detail)

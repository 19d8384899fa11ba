"""What a sandbox holds on this machine, found by trying to get out of it once."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qtest.errors import SandboxError
from qtest.ports import Session
from qtest.records.sandbox import Guarantee, Guarantees, Level, Limits, Promise, SandboxSpec

ATTEMPTS = Path(__file__).with_name("attempts.py")
_LIMITS = Limits(
    cpu_s=30, wall_s=30.0, memory=256 << 20, processes=12, file_size=8 << 20, scratch=16 << 20, scratch_files=2000
)
_DAEMON = "import os,sys,time\nif os.fork(): sys.exit()\nos.setsid()\nos.write(1, b'up')\ntime.sleep(600)"
_LEFT = (
    "import glob\nprint(sum(b'time.sleep(600)' in open(p, 'rb').read() for p in glob.glob('/proc/[0-9]*/cmdline')) - 1)"
)

Open = Callable[[SandboxSpec], Session]


def guarantees(adapter: str, open_session: Open, notes: dict[Promise, tuple[Level, str]] | None = None) -> Guarantees:
    """Every promise: enforced only when the attempt against it was seen to fail. All absent when no session opens.

    `notes` says what cannot be tried here: promises with the level and the reason the adapter gives itself.
    """
    folder = Path(tempfile.mkdtemp(prefix="qtest-trial-"))
    secret = secrets.token_hex(8)
    try:
        (folder / "secret").write_text(secret)
        (folder / "secret").chmod(0o644)
        folder.chmod(0o755)
        with _victims(folder, secret) as facts:
            found = _attempt(open_session, facts | {"folder": str(folder), "secret": secret})
    except (SandboxError, OSError) as error:
        return Guarantees(
            adapter=adapter, items=tuple(Guarantee(promise=p, level="absent", detail=str(error)) for p in Promise)
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Guarantees(adapter=adapter, items=tuple(_judged(promise, found, notes or {}) for promise in Promise))


def _attempt(open_session: Open, facts: dict[str, Any]) -> dict[str, str]:
    victim: subprocess.Popen[bytes] = facts.pop("process")
    spec = SandboxSpec(readable=(str(ATTEMPTS), *interpreter()), limits=_LIMITS)
    python = [os.path.realpath(sys.executable), "-I", "-S"]
    facts |= _LIMITS.model_dump()
    with open_session(spec) as session:
        done = session.run([*python, str(ATTEMPTS)], stdin=json.dumps(facts | {"where": session.scratch}).encode())
        if not done.ok:
            raise SandboxError(f"the attempts could not be run: {(done.stderr or done.limit or str(done))[-300:]}")
        found: dict[str, str] = json.loads(done.stdout)
        slow = session.run([*python, "-c", "import time; time.sleep(600)"], wall_s=0.1)
        found[Promise.WALL] = "held" if slow.limit == "wall" else "escaped"
        session.run([*python, "-c", _DAEMON])
        left = session.run([*python, "-c", _LEFT])
        found[Promise.NO_DAEMONS] = "held" if left.stdout.strip() == "0" else "escaped"
    if victim.poll() is not None:
        found[Promise.NO_SIGNALS] = "escaped"
    if (Path(facts["folder"]) / "planted").exists():
        found[Promise.FILES_UNWRITABLE] = "escaped"
    return found


def interpreter() -> tuple[str, ...]:
    """What must be seen for our own interpreter to start: its real file and its library."""
    return tuple(dict.fromkeys((os.path.realpath(sys.executable), os.path.realpath(sys.base_prefix))))


@contextmanager
def _victims(folder: Path, secret: str) -> Iterator[dict[str, Any]]:
    """Listeners that nobody inside may reach, and a process, holding the secret in its environment, that none may signal."""
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as abstract, socket.socket(socket.AF_UNIX) as path:
        tcp.bind(("127.0.0.1", 0))
        abstract.bind(f"\0qtest-{secret}")
        path.bind(str(folder / "socket"))
        (folder / "socket").chmod(0o777)
        for server in (tcp, abstract, path):
            server.listen()
        victim = subprocess.Popen(["/bin/sleep", "120"], env={"SECRET": secret})
        try:
            yield {"port": tcp.getsockname()[1], "abstract": f"qtest-{secret}", "victim": victim.pid, "process": victim}
        finally:
            victim.kill()
            victim.wait()


def _judged(promise: Promise, found: dict[str, str], notes: dict[Promise, tuple[Level, str]]) -> Guarantee:
    result = found.get(promise)
    if result == "held":
        return Guarantee(promise=promise, level="enforced")
    if result is None and promise in notes:
        return Guarantee(promise=promise, level=notes[promise][0], detail=notes[promise][1])
    return Guarantee(promise=promise, level="absent", detail="an attempt got through" if result == "escaped" else "")

"""Opens one session and runs every escape in it, between victims outside. Also run as a script, as another user."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from qtest.ports import Sandbox
from qtest.records.sandbox import Limits, SandboxSpec

ESCAPES = Path(__file__).with_name("escapes.py")
LIMITS = Limits(
    cpu_s=30, wall_s=60.0, memory=256 << 20, processes=16, file_size=8 << 20, scratch=24 << 20, scratch_files=800
)


def interpreter() -> tuple[str, ...]:
    return (os.path.realpath(sys.executable), os.path.realpath(sys.base_prefix))


def attempt(sandbox: Sandbox, *, walled: bool = True, only: Sequence[str] = ()) -> dict[str, str]:
    """How every attempt ended, judged outside where it can be."""
    folder = Path(tempfile.mkdtemp(prefix="qtest-battery-"))
    folder.chmod(0o755)
    try:
        return _attempt(sandbox, folder, walled, only)
    finally:
        shutil.rmtree(folder)


def levels(sandbox: Sandbox) -> dict[str, str]:
    return {item.promise: item.level for item in sandbox.probe().items}


def _attempt(sandbox: Sandbox, folder: Path, walled: bool, only: Sequence[str]) -> dict[str, str]:
    secret = secrets.token_hex(8)
    outside, readable, overlaid = folder / "outside", folder / "readable", folder / "overlaid"
    for each in (outside, readable, overlaid):
        each.mkdir()
    outside.chmod(0o777)
    (outside / "secret").write_text(secret)
    (readable / "file").write_text("kept")
    (overlaid / "file").write_text("kept")
    with (
        socket.socket() as tcp,
        socket.socket(type=socket.SOCK_DGRAM) as udp,
        _unix("\0qtest-" + secret),
        _unix(str(outside / "socket")),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mailbox,
    ):
        for each in (tcp, udp):
            each.bind(("127.0.0.1", 0))
        tcp.listen()
        mailbox.bind(str(outside / "mailbox"))
        (outside / "mailbox").chmod(0o777)
        for each in (udp, mailbox):
            each.setblocking(False)
        (outside / "socket").chmod(0o777)
        victim = subprocess.Popen(["/bin/sleep", "300"], env={"SECRET": secret})
        try:
            facts = {
                "secret": secret, "secret_path": str(outside / "secret"), "outside": str(outside), "readable": str(readable),
                "overlaid": str(overlaid), "tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1], "abstract": f"qtest-{secret}",
                "victim": victim.pid, "walled": walled, "only": list(only), "scratch_size": LIMITS.scratch,
                "scratch_files": LIMITS.scratch_files, "memory": LIMITS.memory, "file_size": LIMITS.file_size, "processes": LIMITS.processes,
            }  # fmt: skip
            spec = SandboxSpec(
                readable=(str(ESCAPES), str(readable), *interpreter()), overlaid=(str(overlaid),), limits=LIMITS
            )
            with sandbox.open(spec) as session:
                command = [os.path.realpath(sys.executable), "-I", "-S", str(ESCAPES)]
                done = session.run(command, stdin=json.dumps(facts | {"scratch": session.scratch}).encode())
                assert done.ok, done
                found: dict[str, str] = json.loads(done.stdout)
            if victim.poll() is not None:
                found["signal"] = "escaped"
            if (outside / "planted").exists():
                found["write outside"] = "escaped"
            if sorted(each.name for each in overlaid.iterdir()) != ["file"]:
                found["what was written is gone"] = "escaped"
            if outside.stat().st_mode & 0o7777 != 0o777 or (outside / "secret").stat().st_mtime < 1000:
                found["attributes of a file outside"] = "escaped"
            for name, receiver in (("UDP to the host", udp), ("datagram by path", mailbox)):
                try:
                    receiver.recv(1)
                    found[name] = "escaped"
                except BlockingIOError:
                    pass
            return found
        finally:
            victim.kill()
            victim.wait()


def _unix(address: str) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen()
    return server


if __name__ == "__main__":
    from qtest.adapters.sandbox import adapter, choose, seccomp

    if sys.argv[1] == "confined":
        seccomp.install()  # as in a container that forbids namespaces
        chosen = choose()
    else:
        chosen = adapter(sys.argv[1])()
    print(json.dumps({"name": chosen.name, "levels": levels(chosen), "found": attempt(chosen)}))

"""Run inside a sandbox: tries to get out of it, and prints as JSON how each attempt ended: `held`, `escaped` or `broken`."""

import glob
import json
import os
import resource
import signal
import socket
import sys
import time
from typing import Any


def main() -> None:
    facts = json.loads(sys.stdin.read())
    found = {}
    for attempt in (
        reads,
        writes,
        connects,
        finds_secrets,
        signals,
        has_loopback,
        fills_disk,
        takes_memory,
        cpu_limit,
        forks,
    ):
        name, result = attempt(facts)
        found[name] = result
    print(json.dumps(found))


def reads(facts: dict[str, Any]) -> tuple[str, str]:
    try:
        with open(f"{facts['folder']}/secret") as file:
            return "files outside unreadable", "escaped" if facts["secret"] in file.read() else "held"
    except OSError:
        return "files outside unreadable", "held"


def writes(facts: dict[str, Any]) -> tuple[str, str]:
    for path in (f"{facts['folder']}/planted", "/usr/qtest-planted", "/etc/qtest-planted", "/qtest-planted"):
        try:
            with open(path, "w") as file:
                file.write("x")
            return "files outside unwritable", "escaped"
        except OSError:
            pass
    return "files outside unwritable", "held"


def connects(facts: dict[str, Any]) -> tuple[str, str]:
    targets = [
        (socket.AF_INET, ("127.0.0.1", facts["port"])),
        (socket.AF_UNIX, "\0" + facts["abstract"]),
        *((socket.AF_UNIX, path) for path in _sockets(facts["folder"])),
    ]
    for family, address in targets:
        try:
            with socket.socket(family, socket.SOCK_STREAM) as attempt:
                attempt.settimeout(2)
                attempt.connect(address)
            return "no network", "escaped"
        except OSError:
            pass
    return "no network", "held"


def _sockets(folder: str) -> list[str]:
    """The one that listens there, by its path, and by a shorter way for a path that is too long for an address."""
    try:
        return [f"{folder}/socket", f"/proc/self/fd/{os.open(folder, os.O_PATH | os.O_DIRECTORY)}/socket"]
    except OSError:
        return [f"{folder}/socket"]


def finds_secrets(facts: dict[str, Any]) -> tuple[str, str]:
    wanted = facts["secret"].encode()
    for path in [*glob.glob("/proc/[0-9]*/environ"), *glob.glob("/proc/[0-9]*/cmdline")]:
        try:
            with open(path, "rb") as file:
                if wanted in file.read():
                    return "no foreign secrets", "escaped"
        except OSError:
            pass
    return "no foreign secrets", "escaped" if any(facts["secret"] in value for value in os.environ.values()) else "held"


def signals(facts: dict[str, Any]) -> tuple[str, str]:
    """Whoever sent us looks whether it is still alive."""
    try:
        os.kill(facts["victim"], signal.SIGTERM)
    except OSError:
        pass
    return "no signals to others", "held"


def has_loopback(facts: dict[str, Any]) -> tuple[str, str]:
    try:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            with socket.create_connection(server.getsockname(), 2):
                return "own loopback usable", "held"
    except OSError:
        return "own loopback usable", "broken"


def fills_disk(facts: dict[str, Any]) -> tuple[str, str]:
    block = b"x" * (1 << 20)
    written = 0
    try:
        for number in range(1 + facts["scratch"] * 2 // facts["file_size"]):
            with open(f"{facts['where']}/fill{number}", "wb", buffering=0) as file:
                while file.tell() + len(block) <= facts["file_size"]:
                    written += file.write(block)
    except OSError:
        pass
    count = 0
    try:
        for count in range(facts["scratch_files"] * 2):
            os.close(os.open(f"{facts['where']}/fill-empty{count}", os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError:
        pass
    for path in glob.glob(f"{facts['where']}/fill*"):
        os.unlink(path)
    much = written > facts["scratch"] * 1.5 or count > facts["scratch_files"] * 1.5
    return "disk of the group bounded", "escaped" if much else "held"


def takes_memory(facts: dict[str, Any]) -> tuple[str, str]:
    try:
        bytearray(facts["memory"] * 2)
    except MemoryError:
        return "memory of a process bounded", "held"
    return "memory of a process bounded", "escaped"


def cpu_limit(facts: dict[str, Any]) -> tuple[str, str]:
    return "cpu time bounded", "held" if resource.getrlimit(resource.RLIMIT_CPU) == (
        facts["cpu_s"],
        facts["cpu_s"],
    ) else "escaped"


def forks(facts: dict[str, Any]) -> tuple[str, str]:
    children = []
    try:
        for _ in range(facts["processes"] + 2):
            pid = os.fork()
            if pid == 0:
                time.sleep(60)
                os._exit(0)
            children.append(pid)
        result = "escaped"
    except OSError:
        result = "held"
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return "processes bounded", result


if __name__ == "__main__":
    main()

"""Runs just before bubblewrap: waits to be put into a group; as root, puts the paths to show where another user can reach them
and becomes that user.
"""

import json
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from qtest.adapters.sandbox import syscalls as sys_

_WHERE = "/tmp"
_SOURCE = "source:"


def main() -> NoReturn:
    """Arguments: as JSON the identity and the paths; then the command, in which `source:N` stands for path N."""
    order = json.loads(sys.argv[2])
    os.read(order["gate"], 1)
    os.close(order["gate"])
    sources = order["sources"]
    if os.geteuid() == 0:
        try:
            sources = _placed(sources)
        except OSError:
            pass  # no right to mount: what that user cannot reach, bubblewrap will refuse
        os.setgroups([])
        os.setresgid(order["gid"], order["gid"], order["gid"])
        os.setresuid(order["uid"], order["uid"], order["uid"])
    command = filled(sys.argv[3:], sources)
    os.execve(command[0], command, {})  # noqa: S606


def told(uid: int, gid: int, sources: Sequence[str], gate: int) -> str:
    return json.dumps({"uid": uid, "gid": gid, "sources": list(sources), "gate": gate})


def source(number: int) -> str:
    return f"{_SOURCE}{number}"


def filled(command: Sequence[str], sources: Sequence[str]) -> list[str]:
    places = {source(number): path for number, path in enumerate(sources)}
    return [places.get(argument, argument) for argument in command]


def _placed(sources: Sequence[str]) -> list[str]:
    """In a mount namespace of our own, so that it is gone with us. Opened first: some may lie where the places will be."""
    sys_.unshare(sys_.CLONE_NEWNS)
    sys_.mount("none", "/", flags=sys_.MS_REC | sys_.MS_PRIVATE)
    held = [os.open(path, os.O_PATH | os.O_CLOEXEC) for path in sources]
    sys_.mount("tmpfs", _WHERE, "tmpfs", sys_.MS_NOSUID | sys_.MS_NODEV, "size=4m,nr_inodes=4096,mode=755")
    places = []
    for number, fd in enumerate(held):
        place = f"{_WHERE}/{number}"
        if os.path.isdir(f"/proc/self/fd/{fd}"):
            os.mkdir(place, 0o755)
        else:
            os.close(os.open(place, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
        sys_.mount(f"/proc/self/fd/{fd}", place, flags=sys_.MS_BIND | sys_.MS_REC)
        places.append(place)
    return places

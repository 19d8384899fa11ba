"""What a caller's spec becomes for process 1: checked paths, an environment, and another identity when we are root."""

import itertools
import os
import stat
from collections.abc import Sequence

from qtest.adapters.sandbox.root import SCRATCH
from qtest.errors import SandboxError
from qtest.records.sandbox import SandboxSpec

_FIRST_UID = 0x4000_0000  # far from what any system hands out
_count = itertools.count()


def inner(spec: SandboxSpec, identity: int, scratch: str = SCRATCH) -> dict[str, object]:
    """What process 1 is told. Raises SandboxError for a path that is not there, or that the code inside could not use."""
    told = {
        "readable": _shown(spec.readable),
        "overlaid": [_resolved(path) for path in spec.overlaid],
        "cwd": spec.cwd,
        "env": {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": scratch,
            "TMPDIR": scratch,
            "LC_ALL": "C.UTF-8",
            **dict(spec.env),
        },
        "uid": identity,
        "gid": identity,
        "scratch": spec.limits.scratch,
        "scratch_files": spec.limits.scratch_files,
        "limits": spec.limits.model_dump(),
    }
    if os.geteuid() == 0:
        for path in spec.readable:
            _must_be_open(path)
        for path in spec.overlaid:
            _make_open(path)
    return told


def new_identity() -> int:
    """A user that nobody else is; as root each session gets its own, so that its process limit is its own."""
    return _FIRST_UID + (os.getpid() * 64 + next(_count)) % 0x1000_0000


def _shown(paths: Sequence[str]) -> list[tuple[str, str]]:
    """What lies in another shown folder comes with it; of a link in one, what it leads to must be shown where it is."""
    asked = [_resolved(path) for path in paths]
    places = [inside for _, inside in asked]
    kept = [(real, inside) for real, inside in asked if not _below(inside, places)]
    led_to = [(real, real) for real, inside in asked if real != inside and _below(inside, places)]
    return kept + [
        (real, there) for real, there in dict.fromkeys(led_to) if there not in places and not _below(there, places)
    ]


def _below(path: str, folders: Sequence[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)


def _resolved(path: str) -> tuple[str, str]:
    real = os.path.realpath(path)
    if not os.path.isabs(path) or not os.path.exists(real):
        raise SandboxError(f"{path} cannot be shown to the code inside: there is no such path")
    return real, os.path.normpath(path)


def _must_be_open(path: str) -> None:
    """As root the code inside is another user: what only we may read it could not see, and would fail without a word."""
    mode = os.stat(path).st_mode
    wanted = 0o5 if stat.S_ISDIR(mode) else 0o4
    if mode & wanted != wanted:
        raise SandboxError(
            f"{path} cannot be shown to the code inside: others may not read it (mode {mode & 0o777:o}); chmod o+rX it"
        )


def _make_open(folder: str) -> None:
    """Let every user read and write a private copy: the code inside has another identity than we have."""
    for path, folders, files in os.walk(folder):
        for name in (*folders, *files, "."):
            where = os.path.join(path, name)
            if os.path.islink(where):
                continue
            mode = os.stat(where).st_mode
            wanted = mode | (0o777 if os.path.isdir(where) else 0o666 | (0o111 if mode & 0o100 else 0))
            if wanted != mode:
                os.chmod(where, wanted)

"""The reviewed alternative: bubblewrap builds the walls, our process 1 serves behind them.

Bubblewrap starts with an empty environment and never as root. Our interpreter and this folder can be seen inside, read-only.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from qtest.adapters.sandbox import stage, trial
from qtest.adapters.sandbox.asked import inner, new_identity
from qtest.adapters.sandbox.cgroup import bounded
from qtest.adapters.sandbox.link import INTERPRETER, PACKAGE, Link
from qtest.adapters.sandbox.root import DEVICES, ETC, LINKS, SCRATCH, SYSTEM, written
from qtest.adapters.sandbox.session import ProcessSession
from qtest.errors import SandboxError
from qtest.records.sandbox import SandboxSpec

_BOOT = "/qtest-boot"
_STAGE = "import sys; sys.path[:0] = [sys.argv[1]]; from qtest.adapters.sandbox.stage import main; main()"
_FOLDERS = ("/usr/bin", "/bin", "/usr/local/bin")


def build(spec: SandboxSpec) -> ProcessSession:
    """For `Proven`, which asks before opening what these walls hold."""
    program = shutil.which("bwrap", path=os.pathsep.join(_FOLDERS))
    if not program:
        raise SandboxError("bubblewrap is not installed")
    identity = new_identity()
    as_root = os.geteuid() == 0
    uid, gid = (identity, identity) if as_root else (os.getuid(), os.getgid())
    told = inner(spec, identity)
    view = _View(told, uid, gid)
    with _files(written(uid, gid)) as files:
        command = [program, *view.arguments(files), "--"]
        told |= {"stores": view.stores, "copies": view.copies}
        with bounded(spec.limits) as group, _gate() as (gate, go):

            def started(process: int) -> None:
                if group:
                    group.add(process)
                os.write(go, b"x")

            if as_root or group:
                first = stage.told(uid, gid, view.sources, gate)
                command = [INTERPRETER, "-I", "-S", "-c", _STAGE, PACKAGE, first, *command]
            else:
                command = stage.filled(command, view.sources)
            fds = [gate, *files.values()]
            link = Link("walled", told, before=command, package=_BOOT, pass_fds=fds, started=started)
            return ProcessSession(link, SCRATCH, spec.limits, group=group)


class _View:
    """What is shown, as bubblewrap's arguments. The bounds on disk are shared out evenly among the places to write."""

    def __init__(self, told: dict[str, Any], uid: int, gid: int) -> None:
        self.sources: list[str] = []
        self.copies: list[tuple[str, str]] = []
        self.stores: list[tuple[str, int, int]] = []
        self._told, self._uid, self._gid = told, uid, gid
        places = 3 + len(told["overlaid"])
        self._size, self._files = told["scratch"] // places, told["scratch_files"] // places

    def arguments(self, files: dict[str, int]) -> list[str]:
        return [
            *[
                "--unshare-user",
                "--unshare-ipc",
                "--unshare-pid",
                "--unshare-net",
                "--unshare-uts",
                "--unshare-cgroup-try",
            ],
            *["--as-pid-1", "--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox"],
            *("--uid", str(self._uid), "--gid", str(self._gid)),
            *["--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETPCAP"],
            *_system(),
            *(part for name, fd in files.items() for part in ("--perms", "0644", "--file", str(fd), f"/etc/{name}")),
            *("--proc", "/proc"),
            *_devices(),
            *self._store("/dev/shm", "1777"),
            *self._store("/tmp", "1777"),
            *self._store(SCRATCH, "0700"),
            *self._asked(),
            *self._own(),
            *("--remount-ro", "/", "--chdir", "/"),
        ]

    def _store(self, where: str, mode: str, size: int = 0, files: int = 0) -> list[str]:
        size, files = size + self._size, files + self._files
        self.stores.append((where, size, files))
        return ["--perms", mode, "--size", str(size), "--tmpfs", where]

    def _asked(self) -> Iterator[str]:
        """Shallow paths first, so that one may lie in another."""
        asked = [(inside, outside, False) for outside, inside in self._told["readable"]]
        asked += [(inside, outside, True) for outside, inside in self._told["overlaid"]]
        for number, (inside, outside, writable) in enumerate(sorted(asked)):
            if writable:
                lower = f"{_BOOT}/{number}"
                self.copies.append((lower, inside))
                yield from self._store(inside, "0755", *_measured(outside))
                yield from self._bound(outside, lower)
            elif not _in_system(inside):
                yield from self._bound(outside, inside)

    def _own(self) -> Iterator[str]:
        for part in ("qtest/__init__.py", "qtest/adapters/__init__.py", "qtest/adapters/sandbox"):
            yield from self._bound(f"{PACKAGE}/{part}", f"{_BOOT}/{part}")
        shown = [inside for _, inside in self._told["readable"]]
        for path in trial.interpreter():
            if not any(path == other or path.startswith(f"{other}/") for other in shown) and not _in_system(path):
                yield from self._bound(path, path)
                shown.append(path)

    def _bound(self, outside: str, inside: str) -> list[str]:
        self.sources.append(outside)
        return ["--ro-bind", stage.source(len(self.sources) - 1), inside]


def _system() -> Iterator[str]:
    for name in SYSTEM:
        path = f"/{name}"
        if os.path.islink(path):
            yield from ("--symlink", os.readlink(path), path)
        elif os.path.isdir(path):
            yield from ("--ro-bind", path, path)
    for name in ETC:
        path = f"/etc/{name}"
        if os.path.islink(path):
            yield from ("--symlink", os.readlink(path), path)
        else:
            yield from ("--ro-bind-try", path, path)


def _devices() -> Iterator[str]:
    """Not by `--dev`: for its terminals bubblewrap would put us into a second user namespace, where no mount may be bounded."""
    for name in DEVICES:
        yield from ("--dev-bind", f"/dev/{name}", f"/dev/{name}")
    for name, target in LINKS:
        yield from ("--symlink", target, f"/dev/{name}")
    for name in ("pts", "shm"):
        yield from ("--perms", "0755", "--dir", f"/dev/{name}")


def _in_system(path: str) -> bool:
    return any(path == f"/{name}" or path.startswith(f"/{name}/") for name in SYSTEM if os.path.isdir(f"/{name}"))


def _measured(folder: str) -> tuple[int, int]:
    """Bytes and files below, as a file system of pages counts them."""
    size, count = 0, 1
    for path, folders, files in os.walk(folder):
        count += len(folders) + len(files)
        size += sum(os.lstat(os.path.join(path, name)).st_size + 4096 for name in files)
    return size, count


@contextmanager
def _gate() -> Iterator[tuple[int, int]]:
    """Bubblewrap starts processes at once: it must not, before it is in its group."""
    behind, before = os.pipe()
    try:
        yield behind, before
    finally:
        os.close(behind)
        os.close(before)


@contextmanager
def _files(texts: Sequence[tuple[str, str]]) -> Iterator[dict[str, int]]:
    held: dict[str, int] = {}
    try:
        for name, text in texts:
            held[name] = os.memfd_create(name)
            os.write(held[name], text.encode())
            os.lseek(held[name], 0, os.SEEK_SET)
        yield held
    finally:
        for fd in held.values():
            os.close(fd)

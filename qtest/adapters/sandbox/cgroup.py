"""A control group around all of a session: memory and processes together, by the kernel; versions 1 and 2.

A child of the group that we are in ourselves, so that whatever bounds us goes on bounding what we start. No group of ours is
changed, but that version 2 has to be told to hand its controllers down.
"""

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qtest.records.sandbox import Limits

_OURS = "qtest-"
_SPARE = 8  # processes of ours in the group: those that build the walls and serve
_STALE_S = 60.0
_GONE_S = 3.0
_count = itertools.count()


class Group:
    """Raises OSError where none can be made: `create` asks first."""

    def __init__(self, folders: dict[str, Path], limits: Limits, version: int) -> None:
        self._folders = tuple(dict.fromkeys(folders.values()))
        self._events = folders["memory"] / ("memory.events" if version == 2 else "memory.oom_control")
        try:
            for folder in self._folders:
                folder.mkdir()
            for controller, name, value in _settings(limits, version):
                _write(folders[controller] / name, value)
            for controller, name, value in _swap(limits, version):
                with suppress(FileNotFoundError, PermissionError):  # a kernel that does not count swap
                    _write(folders[controller] / name, value)
            self.hits()
        except BaseException:
            self.remove()
            raise

    def add(self, process: int) -> None:
        """It and all that it will start."""
        for folder in self._folders:
            _write(folder / "cgroup.procs", str(process))

    def hits(self) -> int:
        """How many processes the kernel has killed in it for want of memory."""
        for line in self._events.read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == "oom_kill":
                return int(value)
        raise OSError(f"{self._events} does not count what was killed")

    def remove(self) -> None:
        """Call once nothing inside lives; the dead need a moment to be gone."""
        deadline = time.monotonic() + _GONE_S
        for folder in self._folders:
            while not _removed(folder) and time.monotonic() < deadline:
                time.sleep(0.005)


def create(limits: Limits) -> Group | None:
    """None where no group can be made for us."""
    name = f"{_OURS}{os.getpid()}-{next(_count)}"
    for version, homes in _homes():
        try:
            if version == 2:
                _hand_down(homes["memory"])
            for home in homes.values():
                _sweep(home)
            return Group({controller: home / name for controller, home in homes.items()}, limits, version)
        except OSError:
            continue
    return None


def possible() -> bool:
    """Whether `create` would make one."""
    group = create(Limits())
    if group:
        group.remove()
    return group is not None


@contextmanager
def bounded(limits: Limits) -> Iterator[Group | None]:
    """A group for a session about to be started, removed when that fails."""
    group = create(limits)
    try:
        yield group
    except BaseException:
        if group:
            group.remove()
        raise


def _settings(limits: Limits, version: int) -> Iterator[tuple[str, str, str]]:
    yield "memory", "memory.max" if version == 2 else "memory.limit_in_bytes", str(limits.group_memory)
    yield "pids", "pids.max", str(limits.processes + _SPARE)


def _swap(limits: Limits, version: int) -> Iterator[tuple[str, str, str]]:
    if version == 2:
        yield "memory", "memory.swap.max", "0"
    else:
        yield "memory", "memory.memsw.limit_in_bytes", str(limits.group_memory)


def _homes() -> Iterator[tuple[int, dict[str, Path]]]:
    """The folders of our own groups, as (version, by controller)."""
    try:
        ours = dict(_ours())
        mounts = list(_mounts())
    except OSError:
        return
    both = ("memory", "pids")
    first: dict[str, Path] = {
        controller: where / path
        for controller in both
        for kind, where, root, options in mounts
        if kind == "cgroup" and controller in options and (path := _below(ours.get(controller, ""), root)) is not None
    }
    if len(first) == 2:
        yield 1, first
    for kind, where, root, _ in mounts:
        path = _below(ours.get("", ""), root)
        if kind == "cgroup2" and path is not None:
            yield 2, dict.fromkeys(both, where / path)


def _ours() -> Iterator[tuple[str, str]]:
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            yield controller, path


def _mounts() -> Iterator[tuple[str, Path, str, list[str]]]:
    """Type, where, which part of the hierarchy is seen there, and options, of which controllers are some."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind in ("cgroup", "cgroup2"):
            root, where = before.split(" ")[3:5]
            yield kind, Path(where), root, options.split(",")


def _below(path: str, root: str) -> str | None:
    if not path.startswith("/") or "/.." in path:
        return None  # no such controller, or a group that cannot be seen from here
    if root == "/":
        return path.lstrip("/")
    return path[len(root) :].lstrip("/") if path == root or path.startswith(f"{root}/") else None


def _hand_down(home: Path) -> None:
    """Raises OSError where the kernel forbids it, as in a group that has processes of its own and is not the first one."""
    handed = (home / "cgroup.subtree_control").read_text().split()
    for controller in ("memory", "pids"):
        if controller not in handed:
            _write(home / "cgroup.subtree_control", f"+{controller}")


def _sweep(home: Path) -> None:
    """Groups of processes that were killed before they could clean up; the kernel refuses to remove one that is in use."""
    for folder in home.glob(f"{_OURS}*-*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _STALE_S and not (folder / "cgroup.procs").read_text():
                folder.rmdir()


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _write(path: Path, value: str) -> None:
    """Never creates a file: where that is possible, it is no control group."""
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, value.encode())
    finally:
        os.close(fd)

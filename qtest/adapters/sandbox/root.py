"""The file system a session sees: a sized, read-only root with the system's libraries, the paths asked for, and scratch."""

import ctypes
import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from qtest.adapters.sandbox import syscalls as sys_

SCRATCH = "/scratch"
SYSTEM = ("usr", "bin", "sbin", "lib", "lib64", "lib32", "libx32")
ETC = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "localtime",
    "timezone",
    "mime.types",
    "debian_version",
    "os-release",
    "protocols",
    "services",
)
DEVICES = ("null", "zero", "full", "random", "urandom")
LINKS = (
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("ptmx", "pts/ptmx"),
)
_MOUNT_SETATTR = 442
_RDONLY, _NOSUID, _NODEV = 1, 2, 4
_RECURSIVE = 0x8000


@dataclass(frozen=True)
class View:
    """`readable` and `overlaid` are paths outside with no links in them, each with the path it has inside; sizes in bytes."""

    readable: Sequence[tuple[str, str]]
    overlaid: Sequence[tuple[str, str]]
    uid: int
    gid: int
    size: int
    files: int
    user_namespace: bool


def enter(view: View) -> None:
    """Make it this process's root. Needs a mount namespace of our own; afterwards nothing of the old root can be reached."""
    sys_.mount("none", "/", flags=sys_.MS_REC | sys_.MS_PRIVATE)
    _tmpfs("/tmp", view.size + (4 << 20), view.files + 4096)
    os.mkdir("/tmp/old")
    sys_.pivot_root("/tmp", "/tmp/old")
    os.chdir("/")
    for name in ("new", "store"):
        os.mkdir(f"/{name}", 0o755)
    _tmpfs("/new", 4 << 20, 4096)
    _tmpfs("/store", view.size, view.files)
    _system(view)
    _devices()
    _scratch(view)
    _proc()
    _asked(view)
    os.chdir("/new")
    sys_.pivot_root(".", ".")
    sys_.umount(".")
    os.chdir("/")
    _protect("/", recursive=False)


def written(uid: int, gid: int) -> tuple[tuple[str, str], ...]:
    """Files of /etc that say nothing of this machine."""
    return (
        ("passwd", f"root:x:0:0:root:/:/bin/sh\nsandbox:x:{uid}:{gid}:sandbox:{SCRATCH}:/bin/sh\n"),
        ("group", f"root:x:0:\nsandbox:x:{gid}:\n"),
        ("hosts", "127.0.0.1 localhost sandbox\n::1 localhost\n"),
        ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
    )


def _tmpfs(where: str, size: int, files: int, mode: str = "755") -> None:
    sys_.mount("tmpfs", where, "tmpfs", sys_.MS_NOSUID | sys_.MS_NODEV, f"size={size},nr_inodes={files},mode={mode}")


def _system(view: View) -> None:
    for name in SYSTEM:
        old, new = f"/old/{name}", f"/new/{name}"
        if os.path.islink(old):
            os.symlink(os.readlink(old), new)
        elif os.path.isdir(old):
            os.mkdir(new)
            _bind(old, new)
    os.mkdir("/new/etc")
    for name in ETC:
        source = f"/old/etc/{name}"
        if os.path.islink(source):
            os.symlink(os.readlink(source), f"/new/etc/{name}")
        elif os.path.exists(source):
            _place(source, f"/new/etc/{name}")
    for name, text in written(view.uid, view.gid):
        with open(f"/new/etc/{name}", "w") as file:
            file.write(text)


def _devices() -> None:
    os.mkdir("/new/dev", 0o755)
    for name in DEVICES:
        _place(f"/old/dev/{name}", f"/new/dev/{name}", protect=False)
    for name, target in LINKS:
        os.symlink(target, f"/new/dev/{name}")
    os.mkdir("/new/dev/pts")
    terminals("/new/dev")


def terminals(devices: str) -> None:
    """Pseudo-terminals of our own; none, where the kernel does not let us."""
    options = "newinstance,ptmxmode=0666,mode=620"
    try:
        sys_.mount("devpts", f"{devices}/pts", "devpts", sys_.MS_NOSUID | sys_.MS_NOEXEC, options)
    except OSError:
        pass


def _scratch(view: View) -> None:
    for name, target in (("tmp", "/new/tmp"), ("scratch", f"/new{SCRATCH}"), ("shm", "/new/dev/shm")):
        os.mkdir(f"/store/{name}", 0o700)
        os.chown(f"/store/{name}", view.uid, view.gid)
        os.chmod(f"/store/{name}", 0o1777 if name != "scratch" else 0o700)
        os.mkdir(target)
        sys_.mount(f"/store/{name}", target, flags=sys_.MS_BIND)


def _proc() -> None:
    os.mkdir("/new/proc")
    sys_.mount("proc", "/new/proc", "proc", sys_.MS_NOSUID | sys_.MS_NODEV | sys_.MS_NOEXEC)


def _asked(view: View) -> None:
    """Shallow paths first, so that one may lie in another."""
    asked = [(inside, outside, False) for outside, inside in view.readable] + [
        (inside, outside, True) for outside, inside in view.overlaid
    ]
    for number, (inside, outside, writable) in enumerate(sorted(asked)):
        if writable:
            os.makedirs(f"/new{inside}", exist_ok=True)
            _overlay(f"/old{outside}", f"/new{inside}", f"/store/{number}", view)
        elif not any(inside == system or inside.startswith(f"{system}/") for system in _visible()):
            _place(f"/old{outside}", f"/new{inside}")


def _visible() -> tuple[str, ...]:
    return tuple(f"/{name}" for name in SYSTEM if os.path.isdir(f"/new/{name}"))


def _overlay(lower: str, where: str, store: str, view: View) -> None:
    for part in ("upper", "work"):
        os.makedirs(f"{store}/{part}", 0o755)
        os.chown(f"{store}/{part}", view.uid, view.gid)
    escaped = lower.replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,")
    data = f"lowerdir={escaped},upperdir={store}/upper,workdir={store}/work" + (
        ",userxattr" if view.user_namespace else ""
    )
    try:
        sys_.mount("overlay", where, "overlay", sys_.MS_NOSUID | sys_.MS_NODEV, data)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EPERM, errno.ENODEV):
            raise
        shutil.copytree(lower, f"{store}/upper", symlinks=True, dirs_exist_ok=True)  # a kernel without overlays for us
        sys_.mount(f"{store}/upper", where, flags=sys_.MS_BIND)


def _place(source: str, target: str, *, protect: bool = True) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
    _bind(source, target, protect=protect)


def _bind(source: str, target: str, *, protect: bool = True) -> None:
    sys_.mount(source, target, flags=sys_.MS_BIND | sys_.MS_REC)
    if protect:
        _protect(target, recursive=True)


def _protect(target: str, *, recursive: bool) -> None:
    """Read-only, no set-uid, no devices, submounts included (Linux 5.12)."""
    attributes = (ctypes.c_uint64 * 4)(_RDONLY | _NOSUID | _NODEV, 0, 0, 0)
    flags = _RECURSIVE if recursive else 0
    path = ctypes.c_char_p(os.fsencode(target))
    sys_.check(
        sys_.syscall(_MOUNT_SETATTR, -100, path, flags, ctypes.byref(attributes), ctypes.c_size_t(32)),
        f"mount_setattr {target}",
    )

"""Landlock: which files may be read and written, checked by the kernel whatever the mounts say; a second wall.

Source: the kernel's userspace-api/landlock. Absent before Linux 5.13; then `restrict` says so with 0.
"""

import ctypes
import errno
import os
import stat
from collections.abc import Sequence

from qtest.adapters.sandbox import syscalls

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_EXECUTE, _WRITE, _READ, _READ_DIR = 1, 2, 4, 8
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FILE_RIGHTS = _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL_DEV
_TCP_BIND, _TCP_CONNECT = 1, 2
_SCOPE_ABSTRACT, _SCOPE_SIGNAL = 1, 2


class _Ruleset(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def version() -> int:
    """The kernel's Landlock ABI; 0 when there is none."""
    return max(0, syscalls.syscall(_CREATE, ctypes.c_void_p(None), ctypes.c_size_t(0), 1))


def restrict(readable: Sequence[str], writable: Sequence[str], *, network: bool) -> int:
    """From now on this thread and all it starts see only these paths. With `network` false no TCP. Gives the ABI that was used."""
    abi = version()
    if abi == 0:
        return 0
    handled = (
        (1 << 13) - 1 | (_REFER if abi >= 2 else 0) | (_TRUNCATE if abi >= 3 else 0) | (_IOCTL_DEV if abi >= 5 else 0)
    )
    rules = _Ruleset(
        handled,
        0 if network or abi < 4 else _TCP_BIND | _TCP_CONNECT,
        _SCOPE_ABSTRACT | _SCOPE_SIGNAL if abi >= 6 else 0,
    )
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = syscalls.check(
        syscalls.syscall(_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0), "landlock_create_ruleset"
    )
    try:
        for path in readable:
            _allow(ruleset, path, handled & (_EXECUTE | _READ | _READ_DIR))
        for path in writable:
            _allow(ruleset, path, handled)
        syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
        syscalls.check(syscalls.syscall(_RESTRICT, ruleset, 0), "landlock_restrict_self")
    finally:
        os.close(ruleset)
    return abi


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EACCES):
            return  # nothing there to allow
        raise
    try:
        allowed = rights if stat.S_ISDIR(os.fstat(parent).st_mode) else rights & _FILE_RIGHTS
        rule = _Beneath(allowed, parent)
        syscalls.check(syscalls.syscall(_ADD, ruleset, 1, ctypes.byref(rule), 0), f"landlock_add_rule {path}")
    finally:
        os.close(parent)

"""A system-call filter: what test code never needs and what has opened sandboxes before is refused with EPERM.

A deny-list, not an allow-list: the target may be any program; the namespaces are the wall, this is a second one. Numbers from the
kernel's tables for x86_64 and aarch64; any other machine refuses to start.
"""

import ctypes
import errno
import struct
from collections.abc import Mapping

from qtest.adapters.sandbox import syscalls

_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# by machine: x86_64, then aarch64
_DENIED = {
    "ptrace": (101, 117),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "lookup_dcookie": (212, 18),
    "vhangup": (153, 58),
    "fanotify_init": (300, 262),
    "iopl": (172, -1),
    "ioperm": (173, -1),
    "uselib": (134, -1),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
}
# where no namespace keeps them away from the rest of the machine
_DENIED_UNWALLED = {
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "shmctl": (31, 195),
    "semctl": (66, 191),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "msgctl": (71, 187),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "inotify_add_watch": (254, 27),
}
# what Landlock does not judge: whose file it is decides, and it may be ours
_DENIED_ATTRIBUTES = {
    "chmod": (90, -1),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, -1),
    "fchown": (93, 55),
    "lchown": (94, -1),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "utime": (132, -1),
    "utimes": (235, -1),
    "futimesat": (261, -1),
    "file_setattr": (469, 469),
}
_PAIR_TYPES = tuple(kind | flags for kind in (1, 5) for flags in (0, 0x800, 0x80000, 0x80800))
# the values that arguments may have, by 32-bit words, two for each argument, low first; a datagram pair could be sent to any socket that has a path
_ONLY: dict[str, tuple[tuple[int, int], dict[int, tuple[int, ...]]]] = {
    "personality": ((135, 92), {0: (0, 0xFFFFFFFF)}),
    "prlimit64": ((302, 261), {0: (0,)}),
}
_ONLY_UNWALLED: dict[str, tuple[tuple[int, int], dict[int, tuple[int, ...]]]] = {
    "socketpair": ((53, 199), {0: (1,), 2: _PAIR_TYPES}),
    "setpriority": ((141, 140), {0: (0, 1), 2: (0,)}),
    "ioprio_set": ((251, 30), {0: (1, 2), 2: (0,)}),
    "sched_setaffinity": ((203, 122), {0: (0,)}),
    "sched_setscheduler": ((144, 119), {0: (0,)}),
    "sched_setparam": ((142, 118), {0: (0,)}),
    "sched_setattr": ((314, 274), {0: (0,)}),
    "move_pages": ((279, 239), {0: (0,)}),
    "migrate_pages": ((256, 238), {0: (0,)}),
}
# an open file's times, to now, as `touch` does it: no path, no times
_ONLY_ATTRIBUTES = {"utimensat": ((280, 88), {2: (0,), 3: (0,), 4: (0,), 5: (0,)})}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_SOCKET = {"x86_64": 41, "aarch64": 198}
_IOCTL = {"x86_64": 16, "aarch64": 29}
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_SETFLAGS, _SETXATTR = 0x40086602, 0x401C5820  # what chattr does
_NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* that clone() knows
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10

_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06


def install(*, walled: bool = True, attributes: bool = True) -> None:
    """For this thread and all it starts, for good.

    Not `walled`, where nothing but this filter and Landlock stands: no sockets but stream pairs, nothing of other processes.
    Without `attributes` no file's mode, owner or extended attributes can be changed, nor its times but of an open file to now.
    """
    program = build(syscalls.machine(), walled=walled, attributes=attributes)
    buffer = ctypes.create_string_buffer(program)
    count = len(program) // 8

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    packed = Program(count, ctypes.cast(buffer, ctypes.c_void_p))
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.prctl(
        ctypes.c_int(syscalls.PR_SET_SECCOMP),
        ctypes.c_ulong(2),
        ctypes.byref(packed),
        ctypes.c_ulong(0),
        ctypes.c_ulong(0),
    )
    syscalls.check(result, "seccomp")


def build(machine: str, *, walled: bool = True, attributes: bool = True) -> bytes:
    """The filter as classic BPF, 8 bytes an instruction. Raises OSError for a machine whose numbers we do not have."""
    if machine not in _ARCH:
        raise OSError(errno.ENOSYS, f"no system-call table for {machine}")
    column = 0 if machine == "x86_64" else 1
    code = [_op(_LOAD, 4), _op(_EQUAL, _ARCH[machine], 1, 0), _op(_RETURN, _KILL), _op(_LOAD, 0)]
    if machine == "x86_64":
        code += [_op(_AT_LEAST, 0x40000000, 0, 1), _op(_RETURN, _ERRNO | errno.ENOSYS)]  # the x32 twin of every call
    code += [
        _op(_EQUAL, _CLONE3, 0, 1),
        _op(_RETURN, _ERRNO | errno.ENOSYS),
    ]  # its flags are behind a pointer; libc falls back to clone
    denied = _DENIED | ({} if walled else _DENIED_UNWALLED) | ({} if attributes else _DENIED_ATTRIBUTES)
    for numbers in denied.values():
        if numbers[column] >= 0:
            code += [_op(_EQUAL, numbers[column], 0, 1), _op(_RETURN, _ERRNO | errno.EPERM)]
    code += [
        _op(_EQUAL, _CLONE[machine], 0, 4),
        _op(_LOAD, 16),
        _op(_ANY_BIT, _NEW_NAMESPACES, 0, 1),
        _op(_RETURN, _ERRNO | errno.EPERM),
        _op(_RETURN, _ALLOW),
    ]
    code += _not_one_of(_IOCTL[machine], 1, (_TIOCSTI, _TIOCLINUX, *(() if attributes else (_SETFLAGS, _SETXATTR))))
    only = _ONLY | ({} if walled else _ONLY_UNWALLED) | ({} if attributes else _ONLY_ATTRIBUTES)
    for numbers, allowed in only.values():
        code += _only(numbers[column], allowed, errno.EPERM)
    if walled:
        code += _only(_SOCKET[machine], {0: (_AF_UNIX, _AF_INET, _AF_INET6)}, errno.EAFNOSUPPORT)
    return b"".join((*code, _op(_RETURN, _ALLOW)))


def _only(call: int, allowed: Mapping[int, tuple[int, ...]], error: int) -> list[bytes]:
    """Refuse the call unless each of those words has one of its values; of a number the kernel looks at the low one."""
    body = []
    for word, values in allowed.items():
        body.append(_op(_LOAD, 16 + 4 * word))
        body += [_op(_EQUAL, value, len(values) - index, 0) for index, value in enumerate(values)]
        body.append(_op(_RETURN, _ERRNO | error))
    body.append(_op(_RETURN, _ALLOW))
    return [_op(_EQUAL, call, 0, len(body)), *body]


def _not_one_of(call: int, place: int, values: tuple[int, ...]) -> list[bytes]:
    body = [_op(_LOAD, 16 + 8 * place)]
    body += [_op(_EQUAL, value, len(values) - index, 0) for index, value in enumerate(values)]
    body += [_op(_RETURN, _ALLOW), _op(_RETURN, _ERRNO | errno.EPERM)]
    return [_op(_EQUAL, call, 0, len(body)), *body]


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)

"""A system-call filter: what test code never needs and what has opened sandboxes before is refused with EPERM.

A deny-list, not an allow-list: the target may be any program; the namespaces are the wall, this is a second one. Numbers from the
kernel's tables for x86_64 and aarch64; any other machine refuses to start.
"""

import ctypes
import errno
import struct

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
}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_SOCKET = {"x86_64": 41, "aarch64": 198}
_IOCTL = {"x86_64": 16, "aarch64": 29}
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* that clone() knows
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10

_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06


def install(*, sockets: bool) -> None:
    """For this thread and all it starts, for good. With `sockets` false `socket()` itself is refused (`socketpair` stays)."""
    program = build(syscalls.machine(), sockets=sockets)
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


def build(machine: str, *, sockets: bool) -> bytes:
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
    for numbers in _DENIED.values():
        if numbers[column] >= 0:
            code += [_op(_EQUAL, numbers[column], 0, 1), _op(_RETURN, _ERRNO | errno.EPERM)]
    code += [
        _op(_EQUAL, _CLONE[machine], 0, 4),
        _op(_LOAD, 16),
        _op(_ANY_BIT, _NEW_NAMESPACES, 0, 1),
        _op(_RETURN, _ERRNO | errno.EPERM),
        _op(_RETURN, _ALLOW),
    ]
    code += [
        _op(_EQUAL, _IOCTL[machine], 0, 5),
        _op(_LOAD, 24),
        _op(_EQUAL, _TIOCSTI, 1, 0),
        _op(_EQUAL, _TIOCLINUX, 0, 1),
        _op(_RETURN, _ERRNO | errno.EPERM),
        _op(_RETURN, _ALLOW),
    ]
    if sockets:
        code += [_op(_EQUAL, _SOCKET[machine], 0, 6), _op(_LOAD, 16)]
        code += [_op(_EQUAL, family, 3 - index, 0) for index, family in enumerate((_AF_UNIX, _AF_INET, _AF_INET6))]
        code += [_op(_RETURN, _ERRNO | errno.EAFNOSUPPORT), _op(_RETURN, _ALLOW)]
    else:
        code += [_op(_EQUAL, _SOCKET[machine], 0, 1), _op(_RETURN, _ERRNO | errno.EPERM)]
    return b"".join((*code, _op(_RETURN, _ALLOW)))


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)

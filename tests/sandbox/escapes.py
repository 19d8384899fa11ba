"""Run inside a sandbox by the battery: every way out we know, each ending in `escaped` or `stopped`, as one JSON object."""

import ctypes
import glob
import json
import mmap
import os
import resource
import signal
import socket
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
X86 = os.uname().machine == "x86_64"
CALLS = {
    "keyctl": (250 if X86 else 219, (0, -3, 1)),
    "io_uring": (425, (4, 0)),
    "bpf": (321 if X86 else 280, (0, 0, 0)),
    "perf": (298 if X86 else 241, (0, 0, -1, -1, 0)),
    "userfaultfd": (323 if X86 else 282, (1,)),
    "unshare user": (272 if X86 else 97, (0x10000000,)),
    "clone3": (435, (0, 0)),
    "setns": (308 if X86 else 268, (0, 0)),
    "open_tree": (428, (-100, 0, 1)),
    "handles": (304 if X86 else 265, (-100, 0, 0)),
    "syslog": (103 if X86 else 116, (3, 0, 0)),
    "mknod": (259 if X86 else 33, None),
}


def refused(name, facts):
    number, arguments = CALLS[name]
    if arguments is None:
        where = os.fsencode(f"{facts['scratch']}/node")
        arguments = (-100, ctypes.c_char_p(where), 0o60666, os.makedev(254, 0))
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    return result < 0 and ctypes.get_errno() in (1, 13, 38)


def opened(path, mode="rb"):
    try:
        with open(path, mode) as file:
            return file.read(1 << 16) if "r" in mode else b"opened"
    except OSError:
        return None


def linked(facts):
    link = f"{facts['overlaid']}/out"
    os.symlink(facts["secret_path"], link)
    return opened(link)


def hard_linked(facts):
    try:
        os.link(facts["secret_path"], f"{facts['overlaid']}/hard")
    except OSError:
        return None
    return True


def connected(family, address, kind=socket.SOCK_STREAM):
    try:
        with socket.socket(family, kind) as attempt:
            attempt.settimeout(2)
            attempt.connect(address)
            return True
    except OSError:
        return None


def made(family, kind=socket.SOCK_RAW, protocol=0):
    try:
        socket.socket(family, kind, protocol).close()
        return True
    except OSError:
        return None


def sent(facts):
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attempt:
            attempt.sendto(b"x", ("127.0.0.1", facts["udp"]))  # the battery looks whether it arrived
    except OSError:
        pass


def posted(facts):
    """A pair of sockets has been made without `socket()`, and a datagram goes wherever it is addressed."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            one, other = socket.socketpair(socket.AF_UNIX, kind)
            with one, other:
                one.sendto(b"x", f"{facts['outside']}/mailbox")
        except OSError:
            pass


def changed(facts):
    """The battery looks whether it worked: whose file it is decides, and it may be ours."""
    for change in (
        lambda: os.chmod(facts["outside"], 0o700),
        lambda: os.utime(facts["secret_path"], (1, 1)),
        lambda: os.setxattr(facts["secret_path"], "user.qtest", b"x"),
        lambda: os.chown(facts["secret_path"], os.getuid(), os.getgid()),
    ):
        try:
            change()
        except OSError:
            pass


def pretended():
    """Another personality may make every readable page executable, and addresses known."""
    return libc.personality(ctypes.c_ulong(0x0400000)) != -1


def foreign_secret(facts):
    wanted = facts["secret"].encode()
    for name in ("environ", "cmdline"):
        for path in glob.glob(f"/proc/[0-9]*/{name}"):
            data = opened(path)
            if data and wanted in data:
                return True
    return any(facts["secret"] in value for value in os.environ.values())


def signalled(facts):
    try:
        os.kill(facts["victim"], signal.SIGTERM)
    except OSError:
        pass
    if facts["walled"]:  # without a wall this would end the machine's other processes
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSTOP):
            try:
                os.kill(os.getppid(), number)
            except OSError:
                pass


def traced(facts):
    return libc.ptrace(16, facts["victim"], 0, 0) == 0 or libc.ptrace(16, os.getppid(), 0, 0) == 0


def squeezed(facts):
    """Another process's limits are set by number alone."""
    call = 302 if X86 else 261
    old = (ctypes.c_uint64 * 2)()
    return (
        libc.syscall(ctypes.c_long(call), ctypes.c_long(facts["victim"]), ctypes.c_long(7), None, ctypes.byref(old))
        == 0
    )


def kernel_settings():
    for path in (
        "/proc/sys/kernel/core_pattern",
        "/proc/sysrq-trigger",
        "/proc/sys/kernel/hostname",
        "/proc/sys/net/ipv4/ip_forward",
    ):
        if opened(path, "r+b") is not None:
            return path
    return None


def process_one():
    for name in ("mem", "environ", "maps", "root/etc/shadow", "cwd/etc/shadow"):
        if opened(f"/proc/1/{name}") is not None:
            return name
    return None


def set_user():
    for call in (os.setuid, os.setgid):
        try:
            call(0)
            return True
        except OSError:
            pass
    return None


def capable():
    status = opened("/proc/self/status")
    return status and b"CapEff:\t0000000000000000" not in status


def inherited():
    return [fd for fd in range(3, 1024) if is_open(fd)]


def is_open(fd):
    try:
        os.fstat(fd)
        return True
    except OSError:
        return False


def terminal():
    for fd in (0, 1, 2):
        try:
            import fcntl

            fcntl.ioctl(fd, 0x5412, b"x")
            return True
        except OSError:
            pass
    return opened("/dev/tty", "r+b")


def raw_devices():
    for path in [*glob.glob("/dev/vd*"), *glob.glob("/dev/sd*"), "/dev/mem", "/dev/kvm", "/dev/fuse", "/dev/kmsg"]:
        if opened(path) is not None:
            return path
    return None


def filled(where, facts):
    block, written = b"x" * (1 << 20), 0
    names = []
    try:
        for number in range(40):
            names.append(f"{where}/fill{number}")
            with open(names[-1], "wb", buffering=0) as file:
                for _ in range(4):
                    written += file.write(block)
    except OSError:
        pass
    for name in names:
        if os.path.exists(name):
            os.unlink(name)
    return written > 1.5 * facts["scratch_size"]


def many_files(where, facts):
    count = 0
    names = []
    try:
        for count in range(3 * facts["scratch_files"]):
            names.append(f"{where}/empty{count}")
            os.close(os.open(names[-1], os.O_CREAT | os.O_WRONLY))
    except OSError:
        pass
    for name in names:
        if os.path.exists(name):
            os.unlink(name)
    return count > 1.5 * facts["scratch_files"]


def large_file(facts):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        fd = os.memfd_create("x")
        os.ftruncate(fd, facts["file_size"] * 4)
        return True
    except OSError:
        return None


def took(size):
    try:
        mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE).close()
        return True
    except OSError:
        return None


def bombed(facts):
    children = []
    try:
        while len(children) < facts["processes"] + 4:
            child = os.fork()
            if not child:
                time.sleep(60)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return len(children) >= facts["processes"] + 4


def raised_limits():
    try:
        resource.setrlimit(resource.RLIMIT_NPROC, (4096, 4096))
        return True
    except (OSError, ValueError):
        return None


def main():
    facts = json.loads(sys.stdin.read())
    scratch = facts["scratch"]
    attempts = {
        "read a file outside": lambda: opened(facts["secret_path"]),
        "read a file outside by /proc": lambda: opened(f"/proc/self/root{facts['secret_path']}"),
        "read the host's shadow": lambda: opened("/etc/shadow"),
        "symlink out": lambda: linked(facts),
        "hard link out": lambda: hard_linked(facts),
        "write outside": lambda: opened(f"{facts['outside']}/planted", "wb"),
        "write a system path": lambda: any(
            opened(f"{where}/qtest-planted", "wb") for where in ("/usr", "/etc", "/usr/bin", "/")
        ),
        "write a readable path": lambda: (
            opened(f"{facts['readable']}/planted", "wb") or opened(f"{facts['readable']}/file", "r+b")
        ),
        "TCP to the host": lambda: connected(socket.AF_INET, ("127.0.0.1", facts["tcp"])),
        "abstract socket": lambda: connected(socket.AF_UNIX, "\0" + facts["abstract"]),
        "path socket": lambda: connected(socket.AF_UNIX, f"{facts['outside']}/socket"),
        "UDP to the host": lambda: sent(facts),
        "packet socket": lambda: made(17),
        "raw socket": lambda: made(socket.AF_INET, protocol=1),
        "raw netlink": lambda: made(16, protocol=12),
        "vsock": lambda: made(40, socket.SOCK_STREAM),
        "datagram by path": lambda: posted(facts),
        "attributes of a file outside": lambda: changed(facts),
        "personality": pretended,
        "foreign secret": lambda: foreign_secret(facts),
        "signal": lambda: signalled(facts),
        "ptrace": lambda: traced(facts),
        "limits of another": lambda: squeezed(facts),
        "kernel settings": kernel_settings,
        "process one": process_one,
        "become root": set_user,
        "capabilities": capable,
        "descriptors": inherited,
        "terminal": terminal,
        "raw devices": raw_devices,
        "mount": lambda: libc.mount(b"none", scratch.encode(), b"tmpfs", 0, None) == 0,
        "chroot": lambda: libc.chroot(scratch.encode()) == 0,
        "disk": lambda: filled(scratch, facts),
        "disk by /tmp": lambda: filled("/tmp", facts),
        "disk by /dev/shm": lambda: filled("/dev/shm", facts),
        "disk by overlay": lambda: filled(facts["overlaid"], facts),
        "files": lambda: many_files(scratch, facts),
        "files by /dev/shm": lambda: many_files("/dev/shm", facts),
        "memory": lambda: took(4 * facts["memory"]),
        "memory file": lambda: large_file(facts),
        "fork bomb": lambda: bombed(facts),
        "raise limits": raised_limits,
    }
    attempts.update({name: (lambda name=name: not refused(name, facts)) for name in CALLS})
    only = facts.get("only")
    found = {}
    for name, attempt in attempts.items():
        if only and name not in only:
            continue
        try:
            result = attempt()
        except Exception as error:  # an attempt that breaks must be seen, not counted as held
            found[name] = f"broken: {type(error).__name__}: {error}"
        else:
            found[name] = "escaped" if result else "stopped"
    print(json.dumps(found))


main()

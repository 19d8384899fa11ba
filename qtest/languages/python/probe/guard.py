"""Stops a candidate from doing more than computing: a second wall, the sandbox being the first.

An audit hook cannot be removed, so this one is armed only while a candidate runs.
"""

import os
import sys

__builtins__ = dict(vars(sys.modules["builtins"]))  # taken before any target can change them

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ALLOWED = frozenset(
    "os.listdir os.scandir os.walk os.fwalk os.getxattr os.listxattr os.stat socket.__new__ socket.gethostname "
    "fcntl.fcntl fcntl.flock fcntl.lockf ctypes.addressof ctypes.get_errno ctypes.cdata ctypes.string_at time.sleep".split()
)
_FAMILIES = frozenset(
    "os subprocess socket ctypes signal sqlite3 tempfile webbrowser http urllib ftplib smtplib poplib imaplib nntplib telnetlib "
    "fcntl resource syslog pty _posixsubprocess faulthandler _winapi winreg msvcrt".split()
)
_DENIED = frozenset(
    "builtins.input sys.addaudithook sys.setswitchinterval setopencodehook mmap.__new__ gc.get_objects".split()
)
_PATHS = {  # where each names what it changes: the place of a path, and of the folder descriptor that it starts from
    "os.mkdir": [(0, 2)],
    "os.remove": [(0, 1)],
    "os.rmdir": [(0, 1)],
    "os.rename": [(0, 2), (1, 3)],
    "os.link": [(0, 2), (1, 3)],
    "os.symlink": [(1, 2)],
    "os.truncate": [(0, None)],
    "os.utime": [(0, 3)],
    "os.chmod": [(0, 2)],
    "os.setxattr": [(0, None)],
}
_QUIET = {"tempfile.mkstemp": 0, "tempfile.mkdtemp": 0, "tempfile.mktemp": 0}  # what they open is judged by its path


class Denied(BaseException):
    """Not an Exception, so that code which catches those does not go on."""


class Guard:
    """Set `armed` while a candidate runs. `event` is the first that was denied: the target may have swallowed the exception."""

    def __init__(self):
        self.scratch = os.path.realpath(os.environ.get("TMPDIR") or "/tmp")
        self.armed = False
        self.event = ""
        sys.addaudithook(self._hook)

    def _hook(self, event, args):
        if not self.armed:
            return
        if event == "open":
            if self._reads(args):
                return
        elif event not in _DENIED and (event in _ALLOWED or event.partition(".")[0] not in _FAMILIES):
            return
        elif event in _QUIET or (event in _PATHS and all(self._changes(args, *place) for place in _PATHS[event])):
            return
        self.event = self.event or event
        raise Denied(event)

    def _reads(self, args):
        path, mode, flags = (tuple(args) + (None, None, None))[:3]
        if type(path) is int:
            return True  # what opened the descriptor was judged; an import writes its bytecode so
        if type(flags) is not int or not flags & _WRITES:
            return type(mode) is not str or not set(mode) & set("wax+") or self._inside(path)
        return self._inside(path)

    def _changes(self, args, path, folder):
        start = args[folder] if folder is not None and folder < len(args) else -1
        if type(args[path]) is int:
            return self._inside("/proc/self/fd/%d" % args[path])
        if type(start) is not int or start < 0:
            return self._inside(args[path])
        name = os.fsdecode(args[path]) if type(args[path]) is bytes else args[path]
        return type(name) is str and self._inside(os.path.join("/proc/self/fd/%d" % start, name))

    def _inside(self, path):
        """Below our scratch folder. What is not a plain path is not."""
        if type(path) is bytes:
            path = os.fsdecode(path)
        if type(path) is not str:
            return False
        self.armed = False
        try:
            return (os.path.realpath(path) + os.sep).startswith(self.scratch + os.sep)
        except (OSError, ValueError):
            return False
        finally:
            self.armed = True

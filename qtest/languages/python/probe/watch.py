"""Tells, without looking at every file, that nothing was written below some folders: by inotify(7)."""

import ctypes
import os
import struct

from _qtest_probe import children
from _qtest_probe import wire as wires

os = wires.kept(os)
_libc = ctypes.CDLL(None, use_errno=True)
_CHANGES = (
    0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800
)  # all that is not a mere opening, reading or closing
_ITSELF = 0x02000000  # a link, not what it leads to
_HEAD = struct.Struct("iIII")
_READ = 1 << 16


class Watch:
    """Watches files as well as folders, so that a write by way of another name of a file is seen too. Where it cannot watch, and where
    processes of the suite live that may hold a file mapped, it never says that all was quiet."""

    def __init__(self):
        self._paths = {}
        self._owner = os.getpid()
        try:
            self._fd = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        except AttributeError:
            self._fd = -1
        if self._fd >= 0:
            children.keep_to_ourselves(self._fd)

    def cover(self, paths):
        """Watch these too; what happened until now is forgotten."""
        for path in paths:
            if self._fd < 0:
                return
            number = _libc.inotify_add_watch(self._fd, os.fsencode(path), _CHANGES | _ITSELF)
            if number < 0:
                self._give_up()
            else:
                self._paths[number] = path
        self.quiet()

    def quiet(self, but=""):
        """Nothing happened since the last call, `but` to the entry of this path."""
        if self._fd < 0 or self._owner != os.getpid():
            return False
        still = not children.spared()
        while True:
            try:
                data = os.read(self._fd, _READ)
            except BlockingIOError:
                return still
            except OSError:
                self._give_up()
                return False
            still = all(path == but for path in self._touched(data)) and still

    def _touched(self, data):
        start = 0
        while start < len(data):
            number, _, _, length = _HEAD.unpack_from(data, start)
            start += _HEAD.size + length
            name = os.fsdecode(data[start - length : start].rstrip(b"\0"))
            yield os.path.join(self._paths.get(number, ""), name)

    def _give_up(self):
        os.close(self._fd)
        children.give_away(self._fd)
        self._fd = -1

"""Descriptors that candidates leave open: those of `os.open` are closed by nobody, and a process may have only so many."""

import fcntl
import gc
import io
import itertools
import os
import sys

__builtins__ = dict(vars(sys.modules["builtins"]))  # taken before any target can change them

MOST_LEFT = 32  # more than these are not looked for after every run
_dup, _close, _listdir, _collect, _objects = fcntl.fcntl, os.close, os.listdir, gc.collect, gc.get_objects
_File, _id = io.FileIO, id


class Descriptors:
    """Made before the first run: what is open then stays open."""

    def __init__(self):
        self._kept = _open_now()
        self._watched = _watched(self._kept)

    def tidy(self):
        """Close what runs have left. What a living file or socket still holds is its own, and would be closed under another's feet."""
        if self._has_room():
            return
        _collect()
        for number in _open_now() - self._kept - _held():
            try:
                _close(number)
            except OSError:
                pass
        self._watched = _watched(_open_now())

    def _has_room(self):
        """A new descriptor is the lowest that is free: while the watched one is, few are left."""
        try:
            number = _dup(0, fcntl.F_DUPFD_CLOEXEC, self._watched)
        except OSError:
            return False
        _close(number)
        return number == self._watched


def _watched(taken):
    """The free one that so many other free ones stand before."""
    return next(itertools.islice((number for number in itertools.count() if number not in taken), MOST_LEFT, None))


def _open_now():
    found = set()
    for number in map(int, _listdir("/proc/self/fd")):
        try:
            _dup(number, fcntl.F_GETFD)
        except OSError:
            continue  # that of the listing itself
        found.add(number)
    return found


def _held():
    socket = sys.modules.get("_socket")
    kinds = (_File,) if socket is None else (_File, socket.socket)
    held = set()
    for one in _objects():
        if issubclass(type(one), kinds):
            try:
                held.add(_fileno(one, kinds))
            except (ValueError, OSError):
                pass  # it is closed
    return held


def _fileno(one, kinds):
    """As the class itself gives it, whatever a class of the target says."""
    return next(kind for kind in kinds if issubclass(type(one), kind)).fileno(one)

"""Frames over two descriptors: four bytes of length, then JSON in ASCII. The target never sees these descriptors."""

import json
import os
import struct
import types


def kept(module):
    """The module as it is now: what a target puts in the place of its functions is none of ours."""
    copy = types.ModuleType(module.__name__)
    vars(copy).update(vars(module))
    return copy


os = kept(os)

LIMIT = 64 << 20
_dumps, _loads = json.dumps, json.loads  # taken before any target can replace them


class Closed(Exception):
    """The other side has gone."""


class Wire:
    """Moves descriptors 0 and 1 out of reach and puts /dev/null in their place, and for 2 as well when asked."""

    def __init__(self, quiet=True):
        self.reader = os.dup(0)
        self.writer = os.dup(1)
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1) + ((2,) if quiet else ()):
            os.dup2(null, fd)
        os.close(null)

    def receive(self):
        (length,) = struct.unpack(">I", read_exactly(self.reader, 4))
        if length > LIMIT:
            raise Closed("a frame of %d bytes" % length)
        return _loads(read_exactly(self.reader, length))

    def send(self, message):
        write_frame(self.writer, message)

    def close(self):
        os.close(self.reader)
        os.close(self.writer)


def write_frame(fd, message):
    data = _dumps(message).encode("ascii")
    data = struct.pack(">I", len(data)) + data
    while data:
        data = data[os.write(fd, data) :]


def read_exactly(fd, count):
    parts = []
    while count:
        data = os.read(fd, min(count, 1 << 20))
        if not data:
            raise Closed("end of stream")
        parts.append(data)
        count -= len(data)
    return b"".join(parts)

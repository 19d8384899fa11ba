"""What a command reads and writes: its input is fed to it, its output kept up to a bound."""

import os
import selectors
import time

OUTPUT = 8 << 20  # bytes kept of each stream; more ends it


class Capture:
    """Feeds standard input and keeps what comes out, up to a cap."""

    def __init__(self, stdin: int, stdout: int, stderr: int, data: bytes) -> None:
        self._kept: dict[int, bytearray] = {stdout: bytearray(), stderr: bytearray()}
        self._input = stdin
        self._data = memoryview(data)
        self._selector = selectors.DefaultSelector()
        self.overflowed = False
        self.quiet = False
        for fd in (stdout, stderr):
            os.set_blocking(fd, False)
            self._selector.register(fd, selectors.EVENT_READ)
        os.set_blocking(stdin, False)
        if data:
            self._selector.register(stdin, selectors.EVENT_WRITE)
        else:
            self._end_input()

    def pump(self, timeout_s: float) -> None:
        if not self._selector.get_map():
            time.sleep(min(timeout_s, 0.01))
            self.quiet = True
            return
        for key, _ in self._selector.select(timeout_s):
            self._write() if key.fd == self._input else self._read(key.fd)
        self.quiet = all(fd not in self._selector.get_map() for fd in self._kept)

    def drain(self) -> None:
        for fd in self._kept:
            while fd in self._selector.get_map() and not self.overflowed and self._read(fd):
                pass

    def close(self) -> None:
        self._selector.close()
        if self._input >= 0:
            self._end_input()

    def text(self, fd: int) -> str:
        return self._kept[fd].decode("utf-8", "replace")

    def _read(self, fd: int) -> bool:
        try:
            data = os.read(fd, 1 << 16)
        except BlockingIOError:
            return False
        if not data:
            self._selector.unregister(fd)
            return False
        kept = self._kept[fd]
        kept += data[: OUTPUT - len(kept)]
        self.overflowed = len(kept) >= OUTPUT
        return True

    def _write(self) -> None:
        try:
            self._data = self._data[os.write(self._input, self._data[: 1 << 16]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._data = self._data[:0]
        if not self._data:
            self._selector.unregister(self._input)
            self._end_input()

    def _end_input(self) -> None:
        os.close(self._input)
        self._input = -1

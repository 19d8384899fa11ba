"""Requests and replies with a probe: length-framed JSON over a worker's descriptors, bounded in size and time."""

import json
import time
from typing import Any

from qtest.errors import WorkerLost
from qtest.ports import Worker

LIMIT = 64 << 20  # bytes of one frame


class Conversation:
    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._buffer = bytearray()

    def ask(self, message: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        """The next reply. Raises WorkerLost when the process is gone, silent for too long, or speaks nonsense."""
        self.tell(message)
        return self.hear(timeout_s)

    def tell(self, message: dict[str, Any]) -> None:
        data = json.dumps(message).encode("ascii")
        self._worker.send(len(data).to_bytes(4, "big") + data)

    def hear(self, timeout_s: float) -> dict[str, Any]:
        deadline = time.monotonic() + timeout_s
        size = int.from_bytes(self._exactly(4, deadline), "big")
        if size > LIMIT:
            raise WorkerLost(f"a reply of {size} bytes was announced; the most is {LIMIT}")
        try:
            message = json.loads(self._exactly(size, deadline))
        except (ValueError, RecursionError) as error:
            raise WorkerLost(f"a reply that is not JSON: {error}") from error
        if not isinstance(message, dict):
            raise WorkerLost("a reply that is not an object")
        return message

    def _exactly(self, count: int, deadline: float) -> bytes:
        while len(self._buffer) < count:
            data = self._worker.receive(max(0.0, deadline - time.monotonic()))
            if not data and time.monotonic() >= deadline:
                raise WorkerLost("no answer in time")
            self._buffer += data
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

"""Requests and replies with a probe: length-framed JSON over a worker's descriptors, bounded in size and time."""

import json
import time
from typing import Any

from qtest.errors import WorkerLost
from qtest.ports import Worker

LIMIT = 64 << 20  # bytes of one frame
LOOK_S = 5.0
LOOKS = 24  # in a row at which nothing in the session had used any CPU: whoever waits there for something looks after it now and then


class Conversation:
    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._buffer = bytearray()

    def ask(self, message: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        """The next reply. Raises WorkerLost when the process is gone, stopped, silent for too long, or speaks nonsense."""
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
        used_s, still = -1.0, 0
        while len(self._buffer) < count:
            data = self._worker.receive(min(LOOK_S, max(0.0, deadline - time.monotonic())))
            self._buffer += data
            if data:
                continue
            if time.monotonic() >= deadline:
                raise WorkerLost("no answer in time")
            before, used_s = used_s, self._worker.cpu_s()
            still = still + 1 if used_s == before else 0
            if still == LOOKS:
                raise WorkerLost(f"its processes were stopped: no CPU was used for {LOOKS * LOOK_S:.0f} s")
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

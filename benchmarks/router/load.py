"""The load: so many requests in flight over connections that stay open, each timed from its first byte sent to its last byte read."""

import asyncio
import itertools
import json
import re
import statistics
import time
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)


@dataclass
class Measured:
    """Milliseconds of each request, and the seconds that all took. `cpu_s` is that of the server's process."""

    waits_ms: list[float] = field(default_factory=list)
    wall_s: float = 0.0
    cpu_s: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.waits_ms) / self.wall_s

    @property
    def cpu_ms(self) -> float:
        return self.cpu_s * 1000 / len(self.waits_ms)

    def wait_ms(self, share: float) -> float:
        return statistics.quantiles(self.waits_ms, n=100)[round(share * 100) - 1]


class Unanswered(Exception):
    """A side gave another status than 200: nothing it did can be compared."""


def request(number: int, key: str, model: str) -> bytes:
    """Each is another prompt, about a thousand characters long, so that no cache answers it."""
    text = (
        f"# case {number}\n" + "def total(amounts):\n    return sum(amount for amount in amounts if amount > 0)\n" * 12
    )
    body = json.dumps(
        {"model": model, "max_tokens": 200, "messages": [{"role": "user", "content": text}], "temperature": 0.3}
    ).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def load(
    port: int, numbers: "itertools.count[int]", key: str, model: str, in_flight: int, requests: int
) -> Measured:
    measured = Measured()
    left = iter(range(requests))
    started = time.perf_counter()
    await asyncio.gather(*(_connection(port, numbers, key, model, left, measured) for _ in range(in_flight)))
    measured.wall_s = time.perf_counter() - started
    return measured


async def _connection(
    port: int,
    numbers: "itertools.count[int]",
    key: str,
    model: str,
    left: "itertools.count[int] | object",
    measured: Measured,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for _ in left:  # type: ignore[attr-defined]
            data = request(next(numbers), key, model)
            started = time.perf_counter()
            writer.write(data)
            await _answer(reader)
            measured.waits_ms.append((time.perf_counter() - started) * 1000)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length else await _chunks(reader)
    if b" 200 " not in head[:20]:
        raise Unanswered(f"{head.partition(bytes([13]))[0].decode()}: {body[:300].decode('utf-8', 'replace')}")


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size + 2)
    await reader.readline()
    return body

"""The router's benchmark counts each request once, and refuses to compare what was not answered."""

import asyncio
import itertools

import pytest

from benchmarks.router.load import Measured, Unanswered, load
from benchmarks.router.stub import Engine


async def _loaded(protocol: type[asyncio.Protocol]) -> Measured:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        return await load(server.sockets[0].getsockname()[1], itertools.count(), "key", "auto", 4, 50)


def test_every_request_is_timed_once() -> None:
    measured = asyncio.run(_loaded(Engine))
    assert len(measured.waits_ms) == 50
    assert 0 < measured.wait_ms(0.5) <= measured.wait_ms(0.99)
    assert measured.rate > 0


class _Refusing(Engine):
    def data_received(self, data: bytes) -> None:
        self._transport.write(b"HTTP/1.1 402 Payment Required\r\ncontent-length: 5\r\n\r\nspent")


def test_another_status_ends_the_measurement() -> None:
    with pytest.raises(Unanswered, match="402 Payment Required: spent"):
        asyncio.run(_loaded(_Refusing))

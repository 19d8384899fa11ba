"""Streams are closed by who reads them, when the reading ends and however it ends: else the work behind them goes on unread."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from qtest.records.completion import Completion

Item = str | Completion


@asynccontextmanager
async def closing(items: AsyncIterator[Item]) -> AsyncIterator[AsyncIterator[Item]]:
    try:
        yield items
    finally:
        close = getattr(items, "aclose", None)
        if close is not None:
            await close()

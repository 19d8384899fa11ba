"""A stream of pieces that must come to its end in time."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

from serve.seams import ProviderError

Piece = TypeVar("Piece")


async def in_time(pieces: AsyncIterator[Piece], within_s: float, who: str) -> AsyncIterator[Piece]:
    """The clock is looked at only while a piece is waited for: whoever takes them is never interrupted in its own work. Raises
    ProviderError, after the iterator that makes the pieces was cancelled where it stood."""
    ends = asyncio.get_running_loop().time() + within_s
    begun = False
    while True:
        try:
            async with asyncio.timeout_at(ends):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise ProviderError("late", f"{who} did not end within {within_s:g} s", begun=begun) from error
        yield piece
        begun = True

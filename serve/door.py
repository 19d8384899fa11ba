"""What every guarded route has in common: a key, room, a body of bearable size, and work that ends when nobody waits for it."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from qtest.errors import CompletionError
from serve.access import Keys
from serve.refusals import Refusal, of_error

_LOG = logging.getLogger(__name__)

T = TypeVar("T")
Handler = Callable[[Request, str], Awaitable[Response]]


class Door:
    """Lets in so many requests at once, who each have a key; a stream is in until its end."""

    def __init__(self, keys: Keys, in_flight: int) -> None:
        self.keys = keys
        self.room = in_flight

    def guarding(self, handler: Handler) -> "Guarded":
        return Guarded(self, handler)


class Guarded:
    """A route, which answers whatever happens. What nobody thought of is logged here, and told without its details."""

    def __init__(self, door: Door, handler: Handler) -> None:
        self._door = door
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = self._door
        door.room -= 1
        try:
            response = await self._answer(Request(scope, receive))
            await response(scope, receive, send)
        except ClientDisconnect:
            pass
        finally:
            door.room += 1

    async def _answer(self, request: Request) -> Response:
        try:
            key = self._door.keys.admitted(request.headers.get("authorization"))
            if self._door.room < 0:
                raise Refusal(
                    503, "overloaded", "as many requests are in flight as the router takes", retry_after_s=1.0
                )
            return await self._handler(request, key)
        except Refusal as refusal:
            return _told(refusal)
        except CompletionError as error:
            return _told(of_error(error))
        except ClientDisconnect:
            raise
        except Exception:
            _LOG.exception("%s %s", request.method, request.url.path)
            return _told(Refusal(500, "internal_error", "the router broke on this request; its log says how"))


def _told(refusal: Refusal) -> Response:
    """In ASCII: what it quotes may hold what is no text elsewhere."""
    body = json.dumps(refusal.body())
    return Response(body, refusal.status, refusal.headers(), media_type="application/json")


async def body_of(request: Request, most: int) -> bytes:
    """Raises Refusal for a body that is larger, having read no more than that of it."""
    too_large = Refusal(413, "request_too_large", f"the body is larger than {most} bytes")
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise too_large
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise too_large
    return bytes(body)


async def while_connected(request: Request, work: Awaitable[T]) -> T:
    """Ends the work when the client is gone, and when whoever called us gives up. Raises ClientDisconnect."""
    working = asyncio.ensure_future(work)
    gone = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        for task in (working, gone):
            task.cancel()
        await asyncio.gather(working, gone, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass

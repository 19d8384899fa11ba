"""Questions over HTTP to one server: JSON there, JSON or events back, and everything that goes wrong as a ProviderError."""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from functools import cache
from typing import Any

import httpx

from serve.providers import troubles
from serve.providers.sse import Event, Events
from serve.seams import ProviderError, Trouble

CONNECT_S = 10.0
MOST_BYTES = 32 * 2**20  # of one answer
REASON_BYTES = 64 * 2**10


class Wire:
    """`secret` is in `headers`, and is taken out of whatever a server says. Redirects are not followed: the key is for this server alone."""

    def __init__(
        self,
        address: str,
        headers: Mapping[str, str],
        secret: str,
        key_hint: str,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.address, self._secret, self._key_hint = address.rstrip("/"), secret, key_hint
        timeout = httpx.Timeout(None, connect=CONNECT_S)
        self._client = httpx.AsyncClient(headers=dict(headers), timeout=timeout, verify=_trusted(), transport=transport)

    async def ask(self, path: str, body: Mapping[str, Any], within_s: float) -> Any:
        """The JSON of the answer. Raises ProviderError."""
        async with self._answer(path, body, within_s) as chunks:
            data = b"".join([chunk async for chunk in chunks])
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise ProviderError(
                "garbage", f"no JSON, but {troubles.one_line(data[:80].decode('utf-8', 'replace'))!r}"
            ) from None

    async def events(self, path: str, body: Mapping[str, Any], within_s: float) -> AsyncGenerator[Event]:
        """Those of the answer. Raises ProviderError."""
        reader = Events()
        async with self._answer(path, body, within_s) as chunks:
            async for chunk in chunks:
                for event in reader.feed(chunk):
                    yield event

    async def close(self) -> None:
        await self._client.aclose()

    @asynccontextmanager
    async def _answer(self, path: str, body: Mapping[str, Any], within_s: float) -> AsyncIterator[AsyncIterator[bytes]]:
        """Leaving it, whatever the reason, ends the exchange; a server sees that nobody listens any more."""
        deadline = asyncio.get_running_loop().time() + within_s
        content = json.dumps(body).encode()
        with self._told("unreachable", within_s):
            request = self._client.build_request(
                "POST", self.address + path, content=content, headers={"content-type": "application/json"}
            )
            async with asyncio.timeout_at(deadline):
                response = await self._client.send(request, stream=True)
        try:
            async with aclosing(self._chunks(response, deadline, within_s)) as chunks:
                if not response.is_success:
                    raise await self._refusal(response, chunks)
                yield chunks
        finally:
            await response.aclose()

    async def _chunks(self, response: httpx.Response, deadline: float, within_s: float) -> AsyncGenerator[bytes]:
        size = 0
        source = response.aiter_bytes()
        while True:
            with self._told("cut off", within_s):
                async with asyncio.timeout_at(deadline):
                    chunk = await anext(source, None)
            if chunk is None:
                return
            size += len(chunk)
            if size > MOST_BYTES:
                raise ProviderError("garbage", f"an answer of more than {MOST_BYTES // 2**20} MiB")
            yield chunk

    async def _refusal(self, response: httpx.Response, chunks: AsyncIterator[bytes]) -> ProviderError:
        body = b""
        try:
            async for chunk in chunks:
                body += chunk
                if len(body) > REASON_BYTES:
                    break
        except ProviderError:
            pass  # the status says enough
        if self._secret:
            body = body.replace(self._secret.encode(), b"***")
        return troubles.of_answer(response.status_code, response.headers, body[:REASON_BYTES], self._key_hint)

    @contextmanager
    def _told(self, broken: Trouble, within_s: float) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            raise ProviderError("late", f"no whole answer within {within_s:g} s") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ProviderError("unreachable", f"{self.address} cannot be reached ({_short(error)})") from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.DecodingError) as error:
            raise ProviderError("garbage", f"{self.address}: {_short(error)}") from error
        except httpx.HTTPError as error:
            raise ProviderError(broken, f"the connection broke ({_short(error)})") from error


@cache
def _trusted() -> ssl.SSLContext:
    """Reading all certificates takes a tenth of a second."""
    return httpx.create_ssl_context()


def _short(error: Exception) -> str:
    return troubles.one_line(str(error), 160) or type(error).__name__

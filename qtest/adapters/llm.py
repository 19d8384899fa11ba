"""A router elsewhere, asked over `POST /llm/generate`."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from pydantic import ValidationError

from qtest.errors import BudgetSpent, CompletionError, UsageError
from qtest.loop import Loop, LoopClosed
from qtest.records.completion import Completion, Prompt

KEY = "QTEST_API_KEY"
CONNECT_S = 10.0
CHECK_S = 15.0
LEAST_WAIT_S = 0.5
MOST_BYTES = 32 * 2**20
Found = TypeVar("Found")


@dataclass(frozen=True)
class _Reply:
    status: int
    retry_after: str
    data: bytes

    @property
    def is_answer(self) -> bool:
        return self.status == 200

    @property
    def no_key(self) -> bool:
        return self.status in (401, 403)


class FarRouter:
    """Answers `qtest.ports.Completer`; to be closed by who made it. It asks again only where the router says when to come back, as long
    as there is time."""

    def __init__(
        self,
        address: str,
        key: str = "",
        within_s: float = 300.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Raises UsageError for a key that is none."""
        if not key.isascii() or not key.isprintable():
            raise UsageError(f"the key in {KEY} has characters that no key has; expected printable ASCII")
        self._address, self._key, self._within_s = address.rstrip("/"), key, within_s
        headers = {"authorization": f"Bearer {key}"} if key else {}
        timeout = httpx.Timeout(None, connect=CONNECT_S)
        self._client = httpx.AsyncClient(headers=headers, timeout=timeout, transport=transport)
        self._loop = Loop("far router")

    def complete(self, prompt: Prompt) -> Completion:
        """Raises also UsageError, for a key that is not accepted."""
        return self._run(self._until_answered(prompt))

    def check(self) -> None:
        """Raises UsageError for a key that is not accepted, CompletionError for a router that cannot be had."""
        self._run(self._checked())

    def close(self) -> None:
        """What is being asked is cancelled there."""
        self._loop.close(self._client.aclose())

    def _run(self, work: Coroutine[Any, Any, Found]) -> Found:
        try:
            return self._loop.run(work)
        except LoopClosed:
            raise CompletionError(f"the run ended before the router at {self._address} had answered") from None

    async def _until_answered(self, prompt: Prompt) -> Completion:
        until = asyncio.get_running_loop().time() + self._within_s
        body = json.dumps(_request(prompt)).encode()
        while True:
            reply = await self._sent("POST", "/llm/generate", until, body)
            if reply.is_answer:
                return _completion(reply.data, self._address)
            wait_s = _retry_after_s(reply)
            if wait_s is None or asyncio.get_running_loop().time() + wait_s >= until:
                raise self._error(reply)
            await asyncio.sleep(wait_s)

    async def _checked(self) -> None:
        """By the cheapest question that needs the key."""
        reply = await self._sent("GET", "/v1/models", asyncio.get_running_loop().time() + CHECK_S)
        if not reply.is_answer:
            raise self._error(reply)

    async def _sent(self, method: str, path: str, until: float, body: bytes = b"") -> _Reply:
        url = self._address + path
        headers = {"content-type": "application/json"} if body else {}
        try:
            async with asyncio.timeout_at(until):
                async with self._client.stream(method, url, content=body, headers=headers) as response:
                    data = b""
                    async for chunk in response.aiter_bytes():
                        data += chunk
                        if len(data) > MOST_BYTES:
                            raise CompletionError(f"the router at {self._address} answers without end")
                    return _Reply(response.status_code, response.headers.get("retry-after", ""), data)
        except TimeoutError:
            raise CompletionError(f"the router at {self._address} has not answered in {self._within_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            said = " ".join(str(error).split())[:160] or type(error).__name__
            raise CompletionError(
                f"the router at {self._address} cannot be had: {said}; see that it runs there"
            ) from error

    def _error(self, reply: _Reply) -> CompletionError | UsageError:
        code, message = _said(reply)
        if self._key:
            message = message.replace(self._key, "***")
        if reply.no_key:
            problem = f"does not accept the key in {KEY}" if self._key else f"needs a key; set {KEY}"
            return UsageError(f"the router at {self._address} {problem}")
        if code == "budget_spent":
            return BudgetSpent(message)
        return CompletionError(f"the router at {self._address}: {reply.status}: {message}")


def _request(prompt: Prompt) -> dict[str, Any]:
    """In the names of the route."""
    return {
        **prompt.model_dump(mode="json", exclude={"task", "tier", "payer", "messages"}),
        "messages": [{"role": message.role, "content": message.sendable} for message in prompt.messages],
        "task_type": prompt.task,
        "model_tier": prompt.tier,
        "run": prompt.payer.run,
        "repository": prompt.payer.repository,
    }


def _completion(data: bytes, address: str) -> Completion:
    try:
        table = json.loads(data)
        table["reason"] = table.pop("route_reason")
        return Completion.model_validate(table)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        problem = "no such answer" if not isinstance(error, ValidationError) else _first(error)
        raise CompletionError(
            f"what is at {address} does not answer as a router of QTest: {problem}; see that the address is right"
        ) from None


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg'][:1].lower()}{first['msg'][1:]}"


def _said(reply: _Reply) -> tuple[str, str]:
    """The code and the message of a refusal."""
    try:
        error = json.loads(reply.data)["error"]
        code, message = str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", "no reason given; see that the address is that of a router"
    return code, " ".join(message.split())[:500]


def _retry_after_s(reply: _Reply) -> float | None:
    """Only of those who say that they have too much to do."""
    text = reply.retry_after
    if reply.status not in (429, 503) or not text.isascii() or not text.isdigit():
        return None
    return max(LEAST_WAIT_S, float(text))

"""The router over HTTP; the one place that knows FastAPI."""

from collections.abc import AsyncIterator

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from qtest.errors import CompletionError
from qtest.records.completion import Completion, Prompt
from serve import chat, wire
from serve.access import Keys
from serve.config import HttpSettings
from serve.door import Door, body_of, while_connected
from serve.refusals import Refusal, of_error
from serve.setup import Served
from serve.streams import Item, closing


def app_of(served: Served, keys: Keys, settings: HttpSettings) -> FastAPI:
    """Every route but /healthz asks for a key. There are no pages of documentation, as they would load scripts from elsewhere."""
    routes = _Routes(served, settings.most_body_kb * 1024)
    door = Door(keys, settings.in_flight)
    return FastAPI(
        title="QTest router",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        routes=[
            Route("/healthz", routes.healthz, methods=["GET"]),
            Route("/llm/generate", door.guarding(routes.generate), methods=["POST"]),
            Route("/llm/spend", door.guarding(routes.spend), methods=["GET"]),
            Route("/v1/chat/completions", door.guarding(routes.chat_completions), methods=["POST"]),
            Route("/v1/models", door.guarding(routes.models), methods=["GET"]),
        ],
        exception_handlers={404: _no_route, 405: _no_route},
    )


async def _no_route(request: Request, error: Exception) -> Response:
    refusal = Refusal(
        getattr(error, "status_code", 404),
        "no_such_route",
        f"{request.method} {request.url.path[:200]} is not served here",
    )
    return JSONResponse(refusal.body(), refusal.status)


class _Routes:
    """`key` is the name of the API key that asks."""

    def __init__(self, served: Served, most_body: int) -> None:
        self._router = served.router
        self._spending = served.spending
        self._absent = served.absent
        self._most_body = most_body
        self._names = {"auto": "auto"}
        for tier, model in served.router.models:
            self._names.update({tier.lower(): tier})
            self._names.setdefault(model.lower(), tier)

    async def healthz(self, request: Request) -> Response:
        return JSONResponse({"status": "ok", "tiers": dict(self._router.models), "absent": dict(self._absent)})

    async def models(self, request: Request, key: str) -> Response:
        rows = [{"id": name, "object": "model", "created": 0, "owned_by": "qtest"} for name in self._names]
        return JSONResponse({"object": "list", "data": rows})

    async def generate(self, request: Request, key: str) -> Response:
        prompt = wire.asked(await body_of(request, self._most_body)).prompt(key)
        completion = await while_connected(request, self._router.complete(prompt))
        return Response(wire.answered(completion), media_type="application/json")

    async def chat_completions(self, request: Request, key: str) -> Response:
        asked = chat.asked(await body_of(request, self._most_body))
        prompt = asked.prompt(key, self._names)
        answer = chat.Chat(asked)
        if asked.stream:
            return await self._streamed(request, prompt, answer)
        completion = await while_connected(request, self._router.complete(prompt))
        return Response(answer.whole(completion), media_type="application/json")

    async def spend(self, request: Request, key: str) -> Response:
        """By day and tier: of a run or a repository that is named, else of the key that asks."""
        kind, name = next(
            ((kind, request.query_params[kind]) for kind in ("run", "repository") if kind in request.query_params),
            ("key", key),
        )
        rows = self._spending.rows(kind, name)
        return JSONResponse(
            {
                "kind": kind,
                "name": name,
                "tokens": sum(row.tokens for row in rows),
                "usd": sum(row.usd for row in rows),
                "gpu_s": sum(row.gpu_s for row in rows),
                "days": [row.model_dump(exclude={"kind", "name"}) for row in rows],
            }
        )

    async def _streamed(self, request: Request, prompt: Prompt, answer: chat.Chat) -> Response:
        """An error before the first piece is told by the status, as without a stream."""
        items = self._router.stream(prompt)
        first = await while_connected(request, anext(items))
        return StreamingResponse(
            _events(first, items, answer), media_type="text/event-stream", headers={"Cache-Control": "no-cache"}
        )


async def _events(first: Item, items: AsyncIterator[Item], answer: chat.Chat) -> AsyncIterator[str]:
    """What goes wrong on the way is an event too, and then there is no mark of the end, so that nobody takes a part for the whole."""
    yield answer.opening()
    try:
        async with closing(items):
            item = first
            while not isinstance(item, Completion):
                if item:
                    yield answer.piece(item)
                item = await anext(items)
            yield answer.ending(item)
    except CompletionError as error:
        yield chat.event(of_error(error).body())

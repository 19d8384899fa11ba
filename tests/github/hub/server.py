"""The server: API and git over HTTP on one port of this machine, with the troubles a test orders."""

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from hub import backend, rest
from hub.answers import Answers
from hub.description import Operation, described
from hub.state import State, Token

_API = "/api/v3"
_LIMIT = 5000


@dataclass
class Trouble:
    """What the server does, `times` times, to requests whose method and path look like `pattern`, such as `POST .*/pulls`. `act` is done
    first. With a status, the request is not carried out, or, `late`, it is, and the answer is lost."""

    pattern: str
    status: int = 0
    message: str = "Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    late: bool = False
    act: Callable[[], object] | None = None


@dataclass
class Hub:
    """`asked` are the requests, in order, as `GET /repos/org/repo`; `wrong` is what was not as GitHub describes it."""

    root: Path
    asked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = State(self.root)
        self.lock = threading.RLock()
        hub = self

        class Handler(_Handler):
            def __init__(self, *given: Any) -> None:
                self.hub = hub
                super().__init__(*given)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def api(self) -> str:
        return self.host + _API

    def trouble(self, pattern: str, status: int = 0, **more: Any) -> None:
        self.troubles.append(Trouble(pattern, status, **more))

    def wrote(self) -> list[str]:
        return [line for line in self.asked if not line.startswith(("GET", "HEAD")) and "git-upload-pack" not in line]

    def due(self, line: str) -> Trouble | None:
        found = next((one for one in self.troubles if one.times and re.fullmatch(one.pattern, line)), None)
        if found:
            found.times -= 1
        return found

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def opened(root: Path) -> Iterator[Hub]:
    hub = Hub(root)
    try:
        yield hub
    finally:
        hub.close()
    assert not hub.wrong, "\n".join(hub.wrong)


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        body = self._read()
        path = unquote(place.path.removeprefix(_API))
        line = f"{self.command} {path}"
        with self.hub.lock:
            self.hub.asked.append(line)
            trouble = self.hub.due(line)
        if trouble and trouble.act:
            trouble.act()
        if trouble and trouble.status and not trouble.late:
            self._say(trouble.status, {"message": trouble.message}, trouble.headers)
            return
        if place.path.startswith(_API + "/"):
            status, answer, headers = self._rest(path, dict(parse_qsl(place.query, keep_blank_values=True)), body)
        else:
            with self.hub.lock:
                status, answer, headers = backend.answer(
                    self.hub.state, self.command, path, place.query, self.headers, body, self._token()
                )
        if trouble and trouble.late:
            self._say(trouble.status, {"message": trouble.message}, trouble.headers)
            return
        self._say(status, answer, headers)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def _rest(self, path: str, query: dict[str, str], body: bytes) -> tuple[int, Any, dict[str, str]]:
        headers = {
            "X-RateLimit-Limit": str(_LIMIT),
            "X-RateLimit-Remaining": str(_LIMIT - 1),
            "X-RateLimit-Reset": "4000000000",
        }
        operation = described().operation(self.command, path)
        handler = rest.HANDLERS.get((self.command, operation.template)) if operation else None
        if operation is None or handler is None:
            self.hub.wrong.append(f"{self.command} {path}: is not described, or not served here")
            return 404, {"message": "Not Found"}, headers
        try:
            given = json.loads(body) if body else None
        except ValueError:
            return 400, {"message": "Problems parsing JSON"}, headers
        problems = list(described().wrong_request(operation, query, given))
        self._note(operation, "asked", problems)
        try:
            token = self._token()
            if token is None and self.headers.get("Authorization"):
                raise rest.Refused(401, "Bad credentials")
            call = rest.Call(self.hub.state, Answers(self.hub.host), token, operation.parts, query, given)
            with self.hub.lock:
                status, answer = handler(call)
            headers |= _links(f"{self.hub.api}{path}", query, call.last_page)
            if token and token.scopes is not None:
                headers["X-OAuth-Scopes"] = ", ".join(token.scopes)
        except rest.Refused as refused:
            status, answer = refused.status, refused.body
            headers |= refused.headers
        self._note(operation, f"answered {status}", list(described().wrong_answer(operation, status, answer)))
        return status, answer, headers

    def _note(self, operation: Operation, what: str, problems: list[str]) -> None:
        self.hub.wrong += [f"{operation.method} {operation.template} {what}: {problem}" for problem in problems]

    def _token(self) -> Token | None:
        kind, _, said = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            said = base64.b64decode(said).decode().partition(":")[2]
        return self.hub.state.tokens.get(said)

    def _read(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().strip(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _say(self, status: int, answer: Any, headers: Mapping[str, str]) -> None:
        raw = answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        kind = {} if isinstance(answer, bytes) else {"Content-Type": "application/json; charset=utf-8"}
        for name, value in (kind | dict(headers) | {"Content-Length": str(len(raw))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *given: object) -> None:
        pass


def _links(url: str, query: Mapping[str, str], last: int) -> dict[str, str]:
    """As GitHub links pages: there is no next one behind the last, and none at all for a single one."""
    page = int(query.get("page", 1))
    if last <= 1:
        return {}
    rest_of = "&".join(f"{name}={value}" for name, value in query.items() if name != "page")
    named = {"prev": page - 1, "next": page + 1, "first": 1, "last": last}
    if page == 1:
        named = {name: number for name, number in named.items() if name not in ("prev", "first")}
    if page >= last:
        named = {name: number for name, number in named.items() if name not in ("next", "last")}
    return {"Link": ", ".join(f'<{url}?{rest_of}&page={number}>; rel="{name}"' for name, number in named.items())}

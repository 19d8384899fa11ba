"""A server that answers as it is told to, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

Events = Sequence[bytes]


class Speech(Protocol):
    """One wire protocol, from the server's side."""

    path: str
    key_header: str

    def whole(self, content: str, finish: str, usage: Any, asked: dict[str, Any]) -> Any: ...

    def events(self, content: str, finish: str, usage: Any, asked: dict[str, Any]) -> Events: ...

    def error(self, status: int, words: str, kind: str) -> Any: ...

    def mid_stream(self, words: str, kind: str) -> bytes: ...


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


Say = Callable[["Handler", Asked], None]


@dataclass
class Server:
    """`say` answers all that come, `first` the ones before, each once."""

    speech: Speech
    say: Say
    first: list[Say] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ours: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        asked = Asked(self.path, {name.lower(): text for name, text in self.headers.items()}, body)
        self.ours.asked.append(asked)
        (self.ours.first.pop(0) if self.ours.first else self.ours.say)(self, asked)

    def head(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def cut(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(2)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are quiet."""


@contextmanager
def serving(speech: Speech, say: Say) -> Iterator[Server]:
    ours = Server(speech, say)
    handler = type("Own", (Handler,), {"ours": ours})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        http.daemon_threads = True
        ours.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield ours
        finally:
            ours.over.set()
            http.shutdown()
            thread.join()


def body(status: int, data: bytes, **headers: str) -> Say:
    def say(handler: Handler, _: Asked) -> None:
        handler.head(status, content_type="application/json", content_length=str(len(data)), **headers)
        handler.wfile.write(data)

    return say


def answers(content: str, finish: str = "stop", usage: Any = ..., cut_at: int | None = None, then: bytes = b"") -> Say:
    """Whole or in events, as it is asked. `cut_at` events the connection breaks, after `then`."""

    def say(handler: Handler, asked: Asked) -> None:
        speech = handler.ours.speech
        if asked.path != speech.path:
            body(404, json.dumps(speech.error(404, f"no {asked.path}", "not_found_error")).encode())(handler, asked)
        elif asked.body.get("stream"):
            events = [*speech.events(content, finish, usage, asked.body)[:cut_at], *([then] if then else [])]
            _stream(handler, events, broken=cut_at is not None)
        else:
            data = json.dumps(speech.whole(content, finish, usage, asked.body)).encode()
            whole = len(data) + (1000 if cut_at is not None else 0)
            handler.head(200, content_type="application/json", content_length=str(whole))
            handler.wfile.write(data)
            if cut_at is not None:
                handler.cut()

    return say


def _stream(handler: Handler, events: Events, *, broken: bool) -> None:
    """In chunks that end anywhere, also in the middle of a character."""
    handler.head(200, content_type="text/event-stream; charset=utf-8", transfer_encoding="chunked")
    data = b"".join(events)
    step = max(7, len(data) // 199)
    for at in range(0, len(data), step):
        handler.chunk(data[at : at + step])
    if broken:
        handler.cut()
    else:
        handler.chunk(b"")


def streams(data: bytes) -> Say:
    return lambda handler, _: _stream(handler, [data], broken=False)


def fails(status: int, words: str, kind: str, **headers: str) -> Say:
    def say(handler: Handler, asked: Asked) -> None:
        body(status, json.dumps(handler.ours.speech.error(status, words, kind)).encode(), **headers)(handler, asked)

    return say


def hangs(handler: Handler, _: Asked) -> None:
    """Until the client leaves."""
    _until_left(handler, lambda: None)


def begins(handler: Handler, asked: Asked) -> None:
    """A stream, and then hangs."""

    def some() -> None:
        handler.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        for event in handler.ours.speech.events("begun and", "stop", ..., asked.body)[:5]:
            handler.chunk(event)

    _until_left(handler, some)


def _until_left(handler: Handler, say: Callable[[], None]) -> None:
    """A client that leaves what was sent unread resets the connection; one that has read it all closes it."""
    try:
        say()
        gone = handler.connection.recv(1) == b""
    except ConnectionError:
        gone = True
    if gone:
        handler.ours.left.set()
    handler.close_connection = True


def only_with(key: str, say: Say) -> Say:
    def checked(handler: Handler, asked: Asked) -> None:
        given = asked.headers.get(handler.ours.speech.key_header, "")
        if given.removeprefix("Bearer ") == key:
            say(handler, asked)
        else:
            fails(401, f"Incorrect API key provided: {given}", "authentication_error")(handler, asked)

    return checked

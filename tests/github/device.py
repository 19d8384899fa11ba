"""A small server that speaks GitHub's device flow: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow"""

import json
import threading
import urllib.parse
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass
class Clock:
    """Seconds pass when somebody sleeps."""

    time: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@dataclass
class DeviceServer:
    """Knows one app and gives one code, which a person answers after `after_s`. `hurried` is how many polls it takes for too fast,
    whenever they come; `troubles` are statuses that it answers polls with first."""

    clock: Clock
    client_id: str = "Iv1.app"
    token: str = "gho_" + "s3cret" * 6
    answer: Literal["yes", "no", "never"] = "yes"
    after_s: float = 12.0
    expires_s: int = 900
    interval_s: float = 5.0
    hurried: int = 0
    enabled: bool = True
    garbled: bool = False
    refusal: int = 200
    troubles: list[int] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)

    device_code = "3584d83530557fdd1f46af8289938c8ef79f9dc5"
    user_code = "WDJB-MJHT"

    def __enter__(self) -> Self:
        mine = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                assert self.headers["Accept"] == "application/json", "else GitHub answers as a form"
                code, said = mine.said(self.path, dict(urllib.parse.parse_qsl(body)))
                if "error" in said and code == 200:
                    code = mine.refusal
                data = b"<html>" if mine.garbled else json.dumps(said).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def said(self, path: str, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if path == "/login/device/code":
            return self._code(fields)
        if path == "/login/oauth/access_token":
            return self._polled(fields)
        return 404, {"error": "Not Found"}

    def _code(self, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if fields.get("client_id") != self.client_id:
            return 404, {"error": "Not Found"}
        if not self.enabled:
            return 200, {"error": "device_flow_disabled", "error_description": "Device Flow must be enabled."}
        self.scopes.append(fields.get("scope", ""))
        return 200, {
            "device_code": self.device_code,
            "user_code": self.user_code,
            "verification_uri": f"{self.url}/login/device",
            "expires_in": self.expires_s,
            "interval": self.interval_s,
        }

    def _polled(self, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        now = self.clock.now()
        last = self.polls[-1] if self.polls else 0.0
        self.polls.append(now)
        if self.troubles:
            return self.troubles.pop(0), {}
        if fields.get("grant_type") != GRANT:
            return 200, {"error": "unsupported_grant_type"}
        if fields.get("client_id") != self.client_id:
            return 200, {"error": "incorrect_client_credentials"}
        if fields.get("device_code") != self.device_code:
            return 200, {"error": "incorrect_device_code"}
        if now > self.expires_s:
            return 200, {"error": "expired_token"}
        if self.hurried or now - last < self.interval_s:
            self.hurried = max(0, self.hurried - 1)
            self.interval_s += 5
            return 200, {"error": "slow_down", "interval": self.interval_s}
        if self.answer == "never" or now < self.after_s:
            return 200, {"error": "authorization_pending"}
        if self.answer == "no":
            return 200, {"error": "access_denied"}
        return 200, {"access_token": self.token, "token_type": "bearer", "scope": "repo"}

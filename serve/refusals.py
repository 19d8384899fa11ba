"""What is said over HTTP when there is no answer: a status, and a body in the shape that OpenAI's clients read."""

import math
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from qtest.errors import BudgetSpent, CompletionError
from serve.fallback import NobodyAnswers, PromptRefused
from serve.seams import Trouble

_STATUS: dict[Trouble, int] = {
    "unreachable": 503,
    "limited": 503,
    "overloaded": 503,
    "late": 504,
    "garbage": 502,
    "cut off": 502,
    "refused": 400,
    "too long": 400,
}
_KINDS = {401: "authentication_error", 402: "insufficient_quota", 429: "rate_limit_error"}
_SHOWN = 80


class Refusal(Exception):
    """`param` names the part of the request that is wrong."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        retry_after_s: float | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param
        self.retry_after_s = retry_after_s
        self.more = more or {}

    def body(self) -> dict[str, Any]:
        kind = _KINDS.get(self.status, "invalid_request_error" if self.status < 500 else "server_error")
        return {"error": {"message": str(self), "type": kind, "param": self.param, "code": self.code, **self.more}}

    def headers(self) -> dict[str, str]:
        headers = {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(max(1, math.ceil(self.retry_after_s)))
        return headers


def of_error(error: CompletionError) -> Refusal:
    if isinstance(error, BudgetSpent):
        return Refusal(402, "budget_spent", str(error))
    if isinstance(error, PromptRefused):
        return Refusal(400, error.blame, str(error), param="answer" if error.blame == "schema_refused" else "messages")
    if isinstance(error, NobodyAnswers):
        attempts = [attempt.model_dump() for attempt in error.attempts]
        status = _STATUS[error.trouble]
        code = error.trouble.replace(" ", "_")
        return Refusal(status, code, str(error), retry_after_s=error.retry_after_s, more={"attempts": attempts})
    return Refusal(503, "no_answer", str(error))


def of_body(error: ValidationError) -> Refusal:
    """The first thing that is wrong, by its name; of what was sent instead only the beginning."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"][:1].lower() + first["msg"][1:]
    if first["type"] == "json_invalid":
        return Refusal(400, "invalid_json", f"the body is no JSON: {message}")
    if first["type"] == "extra_forbidden":
        return Refusal(400, "unknown_parameter", f"{where}: there is no such parameter", param=where)
    if first["type"] == "missing":
        return Refusal(400, "missing_parameter", f"{where} is missing", param=where)
    if not where:
        return Refusal(400, "invalid_value", f"the body: {message}")
    given = repr(first["input"])
    given = given if len(given) <= _SHOWN else f"{given[:_SHOWN]}..."
    return Refusal(400, "invalid_value", f"{where} is {given}; {message}", param=where)

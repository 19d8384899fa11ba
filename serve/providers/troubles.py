"""What a server means by an answer that is none: its status, its headers and its words, as a ProviderError."""

import email.utils
import json
import math
import re
import time
from collections.abc import Mapping
from typing import Any

from serve.seams import ProviderError, Trouble

_TOO_LONG = re.compile(
    r"context.{0,12}(length|window|size)|prompt is too long|too many (input )?tokens|maximum model length",
    re.IGNORECASE,
)
_NO_MONEY = (
    "insufficient_quota",
    "billing_error",
    "billing_hard_limit_reached",
)  # said with 429; waiting does not help
_BY_KIND: Mapping[str, Trouble] = {
    "overloaded_error": "overloaded",
    "rate_limit_error": "limited",
    "rate_limit_exceeded": "limited",
    "timeout_error": "late",
    "api_error": "unreachable",
    "server_error": "unreachable",
    "internal_server_error": "unreachable",
}
# a key, an account or a model that is not there says nothing about the prompt: somebody else may answer it
_BY_STATUS: Mapping[int, Trouble] = {
    402: "unreachable",
    404: "unreachable",
    405: "unreachable",
    408: "late",
    413: "too long",
    429: "limited",
    503: "overloaded",
    504: "late",
    529: "overloaded",
}


class Refused(ProviderError):
    """`said` is what the server said, in full."""

    def __init__(self, trouble: Trouble, message: str, said: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(trouble, message, retry_after_s=retry_after_s)
        self.said = said


def of_answer(status: int, headers: Mapping[str, str], body: bytes, key_hint: str) -> Refused:
    """Of a status that is no success. `key_hint` says where the key comes from. What a server says of a wrong key is kept to itself: it
    may show part of it."""
    if status in (401, 403):
        return Refused("unreachable", f"the key is not accepted ({status}); {key_hint}")
    if 300 <= status < 400:
        return Refused("garbage", f"a redirect ({status}) where an answer was expected; see that the address is right")
    words, kind = _words(body)
    trouble = _of_status(status, words, kind)
    wait_s = retry_after_s(headers) if trouble in ("limited", "overloaded", "unreachable") else None
    return Refused(trouble, f"{status}: {one_line(words) or 'no reason given'}", words, retry_after_s=wait_s)


def of_error(error: Any) -> Refused:
    """Of an error in the middle of a stream, where a status is at most its code."""
    words, kind = _of_object(error)
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) else 400 if "invalid" in kind or _TOO_LONG.search(words) else 500
    trouble = _BY_KIND.get(kind) or _of_status(status, words, kind)
    return Refused(trouble, one_line(words) or "an error without a reason", words)


def _of_status(status: int, words: str, kind: str) -> Trouble:
    if status == 429 and kind in _NO_MONEY:
        return "unreachable"
    if status in (400, 422) and (kind == "context_length_exceeded" or _TOO_LONG.search(words)):
        return "too long"
    return _BY_STATUS.get(status) or ("unreachable" if status >= 500 else "refused")


def _words(body: bytes) -> tuple[str, str]:
    """The server's words and its name for what is wrong."""
    text = body.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ("a page in HTML" if text.lstrip()[:1] == "<" else text), ""
    return _of_object(found.get("error", found) if isinstance(found, dict) else found)


def _of_object(error: Any) -> tuple[str, str]:
    if not isinstance(error, dict):
        return str(error), ""
    kind = error.get("code") if isinstance(error.get("code"), str) else error.get("type")
    return str(error.get("message") or error.get("detail") or ""), str(kind or "")


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """In seconds from now, whichever way it is written; None for what means nothing."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            wait_s = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if math.isfinite(wait_s) and wait_s >= 0:
            return wait_s
    try:
        when = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
        return max(0.0, when.timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def one_line(text: str, most: int = 300) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}…"

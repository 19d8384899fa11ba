"""What GitHub says when it does not do as asked, in one line that says what to do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import requests
from github import GithubException
from github.GithubException import RateLimitExceededException

from qtest.errors import ForgeError, ForgeRefused

_SCOPES = "contents and pull requests, read and write (of a classic token: repo)"


@contextmanager
def translated(what: str) -> Iterator[None]:
    """`what` is asked of the server, such as `org/repo: opening a pull request`; it begins the message."""
    try:
        yield
    except RateLimitExceededException as error:
        raise ForgeError(f"{what}: {_limited(error.headers or {})}") from error
    except GithubException as error:
        kind = ForgeError if error.status >= 500 else ForgeRefused
        raise kind(f"{what}: {_explained(error)}") from error
    except requests.exceptions.RetryError as error:
        why = _limited({}) if "403 error" in str(error) else "GitHub keeps answering with an error; try again later"
        raise ForgeError(f"{what}: {why}") from error
    except requests.exceptions.RequestException as error:
        raise ForgeError(
            f"{what}: GitHub cannot be reached ({_cause(error)}); check the network, or try again later"
        ) from error


def said(error: GithubException) -> str:
    """Its own words, those on single fields included, on one line."""
    answer = error.data if isinstance(error.data, dict) else {}
    details = answer.get("errors")
    texts = [_text(detail) for detail in details] if isinstance(details, list) else []
    return " ".join("; ".join([str(answer.get("message") or f"status {error.status}"), *filter(None, texts)]).split())


def _explained(error: GithubException) -> str:
    words, headers = said(error), _lowered(error.headers)
    if error.status == 401:
        return f"GitHub does not take this token ({words}); it may have expired: make another"
    if "archived" in words:
        return "the repository is archived, which is read-only; unarchive it, or work on a fork"
    if "x-github-sso" in headers:
        return "the organization wants single sign-on for this token; authorize it at GitHub under Settings, Tokens"
    if "rotected branch" in words:
        return f"the branch is protected ({words}); name another with --base, or ask for the right to push"
    if error.status == 403:
        wanted = headers.get("x-accepted-oauth-scopes") or headers.get("x-accepted-github-permissions") or _SCOPES
        return f"the token may not do this ({words}); expected a token with {wanted}"
    if error.status == 404:
        return "not found, or the token may not see it; check the name, and that the token covers this repository"
    if error.status >= 500:
        return f"GitHub has trouble of its own ({words}); try again later"
    return f"GitHub refuses ({words})"


def _limited(headers: Mapping[str, str]) -> str:
    found = _lowered(headers)
    reset, wait = found.get("x-ratelimit-reset", ""), found.get("retry-after", "")
    if wait.isdigit():
        when = f"in {int(wait)} s"
    elif reset.isdigit() and found.get("x-ratelimit-remaining") == "0":
        when = f"after {datetime.fromtimestamp(int(reset), UTC):%H:%M} UTC"
    else:
        when = "later"
    return f"GitHub's rate limit is used up; try again {when}"


def _lowered(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in (headers or {}).items()}


def _text(detail: Any) -> str:
    if not isinstance(detail, dict):
        return str(detail)
    return str(detail.get("message") or " ".join(str(detail[key]) for key in ("field", "code") if detail.get(key)))


def _cause(error: Exception) -> str:
    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    return "no connection"

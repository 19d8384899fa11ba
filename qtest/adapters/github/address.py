"""Where the API of a GitHub server is, and which token from the environment belongs to it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from qtest.errors import UsageError

PUBLIC = "https://github.com"
HELP = "set QTEST_GIT_TOKEN, or for GitHub GITHUB_TOKEN"
_HERE = ("localhost", "127.0.0.1", "[::1]")


def api_of(server: str, outer: Mapping[str, str]) -> str:
    """`server` as `https://host`; `outer` is the user's environment. Enterprise has its API under `/api/v3`."""
    own = outer.get("GITHUB_API_URL", "").strip() if server == _own_server(outer) else ""
    default = "https://api.github.com" if server == PUBLIC else f"{server}/api/v3"
    return _checked(outer.get("QTEST_GITHUB_URL", "").strip() or own or default)


def token_for(server: str, outer: Mapping[str, str]) -> str:
    """Empty when there is none. GitHub's own token goes to GitHub's own server alone, ours to any that is safe to reach."""
    if (token := outer.get("QTEST_GIT_TOKEN", "").strip()) and _is_safe(server):
        return token
    return outer.get("GITHUB_TOKEN", "").strip() if server == _own_server(outer) else ""


def _own_server(outer: Mapping[str, str]) -> str:
    return (outer.get("GITHUB_SERVER_URL", "").strip() or PUBLIC).rstrip("/")


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.netloc.rpartition("@")[2].startswith(_HERE))


def _checked(address: str) -> str:
    parts = urlsplit(address)
    if not parts.hostname or parts.scheme not in ("https", "http") or parts.username or parts.query:
        raise UsageError(
            "QTEST_GITHUB_URL: is no address of GitHub's API; expected one such as https://github.example.com/api/v3"
        )
    if not _is_safe(address):
        raise UsageError(f"{address}: a token is not sent over plain http; expected an https address")
    return address.rstrip("/")

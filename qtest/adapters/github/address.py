"""Where the API of a GitHub server is, and which token belongs to it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from qtest.adapters.credentials import tokens
from qtest.errors import UsageError

PUBLIC = "https://github.com"
HELP = tokens.HELP


def api_of(server: str, outer: Mapping[str, str]) -> str:
    """`server` as `https://host`; `outer` is the user's environment. Enterprise has its API under `/api/v3`."""
    own = outer.get("GITHUB_API_URL", "").strip() if server == tokens.own_server(outer) else ""
    default = "https://api.github.com" if server == PUBLIC else f"{server}/api/v3"
    return _checked(outer.get("QTEST_GITHUB_URL", "").strip() or own or default)


def token_for(server: str, outer: Mapping[str, str]) -> str:
    """Empty when there is none."""
    found = tokens.token_for(server, outer)
    return found.value if found else ""


def _checked(address: str) -> str:
    parts = urlsplit(address)
    if not parts.hostname or parts.scheme not in ("https", "http") or parts.username or parts.query:
        raise UsageError(
            "QTEST_GITHUB_URL: is no address of GitHub's API; expected one such as https://github.example.com/api/v3"
        )
    if not tokens.safe(address):
        raise UsageError(f"{address}: a token is not sent over plain http; expected an https address")
    return address.rstrip("/")

"""Which token a server is shown: the one place that answers it, for git, for the API and for `qtest login --status`."""

import ipaddress
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field

from qtest.adapters.credentials.keys import Keys, Ring
from qtest.adapters.credentials.variables import ANY_HOST, GITHUB
from qtest.adapters.credentials.vault import TokenFile, place
from qtest.errors import CredentialError

HELP = f"log in with `qtest login`, or set {ANY_HOST} (for GitHub also {', '.join(GITHUB)})"
KEPT = "qtest login"
_GITHUB = "https://github.com"


@dataclass(frozen=True)
class Token:
    """`source` says where it was found: a variable, or KEPT."""

    value: str = field(repr=False)
    source: str


def token_for(server: str, outer: Mapping[str, str], ring: Ring | None = None) -> Token | None:
    """`server` is `https://host`, of the pages and the repositories (not of the API); `outer` the user's environment. QTEST_GIT_TOKEN
    is for any server, GitHub's variables for GITHUB_SERVER_URL alone, and a kept token for its own host. Nothing is shown over a way
    that others can listen to. Raises CredentialError."""
    if not safe(server):
        return None
    names = (ANY_HOST, *GITHUB) if server.lower() == own_server(outer).lower() else (ANY_HOST,)
    for name in names:
        if token := outer.get(name, "").strip():
            return Token(clean(token, name), name)
    path = place(outer)
    if path is None:
        return None
    kept = TokenFile(path, Keys(outer, ring)).get(host_of(server))
    return Token(kept, KEPT) if kept else None


def own_server(outer: Mapping[str, str]) -> str:
    """GitHub's own, or the one that a runner of GitHub Enterprise names."""
    return (outer.get("GITHUB_SERVER_URL", "").strip() or _GITHUB).rstrip("/")


def host_of(server: str) -> str:
    """With its port."""
    return urllib.parse.urlsplit(server).netloc.lower()


def safe(server: str) -> bool:
    """Encrypted, or not leaving this machine."""
    parts = urllib.parse.urlsplit(server)
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or ""))


def _is_here(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def clean(token: str, name: str) -> str:
    """`name` says where it came from. What is no single word would be another header."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise CredentialError(f"{name}: holds a space or a control character; expected one token")
    return token

"""What git says when a server does not give what it was asked for, in a line that says what to do."""

from qtest.adapters.git.command import GitFailed
from qtest.adapters.git.logins import HELP
from qtest.adapters.git.spec import GitSpec

_SECRET = ("could not read Username", "could not read Password", "Authentication failed", "Permission denied (", "HTTP 401", "returned error: 401", "returned error: 403")  # fmt: skip
_ABSENT = (
    "not found",
    "does not appear to be a git repository",
    "no such path",
    "does not exist",
    "returned error: 404",
)
_LACKING = ("not our ref", "unadvertised object", "not a tree object", "not a valid object name")
_SILENT = (
    "Could not resolve", "Failed to connect", "Connection refused", "Connection timed out", "timed out", "Connection reset",
    "Operation too slow", "Couldn't connect", "Could not connect", "No route to host", "Empty reply",
)  # fmt: skip


def explained(spec: GitSpec, failed: GitFailed, wall_s: float, most_bytes: int) -> str:
    """`wall_s` and `most_bytes` are the bounds it ran under."""
    host = spec.host or "git"
    if failed.kind == "absent":
        return f"{spec.shown}: git is not installed; install it, or give a folder"
    if failed.kind == "time":
        return f"{spec.shown}: {host} did not answer within {wall_s:.0f} s; check the network, or give a folder"
    if failed.kind == "size":
        return f"{spec.shown}: brings more than {most_bytes >> 20} MiB; expected a smaller repository"
    if any(words in failed.said for words in _LACKING):
        return (
            f"{spec.shown}: there is no commit {spec.wanted or 'at its default branch'}; check the id, or name a branch"
        )
    if "Host key verification failed" in failed.said:
        return f"{spec.shown}: ssh does not know {host}; connect to it once by hand, so that its key is known"
    if any(words in failed.said for words in _SECRET):
        return f"{spec.shown}: {_unseen(spec)}{host} wants a login, and none or a wrong one was given; {_key(spec)}"
    if any(words in failed.said for words in _SILENT):
        return f"{spec.shown}: {_unseen(spec)}{host} cannot be reached ({failed.line}); check the name and the network"
    if any(words in failed.said for words in _ABSENT):
        return f"{spec.shown}: {_unseen(spec)}there is no git repository at {spec.url}; check the address"
    return f"{spec.shown}: git failed ({failed.line}); try again, or give a folder"


def _unseen(spec: GitSpec) -> str:
    return "there is no folder of that name here, and " if spec.github else ""


def _key(spec: GitSpec) -> str:
    return "add your key to ssh's agent" if spec.scheme == "ssh" else f"check the name, or {HELP}"

"""Why a server did not take a push, in a line that says what to do."""

import re

from qtest.adapters.git.command import GitFailed
from qtest.errors import ForgeError, ForgeRefused
from qtest.records.delivery import Place

_REMOTE = re.compile(r"^remote:\s*(?:error:|fatal:)?\s*(\S.*)$", re.MULTILINE)
_SCOPE = "contents and pull requests, read and write (of a classic token: repo)"


def explained(place: Place, branch: str, failed: GitFailed, wall_s: float) -> tuple[type[ForgeError], str]:
    """Which kind of error, and its message."""
    kind, why = _why(branch, failed, wall_s)
    return kind, f"{place.name}: {why}"


def _why(branch: str, failed: GitFailed, wall_s: float) -> tuple[type[ForgeError], str]:
    said, words = failed.said, _words(failed)
    if failed.kind == "time":
        return ForgeError, f"pushing {branch} took longer than {wall_s:.0f} s; check the network, and run again"
    if "stale info" in said or "fetch first" in said or "cannot lock ref" in said:
        return ForgeRefused, f"somebody has pushed to {branch} meanwhile; it was left as it is: run again"
    if "archived" in said:
        return ForgeRefused, "the repository is archived, which is read-only; unarchive it, or work on a fork"
    if "GH006" in said or "rotected branch" in said or "GH013" in said or "rule violations" in said:
        return ForgeRefused, f"its rules let nobody push {branch} ({words}); allow branches that begin with qtest/"
    if "returned error: 403" in said or "denied to" in said:
        return ForgeRefused, f"the token may not push ({words}); expected a token with {_SCOPE}"
    if "Authentication failed" in said or "could not read Username" in said or "returned error: 401" in said:
        return ForgeRefused, "the token is not taken; it may have expired: make another"
    if "returned error: 404" in said or "not found" in said:
        return ForgeRefused, "not found, or the token may not see it; check the name, and that the token covers it"
    if "[remote rejected]" in said or "hook declined" in said:
        return ForgeRefused, f"the server does not take {branch} ({words})"
    return ForgeError, f"{branch} could not be pushed ({words}); try again later"


def _words(failed: GitFailed) -> str:
    """The server's own before git's."""
    found = _REMOTE.search(failed.said)
    return " ".join((found[1] if found else failed.line).split())

"""Which login a server is shown, and how git learns of it: from its environment, for one host only."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qtest.adapters.credentials import tokens
from qtest.adapters.credentials.tokens import token_for
from qtest.adapters.git.command import Bounds, Git, GitFailed
from qtest.adapters.git.spec import GitSpec, Login

HELP = f"{tokens.HELP}, or QTEST_GIT_HELPERS=1 to ask git's own credential helpers"
_HELPER = (
    '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$QTEST_LOGIN_USER" "$QTEST_LOGIN_PASSWORD"; }; f'
)
_ANY_USER = "x-access-token"  # GitHub's name for a token's owner; others take any


@dataclass(frozen=True)
class Shown:
    """What a git command is given: settings that hold no secret, and variables that do."""

    settings: Sequence[tuple[str, str]] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def shown_to(spec: GitSpec, outer: Mapping[str, str]) -> Shown:
    """`outer` is the user's environment. A server that asks for nothing is shown nothing."""
    if spec.scheme not in ("https", "http"):
        return Shown()
    login = _login(spec, outer)
    if login is not None and login.password and login.password.isprintable():
        return Shown(
            ((f"credential.{spec.scheme}://{spec.host}.helper", _HELPER),),
            {"QTEST_LOGIN_USER": login.user, "QTEST_LOGIN_PASSWORD": login.password},
        )
    if outer.get("QTEST_GIT_HELPERS") == "1":
        home = outer.get("HOME", "")
        return Shown(_users_own(Git(outer), home), {"HOME": home})
    return Shown()


def _login(spec: GitSpec, outer: Mapping[str, str]) -> Login | None:
    """That of the address, else a token."""
    if spec.login and spec.login.password:
        return spec.login
    token = token_for(f"{spec.scheme}://{spec.host}", outer)
    return Login((spec.login.user if spec.login else "") or _ANY_USER, token.value) if token else None


def _users_own(git: Git, home: str) -> tuple[tuple[str, str], ...]:
    """Their helpers, as their own configuration names them; none where it names none."""
    try:
        said = git.read(
            *("config", "--global", "--includes", "-z", "--get-regexp", r"^credential\."),
            folder=Path("/"),
            bounds=Bounds(10, 1 << 20),
            variables={"HOME": home, "GIT_CONFIG_GLOBAL": os.path.join(home, ".gitconfig")},
        )
    except GitFailed:
        return ()
    pairs = (item.partition("\n") for item in said.decode("utf-8", "surrogateescape").split("\0") if item)
    return tuple((name, value) for name, _, value in pairs)

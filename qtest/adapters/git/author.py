"""Who the person at this machine is, as their git knows."""

from collections.abc import Mapping
from pathlib import Path

from qtest.adapters.git.command import Bounds, Git, GitFailed

_BOUNDS = Bounds(wall_s=10.0, size=1 << 16)


def author(outer: Mapping[str, str], folder: Path) -> str:
    """`Name <address>` of the folder's settings, else of the user's own; empty when there is neither."""
    name, address = (_setting(outer, folder, key) for key in ("user.name", "user.email"))
    return f"{name} <{address}>".strip() if name and address else name or address


def _setting(outer: Mapping[str, str], folder: Path, key: str) -> str:
    try:
        said = Git(outer).read(
            "config", "--get", key, folder=folder, bounds=_BOUNDS, variables={"GIT_CONFIG_GLOBAL": _own(outer)}
        )
    except (GitFailed, OSError):
        return ""
    return said.decode("utf-8", "replace").strip()


def _own(outer: Mapping[str, str]) -> str:
    """The user's file. Only two names are read from it, and nothing of it is run."""
    home = Path(outer.get("HOME") or "/")
    first = home / ".gitconfig"
    return str(first if first.exists() else Path(outer.get("XDG_CONFIG_HOME") or home / ".config", "git", "config"))

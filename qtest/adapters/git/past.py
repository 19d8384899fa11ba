"""What a folder held when it and a revision parted: the merge base, as pull requests are compared."""

from collections.abc import Mapping
from pathlib import Path

from qtest.adapters.git.command import Bounds, Git, GitFailed
from qtest.adapters.git.objects import Objects
from qtest.errors import QTestError, UsageError

_PRINTED = 512 << 20  # bytes
_FILE = ("100644", "100755")


def files_at(git: Git, folder: Path, revision: str, suffix: str = ".py", wall_s: float = 60.0) -> Mapping[str, bytes]:
    """By path below the folder, which is a work tree or lies inside one. Read out of the store, not compared by git: what a repository
    says about filters and programs for comparing has no effect. Raises UsageError when there is no such commit."""
    if not revision.isprintable():
        raise UsageError(f"--since {revision!r}: cannot be a revision; expected a branch, tag or sha")
    where = ("--git-dir=.git", "--work-tree=.") if (folder / ".git").exists() else ()
    objects = Objects(git, folder, where, Bounds(wall_s, _PRINTED))
    try:
        return _files(objects, _base(objects, revision), suffix)
    except GitFailed as failed:
        if failed.kind == "exit" and "not a git repository" not in failed.said:
            raise QTestError(f"--since {revision}: {folder} cannot be compared ({failed.line})") from failed
        said = "is no git repository" if failed.kind == "exit" else f"cannot be compared: {failed.line}"
        raise UsageError(f"--since {revision}: {folder} {said}; expected a folder in a git work tree") from failed


def _base(objects: Objects, revision: str) -> str:
    objects.read("rev-parse", "--git-dir")
    try:
        commit = _line(objects.read("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"))
    except GitFailed as failed:
        if failed.kind != "exit":
            raise
        raise UsageError(
            f"--since {revision}: there is no such commit in {objects.folder}; expected a branch, tag or sha that is "
            "here (a shallow clone may lack it: fetch it first)"
        ) from failed
    try:
        return _line(objects.read("merge-base", "HEAD", commit))
    except GitFailed as failed:
        if failed.kind != "exit":
            raise
        raise UsageError(
            f"--since {revision}: has no ancestor in common with what is checked out in {objects.folder}; "
            "name another, or fetch more of the history"
        ) from failed


def _files(objects: Objects, commit: str, suffix: str) -> Mapping[str, bytes]:
    """Paths that are not valid text are never those of a module."""
    rows = objects.read("ls-tree", "-r", "-z", commit).split(b"\0")
    names: dict[str, str] = {}
    for row in rows:
        facts, _, path = row.partition(b"\t")
        mode, _, rest = facts.decode("ascii", "replace").partition(" ")
        if mode in _FILE and path.endswith(suffix.encode()):
            names[path.decode("utf-8", "replace")] = rest.rpartition(" ")[2]
    contents = dict(objects.contents(sorted(set(names.values()))))
    return {path: contents[name] for path, name in names.items()}


def _line(said: bytes) -> str:
    return said.decode("ascii", "replace").strip().partition("\n")[0]

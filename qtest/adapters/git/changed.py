"""Which commits gave a file the form it has today."""

from collections.abc import Iterator
from pathlib import Path

from qtest.adapters.git.command import Bounds, Git, GitFailed
from qtest.adapters.git.objects import Objects
from qtest.records.source import Commit

COMMITS = 100
_PRINTED = 64 << 20  # bytes
_LOG = (
    "log",
    "--no-renames",
    "--no-show-signature",
    "--no-color",
    "--no-decorate",
    "--no-notes",
    "--no-mailmap",
    "--encoding=UTF-8",
)


def forms_of(git: Git, folder: Path, path: str, wall_s: float = 30.0) -> Iterator[tuple[Commit, bytes]]:
    """The commits that touched a file, newest first, with its content after each; none where there is no history of it. `folder` is a work
    tree or lies inside one."""
    where = ("--git-dir=.git", "--work-tree=.") if (folder / ".git").exists() else ()
    objects = Objects(git, folder, where, Bounds(wall_s, _PRINTED))
    try:
        said = objects.read(*_LOG, f"--max-count={COMMITS}", "-z", "--format=%H %ct %s", "HEAD", "--", f"./{path}")
    except GitFailed:
        return
    for row in said.decode("utf-8", "backslashreplace").split("\0"):
        sha, _, rest = row.partition(" ")
        when, _, subject = rest.partition(" ")
        if not sha:
            continue
        try:
            data = objects.read("cat-file", "blob", f"{sha}:./{path}")
        except GitFailed:  # this commit took it away
            data = b""
        yield Commit(sha=sha, when=int(when), subject=subject, paths=(path,)), data

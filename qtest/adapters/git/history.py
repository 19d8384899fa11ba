"""The last commits of a repository, with the paths that each of them touched."""

from pathlib import Path

from qtest.adapters.git.command import Bounds, Git, GitFailed
from qtest.adapters.git.objects import Objects
from qtest.records.record import Record
from qtest.records.source import Commit, Omission

COMMITS = 500
_PRINTED = 64 << 20  # bytes
_LOG = (
    "log", "-z", "--no-merges", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-show-signature",
    "--no-color", "--no-decorate", "--no-notes", "--no-mailmap", "--encoding=UTF-8", "-O/dev/null",
    "--format=%x00%H%x00%P%x00%ct%x00%s",
)  # fmt: skip


class History(Record):
    """`commits` newest first; `omitted` says when there could be more."""

    commits: tuple[Commit, ...] = ()
    omitted: tuple[Omission, ...] = ()


def of_folder(git: Git, folder: Path, wall_s: float = 30.0) -> History:
    """Of a work tree, or of a folder inside one; nothing where there is no repository or no commit yet."""
    bounds = Bounds(wall_s, _PRINTED)
    if (folder / ".git").exists():
        inside = Objects(git, folder, ("--git-dir=.git", "--work-tree=."), bounds)
        paths: tuple[str, ...] = ()
    else:
        inside = Objects(git, folder, (), bounds)
        paths = ("--relative", "HEAD", "--", ".")
    try:
        return of_objects(inside, *paths)
    except GitFailed as failed:
        if "does not have any commits yet" in failed.said or not (folder / ".git").exists():
            return History()
        return History(omitted=(Omission(path=".git", reason=f"no history: it cannot be read ({failed.line})"),))


def of_objects(objects: Objects, *what: str) -> History:
    """Raises GitFailed."""
    rows = _rows(objects.read(*_LOG, f"--max-count={COMMITS}", *what))
    cut = _cut(objects, [row[0] for row in rows if not row[1]])
    commits = tuple(
        Commit(sha=sha, when=int(when), subject=subject, paths=paths)
        for sha, _, when, subject, paths in rows
        if sha not in cut
    )
    if not cut:
        return History(commits=commits)
    reason = f"a shallow clone: its history ends after {len(commits)} commits"
    return History(commits=commits, omitted=(Omission(path=".git", reason=reason),))


def _rows(said: bytes) -> list[tuple[str, str, str, str, tuple[str, ...]]]:
    """Id, parents, time, subject, paths. A commit starts with an empty field, which no path is; its first path with a new line."""
    fields = said.decode("utf-8", "backslashreplace").split("\0")
    rows: list[tuple[str, str, str, str, tuple[str, ...]]] = []
    at = 0
    while at + 4 < len(fields):
        end = at + 5
        while end < len(fields) and fields[end]:
            end += 1
        first, *others = fields[at + 5 : end] or [""]
        paths = (first.removeprefix("\n"), *others) if first else ()
        rows.append((fields[at + 1], fields[at + 2], fields[at + 3], fields[at + 4], paths))
        at = end
    return rows


def _cut(objects: Objects, roots: list[str]) -> set[str]:
    """Those whose parents are not here: they would seem to have touched every file."""
    return {sha for sha, data in objects.contents(roots) if b"\nparent " in data.partition(b"\n\n")[0]}

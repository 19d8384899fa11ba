"""Which commits a user means, and where the repository of a folder begins."""

from dataclasses import dataclass
from pathlib import Path

from qtest.adapters.git.command import Bounds, Git, GitFailed
from qtest.errors import UsageError

_BOUNDS = Bounds(60.0, 1 << 20)


@dataclass(frozen=True)
class WorkTree:
    """`top` is where the repository begins, `below` the folder's path in it, empty for the top."""

    git: Git
    folder: Path
    top: Path
    below: str

    def commit(self, revision: str) -> str:
        """Its id. Raises UsageError when there is no such commit."""
        if not revision or not revision.isprintable() or revision.startswith("-"):
            raise UsageError(f"{revision!r}: cannot be a revision; expected a branch, tag or sha")
        try:
            return self._line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        except GitFailed as failed:
            raise UsageError(
                f"{revision}: there is no such commit in {self.top}; expected a branch, tag or sha that is here "
                "(a shallow clone may lack it: fetch it first)"
            ) from failed

    def base(self, revision: str) -> str:
        """Where what is checked out and the revision parted, as pull requests are compared. Raises UsageError."""
        commit = self.commit(revision)
        try:
            return self._line("merge-base", "HEAD", commit)
        except GitFailed as failed:
            raise UsageError(
                f"{revision}: has no ancestor in common with what is checked out in {self.top}; "
                "name another, or fetch more of the history"
            ) from failed

    def _line(self, *arguments: str) -> str:
        return _line(self.git, self.top, *arguments)


def work_tree(git: Git, folder: Path) -> WorkTree:
    """Raises UsageError when the folder lies in none."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder; expected a folder in a git work tree")
    try:
        top = Path(_line(git, folder, "rev-parse", "--show-toplevel"))
    except GitFailed as failed:
        raise UsageError(f"{folder}: is no git work tree ({failed.line}); expected a folder in one") from failed
    real = folder.resolve()
    below = "" if real == top.resolve() else real.relative_to(top.resolve()).as_posix()
    return WorkTree(git, real, top, below)


def _line(git: Git, folder: Path, *arguments: str) -> str:
    where = ("--git-dir=.git", "--work-tree=.") if (folder / ".git").exists() else ()
    said = git.read(*where, *arguments, folder=folder, bounds=_BOUNDS)
    return said.decode("utf-8", "surrogateescape").strip().partition("\n")[0]

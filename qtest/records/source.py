"""The code as it was handed to us: which files, in which projects, named by digest. Bytes stay in the store."""

from typing import Literal

from qtest.records.proof import Declined
from qtest.records.record import Record, digest_of

Role = Literal["source", "test", "vendored", "generated", "build", "other"]
Layout = Literal["src", "flat", "module", "namespace", "unknown"]


class SourceFile(Record):
    """`path` is relative to the bundle, with forward slashes; `size` in bytes; `language` is empty for data."""

    path: str
    sha256: str
    size: int
    language: str = ""
    role: Role = "other"
    executable: bool = False


class Project(Record):
    """One thing that is built and tested by itself. Paths are relative to the bundle; the top is `""`.

    `import_roots` are the folders that stand on the import path, in order; `packages` the names that can be imported from
    them; `test_paths` folders or files of tests; `scripts` are the console commands that installing it makes,
    as (name, `module:qualname`).
    """

    root: str
    language: str
    name: str
    layout: Layout
    import_roots: tuple[str, ...]
    packages: tuple[str, ...] = ()
    test_paths: tuple[str, ...] = ()
    scripts: tuple[tuple[str, str], ...] = ()


class Revision(Record):
    """Where the bundle came from: `folder /path`, `pypi name==version` with the archive's digest, or `git url` with a branch, tag or
    pull request as its version and the commit's id as its digest (40 digits where the repository counts by SHA-1)."""

    kind: Literal["folder", "pypi", "git"]
    name: str
    version: str = ""
    sha256: str = ""


class Omission(Record):
    """A path that was left out, and why, so that nothing is silent."""

    path: str
    reason: str


class Commit(Record):
    """One commit of the history, without merges: `when` in seconds since 1970, UTC; `paths` as they were called then."""

    sha: str
    when: int
    subject: str
    paths: tuple[str, ...]


class RawSourceBundle(Record):
    """`commits` newest first; none where there is no history. `declined` as of the repository."""

    revision: Revision
    files: tuple[SourceFile, ...]
    projects: tuple[Project, ...]
    omitted: tuple[Omission, ...] = ()
    commits: tuple[Commit, ...] = ()
    declined: tuple[Declined, ...] = ()

    @property
    def content(self) -> str:
        """A digest of the files and projects alone, wherever they came from."""
        return digest_of("\0".join(record.to_json() for record in (*self.files, *self.projects)))

    def file(self, path: str) -> SourceFile | None:
        return next((file for file in self.files if file.path == path), None)


class Repository(Record):
    """What the user named: a folder, `pypi:name==version`, or a git repository at a revision, unpacked into `folder`, which is only
    read. `commits` newest first; `omitted` is what could not be brought; `declined` are tests that people did not want where an earlier
    run wrote them."""

    spec: str
    folder: str
    revision: Revision
    commits: tuple[Commit, ...] = ()
    omitted: tuple[Omission, ...] = ()
    declined: tuple[Declined, ...] = ()

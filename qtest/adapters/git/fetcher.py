"""Brings a revision of a repository here: the files of one commit and the last of its history, kept by address and commit."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from qtest.adapters.git import history, logins, refs, trouble
from qtest.adapters.git.command import Bounds, Git, GitFailed
from qtest.adapters.git.history import History
from qtest.adapters.git.objects import Objects
from qtest.adapters.git.spec import FORMS, GitSpec, parse
from qtest.adapters.git.tree import unpack
from qtest.errors import FetchError
from qtest.ingest.bundle import LARGEST
from qtest.records.record import Record, digest_of
from qtest.records.source import Omission, Repository, Revision

_REF = "refs/qtest/wanted"
_SERVER = (  # of a path: it runs here, in a repository whose settings are not to be trusted
    "env GIT_ALLOW_PROTOCOL=none GIT_NO_LAZY_FETCH=1 git -c safe.directory=* -c uploadpack.allowFilter=true"
    " -c uploadpack.allowAnySHA1InWant=true -c core.hooksPath=/dev/null -c core.fsmonitor=false upload-pack"
)
Kept = TypeVar("Kept", bound=Record)


@dataclass(frozen=True)
class Limits:
    """Seconds, bytes and files of one repository. `answer_s` is for the first words with a server."""

    answer_s: float = 30.0
    tree_s: float = 600.0
    history_s: float = 120.0
    most_bytes: int = 512 << 20
    most_files: int = 50_000


class Tree(Record):
    """What is remembered beside an unpacked tree."""

    omitted: tuple[Omission, ...] = ()


@dataclass(frozen=True)
class GitFetcher:
    """Answers the port `Fetcher`. `outer` is the user's environment: the way to servers, and tokens."""

    cache: Path
    outer: Mapping[str, str] = field(repr=False)
    limits: Limits = Limits()

    def fetch(self, spec: str) -> Repository:
        wanted = parse(spec)
        if wanted is None:
            raise FetchError(f"{spec}: is no git repository; expected {FORMS}")
        remote = Remote(wanted, self.outer, self.limits)
        try:
            return self._brought(remote, refs.find(wanted, remote.list))
        except OSError as error:
            raise FetchError(
                f"{self.cache}: cannot hold {wanted.shown} ({error.strerror}); make room, or set XDG_CACHE_HOME to another folder"
            ) from error

    def _brought(self, remote: "Remote", found: refs.Found) -> Repository:
        kept = self.cache / "git" / digest_of(remote.spec.url)[:32]
        kept.mkdir(parents=True, exist_ok=True)
        folder, omitted = self._tree(remote, found.sha, kept)
        past = self._history(remote, found.sha, kept)
        return Repository(
            spec=remote.spec.shown,
            folder=str(folder),
            revision=Revision(kind="git", name=remote.spec.url, version=found.version, sha256=found.sha),
            commits=past.commits,
            omitted=(*omitted, *past.omitted),
        )

    def _tree(self, remote: "Remote", sha: str, kept: Path) -> tuple[Path, tuple[Omission, ...]]:
        target, name = kept / sha, remote.spec.name
        tree = _remembered(target / "tree.json", Tree)
        if tree is None:
            with remote.fetched(sha, kept, 1, f"blob:limit={LARGEST + 1}", self.limits.tree_s) as (objects, scratch):
                made = scratch / "made"
                omitted = unpack(
                    objects,
                    sha,
                    made / "tree" / name,
                    remote.spec.shown,
                    self.limits.most_files,
                    self.limits.most_bytes,
                )
                tree = Tree(omitted=omitted)
                (made / "tree.json").write_text(tree.to_json())
                _put(made, target)
        return target / "tree" / name, tree.omitted

    def _history(self, remote: "Remote", sha: str, kept: Path) -> History:
        """What could not be had this time is asked for again the next time."""
        path = kept / f"{sha}-history.json"
        found = _remembered(path, History)
        if found is not None:
            return found
        try:
            with remote.fetched(sha, kept, history.COMMITS + 1, "blob:none", self.limits.history_s) as (
                objects,
                scratch,
            ):
                past = history.of_objects(objects, sha)
                made = scratch / "history.json"
                own = History(commits=past.commits)  # where it ends is where we stopped asking
                made.write_text(own.to_json())
                made.replace(path)
                return own
        except FetchError as error:
            return History(omitted=(Omission(path=".git", reason=f"no history: {error}"),))


@dataclass(frozen=True)
class Remote:
    """A repository on its server."""

    spec: GitSpec
    outer: Mapping[str, str] = field(repr=False)
    limits: Limits

    def list(self, patterns: Sequence[str]) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            return self.asked(
                ("ls-remote", "--symref", *self._server(), "--", self.spec.url, *patterns),
                Path(folder),
                Bounds(self.limits.answer_s, self.limits.most_bytes),
                (),
            )

    @contextmanager
    def fetched(
        self, sha: str, kept: Path, depth: int | None, without: str, wall_s: float
    ) -> Iterator[tuple[Objects, Path]]:
        """A commit to a depth, or with all that it came from, in a store that is gone at the end; and a folder to make things in, on the same disk as `kept`."""
        with tempfile.TemporaryDirectory(dir=kept, prefix=".fetch-") as name:
            scratch = Path(name)
            store = scratch / "store.git"
            bounds = Bounds(wall_s, self.limits.most_bytes, store)
            form = "sha256" if len(sha) == 64 else "sha1"
            self.asked(
                ("init", "-q", "--bare", "--template=", f"--object-format={form}", str(store)), scratch, bounds, ()
            )
            self.asked(
                (
                    *(f"--git-dir={store}", "fetch", "-q", "--no-tags", "--no-write-fetch-head"),
                    *((f"--depth={depth}",) if depth else ()),
                    *((f"--filter={without}",) if without else ()),
                    *(*self._server(), "origin", f"{sha}:{_REF}"),
                ),
                scratch,
                bounds,
                (("remote.origin.url", self.spec.url),),
            )
            objects = Objects(self.git, scratch, (f"--git-dir={store}",), Bounds(wall_s, self.limits.most_bytes * 2))
            try:
                yield objects, scratch
            except GitFailed as failed:
                raise FetchError(trouble.explained(self.spec, failed, wall_s, self.limits.most_bytes)) from failed

    def _server(self) -> tuple[str, ...]:
        return (f"--upload-pack={_SERVER}",) if self.spec.scheme == "file" else ()

    def asked(
        self, arguments: Sequence[str], folder: Path, bounds: Bounds, settings: Sequence[tuple[str, str]]
    ) -> bytes:
        """As `run`. Raises FetchError."""
        try:
            return self.run(arguments, folder, bounds, settings)
        except GitFailed as failed:
            raise FetchError(trouble.explained(self.spec, failed, bounds.wall_s, bounds.size)) from failed

    def run(
        self,
        arguments: Sequence[str],
        folder: Path,
        bounds: Bounds,
        settings: Sequence[tuple[str, str]] = (),
        *,
        lazy: bool = False,
    ) -> bytes:
        """Git, with a way to this server and the login for it; `lazy` lets it fetch what it lacks from there. Raises GitFailed."""
        shown = logins.shown_to(self.spec, self.outer)
        return self.git.read(
            *arguments,
            folder=folder,
            bounds=bounds,
            transports=("https", "http") if self.spec.scheme in ("https", "http") else (self.spec.scheme,),
            settings=(*settings, *((("remote.origin.url", self.spec.url),) if lazy else ()), *shown.settings),
            variables={
                "GIT_CEILING_DIRECTORIES": str(folder.resolve().parent),
                "GIT_NO_LAZY_FETCH": str(int(not lazy)),
                **shown.secrets,
            },
        )

    @property
    def git(self) -> Git:
        return Git(self.outer)


def _remembered(path: Path, kind: type[Kept]) -> Kept | None:
    try:
        return kind.from_json(path.read_bytes())
    except (OSError, ValueError):  # not there, cut off, or of another version of ours
        return None


def _put(made: Path, target: Path) -> None:
    """Another run may have been faster: then it is the same. What is broken makes way."""
    try:
        made.rename(target)
    except OSError:
        if _remembered(target / "tree.json", Tree) is not None:
            return
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)

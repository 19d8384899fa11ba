"""Branches of ours on a server, through git: made, moved and taken away, and never over what somebody else has put there."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from qtest.adapters.git.command import Bounds, GitFailed
from qtest.adapters.git.commit import commit
from qtest.adapters.git.fetcher import Limits, Remote
from qtest.adapters.git.objects import Objects
from qtest.adapters.git.refused import explained
from qtest.adapters.git.spec import GitSpec, Login
from qtest.errors import FetchError, ForgeError, ForgeRefused
from qtest.records.delivery import PREFIX, Change, Place

_USER = "x-access-token"
_SETTINGS = (
    ("push.negotiate", "true"),
)  # what the server has is seen by commit, though no branch of its stands there any more
_TIP = re.compile(rb"([0-9a-f]{40,64})\t(\S+)")


@dataclass(frozen=True)
class GitBranches:
    """Answers the port `Branches`. `source` is the address that commits are read from, `outer` the user's environment."""

    source: str
    token: str = field(repr=False)
    outer: Mapping[str, str] = field(repr=False)
    limits: Limits = field(default_factory=Limits)

    def push(self, place: Place, change: Change, branch: str, over: str) -> str:
        tips = self._tips(place)
        with self._store(place, change.base, change.base in tips.values()) as objects:
            made = commit(objects, change)
            now = tips.get(_ref(branch), "")
            if now == made:
                return made
            if now != over:
                raise ForgeRefused(_moved(place, branch))
            self._send(place, objects, branch, made, over)
            return made

    def remove(self, place: Place, branch: str, tip: str) -> None:
        with self._scratch(place) as objects:
            self._send(place, objects, branch, "", tip)

    def _send(self, place: Place, objects: Objects, branch: str, made: str, over: str) -> None:
        ref = _ref(branch)
        words = ("push", "-q", f"--force-with-lease={ref}:{over}", "--", place.address, f"{made}:{ref}")
        bounds = Bounds(self.limits.tree_s, self.limits.most_bytes)
        try:  # lazily: a file that changes is sent as its difference to what was there, which was not fetched
            self._remote(place.address).run((*objects.where, *words), objects.folder, bounds, _SETTINGS, lazy=True)
        except GitFailed as failed:
            kind, why = explained(place, branch, failed, bounds.wall_s)
            raise kind(why) from failed

    def _tips(self, place: Place) -> dict[str, str]:
        with _as_forge_error():
            said = self._remote(place.address).list(("refs/heads/*",))
        return {name.decode("utf-8", "replace"): sha.decode() for sha, name in _TIP.findall(said)}

    @contextmanager
    def _store(self, place: Place, base: str, known: bool) -> Iterator[Objects]:
        """Of the base only what a commit over it needs; but for a fork that lacks it, all that there is."""
        all_of_it = place.fork and not known
        depth, without = (None, "") if all_of_it else (1, "blob:none")
        with tempfile.TemporaryDirectory() as folder, _as_forge_error():
            with self._remote(self.source).fetched(base, Path(folder), depth, without, self.limits.tree_s) as (
                objects,
                _,
            ):
                yield objects

    @contextmanager
    def _scratch(self, place: Place) -> Iterator[Objects]:
        """An empty store: taking a branch away needs none of it."""
        with tempfile.TemporaryDirectory() as folder:
            remote, store = self._remote(place.address), Path(folder) / "store.git"
            bounds = Bounds(self.limits.answer_s, self.limits.most_bytes)
            remote.asked(("init", "-q", "--bare", "--template=", str(store)), Path(folder), bounds, ())
            yield Objects(remote.git, Path(folder), (f"--git-dir={store}",), bounds)

    def _remote(self, address: str) -> Remote:
        return Remote(GitSpec(address, address, login=Login(_USER, self.token)), self.outer, self.limits)


@contextmanager
def _as_forge_error() -> Iterator[None]:
    try:
        yield
    except FetchError as error:
        raise ForgeError(str(error)) from error


def _ref(branch: str) -> str:
    if not branch.startswith(PREFIX):
        raise ValueError(f"{branch} is no branch of ours")
    return f"refs/heads/{branch}"


def _moved(place: Place, branch: str) -> str:
    return f"{place.name}: somebody has pushed to {branch} meanwhile; it was left as it is: run again, or delete that branch"

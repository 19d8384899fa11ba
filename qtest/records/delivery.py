"""What is handed over to a forge, and what stands there."""

from typing import Literal

from qtest.records.file import WrittenFile
from qtest.records.record import Record

PREFIX = "qtest/"  # of every branch that we make: no other is ever pushed to
AUTHOR = "qtest@qtest.invalid"  # of our commits; nobody's, so that no account of a forge is credited


class PullText(Record):
    """What a pull request says: `title` is plain text, `body` Markdown as GitHub renders it."""

    title: str
    body: str


class Hosted(Record):
    """A repository as its forge knows it. `writable`: whether the login may make branches in it."""

    name: str
    default_branch: str
    archived: bool
    writable: bool


class Place(Record):
    """A repository that branches are pushed to: the one itself, or a fork. `owner` is the login that it belongs to."""

    owner: str
    name: str
    address: str
    fork: bool = False


class PullRequest(Record):
    """`owner` and `branch` say where its commits lie, `sha` is the last of them."""

    number: int
    address: str
    title: str
    body: str
    owner: str
    branch: str
    sha: str
    state: Literal["open", "closed", "merged"]


class Since(Record):
    """A branch's tip, seen from a commit: whether it still holds it, and the files that changed from there on."""

    holds: bool
    paths: tuple[str, ...] = ()


class Change(Record):
    """A commit to be: files laid over `base`, a commit's id. The same change always has the same id."""

    base: str
    files: tuple[WrittenFile, ...]
    message: str


class Proposal(Record):
    """A pull request to be. `content` is a digest of what it adds, wherever it is added to."""

    modules: tuple[str, ...]
    branch: str
    change: Change
    text: PullText
    content: str

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(file.path for file in self.change.files)


class Delivered(Record):
    """What came of one proposal: `address` of the pull request where there is one. `declined`: people closed one with the same content;
    `left`: others have committed to its branch; `waiting`: as many are open as a reviewer reads."""

    how: Literal["opened", "updated", "unchanged", "merged", "declined", "left", "waiting"]
    modules: tuple[str, ...]
    address: str = ""

"""What `--open-pr` adds to a run: refused before any work is done if it cannot end well, done when the run has ended."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from qtest.adapters.git.push import GitBranches
from qtest.adapters.git.spec import GitSpec
from qtest.adapters.github.address import HELP, api_of, token_for
from qtest.adapters.github.client import client
from qtest.adapters.github.forge import GitHubForge
from qtest.config import PullSettings
from qtest.deliver import Delivery, Read
from qtest.errors import UsageError
from qtest.records.delivery import Delivered
from qtest.records.file import WrittenFile
from qtest.records.proof import ProofFile
from qtest.records.report import RunReport
from qtest.report import pull
from qtest.shipped import NAME, combined, merged, parsed, part_of, proof_of, rendered, texts_of

_ADDRESS = re.compile(r"(?P<server>https?://[^/]+)/(?P<name>[^/]+/[^/]+?)(?:\.git)?/?")


@dataclass(frozen=True)
class Order:
    """Where to, and with which token; nothing is open yet."""

    server: str
    name: str
    api: str
    wish: PullSettings
    outer: Mapping[str, str] = field(repr=False)
    token: str = field(repr=False)

    def check(self) -> None:
        with self._delivery() as delivery:
            delivery.ready(self.wish)

    def carry_out(self, report: RunReport) -> Iterator[Delivered]:
        with self._delivery() as delivery:
            yield from delivery.deliver(report, self.wish)

    @contextmanager
    def _delivery(self) -> Iterator[Delivery]:
        with client(self.token, self.api) as github:
            forge = GitHubForge(github, self.server, self.name, self.token)
            branches = GitBranches(f"{self.server}/{self.name}.git", self.token, self.outer)
            yield Delivery(forge, branches, pull.text, beside=proven)


def proven(part: RunReport, read: Read) -> Sequence[WrittenFile]:
    """The proof of these tests, a file for each: pull requests that wait side by side can be merged in any order."""
    new, texts = proof_of(part), texts_of(part)
    names = [NAME, *(part_of(file.path) for file in new.files)]
    known = [parsed(text, name) for name in names if (text := read(name))]
    old = [file for file in combined(ProofFile(), known).files if new.file(file.path)]
    whole = merged(ProofFile(files=tuple(old)), new, texts)
    return tuple(WrittenFile(path=part_of(file.path), text=rendered(ProofFile(files=(file,)))) for file in whole.files)


def order(told: str, named: GitSpec | None, wanted: PullSettings, outer: Mapping[str, str]) -> Order:
    """`told` is the repository as it may be shown. Without a base the branch is meant that was named with it, or the default one. Raises
    UsageError."""
    found = _ADDRESS.fullmatch(named.url) if named else None
    if named is None or found is None:
        raise UsageError(
            f"--open-pr: {told} is no repository on GitHub; expected https://host/owner/repo, or owner/repo"
        )
    server = found["server"]
    token = (named.login.password if named.login else "") or token_for(server, outer)
    if not token:
        raise UsageError(f"--open-pr: there is no token for {server}; {HELP}")
    wish = wanted.model_copy(update={"base": wanted.base or named.wanted})
    return Order(server, found["name"], api_of(server, outer), wish, outer, token)

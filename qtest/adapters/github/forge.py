"""A repository on GitHub and its pull requests, through PyGithub."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from github import Github, GithubException
from github.GithubException import UnknownObjectException
from github.PullRequest import PullRequest as Theirs
from github.Repository import Repository

from qtest.adapters.github.trouble import translated
from qtest.errors import ForgeError, ForgeRefused
from qtest.records.delivery import PREFIX, Hosted, Place, PullRequest, PullText, Since

_LARGEST_BODY = 60_000  # GitHub takes 65 536 characters, and counts some twice
_CUT = "\n\n…\n\nThe rest is longer than GitHub takes; it stands in the report of the run.\n"
_CLOSED = 200  # how many closed ones are looked through
_FORK_S, _LOOK_S = 60.0, 2.0
_INSTALLED = "ghs_"  # what the tokens of Actions and of apps begin with; of their rights the API says nothing
_WRITING = {"repo", "public_repo"}


@dataclass
class GitHubForge:
    """Answers the port `Forge`. `server` is `https://host`, `name` is `owner/repository`."""

    github: Github
    server: str
    name: str
    token: str = field(repr=False)
    sleep: Callable[[float], None] = time.sleep
    _found: Repository | None = field(default=None, repr=False)

    def hosted(self) -> Hosted:
        with translated(f"{self.server}/{self.name}"):
            found = self._repository()
            self._check_scopes()
            return Hosted(
                name=found.full_name,
                default_branch=found.default_branch,
                archived=found.archived,
                writable=found.permissions.push or self.token.startswith(_INSTALLED),
            )

    def tip(self, branch: str) -> str:
        with translated(f"{self.name}: looking for branch {branch}"):
            try:
                return self._repository().get_branch(branch).commit.sha
            except GithubException as error:
                if error.status != 404:
                    raise
                words = f"there is no branch {branch}; name the one to merge into with --base"
                raise ForgeRefused(f"{self.name}: {words}") from error

    def since(self, commit: str, tip: str) -> Since:
        if commit == tip:
            return Since(holds=True)
        with translated(f"{self.name}: comparing {commit[:12]} with {tip[:12]}"):
            try:
                compared = self._repository().compare(commit, tip)
            except UnknownObjectException:  # a commit that is nowhere any more, or has nothing in common with it
                return Since(holds=False)
            return Since(holds=compared.status == "ahead", paths=tuple(file.filename for file in compared.files))

    def place(self) -> Place:
        hosted = self.hosted()
        if hosted.writable:
            return self._place(self._repository(), fork=False)
        with translated(f"{self.name}: making a fork to push to"):
            fork = self._repository().create_fork()
            self._wait_for(fork)
            return self._place(fork, fork=True)

    def pulls(self, base: str, place: Place) -> tuple[PullRequest, ...]:
        with translated(f"{self.name}: looking for pull requests of QTest"):
            found = self._repository()
            opened = found.get_pulls(state="open", base=base)
            closed = islice(found.get_pulls(state="closed", base=base, sort="updated", direction="desc"), _CLOSED)
            return tuple(_pull(one) for group in (opened, closed) for one in group if _is_ours(one, place))

    def paths(self, number: int) -> tuple[str, ...]:
        with translated(f"{self.name}#{number}: reading its files"):
            return tuple(file.filename for file in self._numbered(number).get_files())

    def committers(self, number: int) -> tuple[str, ...]:
        with translated(f"{self.name}#{number}: reading its commits"):
            commits = [one.commit for one in self._numbered(number).get_commits()]
            return tuple(sorted({who.email for one in commits for who in (one.author, one.committer)}))

    def open(self, base: str, place: Place, branch: str, text: PullText, *, draft: bool) -> PullRequest:
        with translated(f"{self.name}: opening a pull request for {branch}"):
            made = self._repository().create_pull(
                base=base,
                head=f"{place.owner}:{branch}",
                title=text.title,
                body=_fitting(text.body),
                draft=draft,
                maintainer_can_modify=True,
            )
            return _pull(made)

    def edit(self, number: int, text: PullText) -> None:
        with translated(f"{self.name}#{number}: changing its text"):
            self._numbered(number).edit(title=text.title, body=_fitting(text.body))

    def _repository(self) -> Repository:
        if self._found is None:
            self._found = self.github.get_repo(self.name)
        return self._found

    def _numbered(self, number: int) -> Theirs:
        return self._repository().get_pull(number)

    def _check_scopes(self) -> None:
        """Only classic tokens say what they may; the others are refused when they try."""
        scopes = self.github.oauth_scopes
        if scopes is not None and not _WRITING & set(scopes):
            had = ", ".join(filter(None, scopes)) or "none"
            raise ForgeRefused(
                f"{self.server}/{self.name}: the token may not open pull requests (its scopes: {had}); expected a token with the scope repo"
            )

    def _place(self, repository: Repository, *, fork: bool) -> Place:
        name = repository.full_name
        return Place(owner=name.partition("/")[0], name=name, address=f"{self.server}/{name}.git", fork=fork)

    def _wait_for(self, fork: Repository) -> None:
        """GitHub answers before the fork is there."""
        for _ in range(int(_FORK_S / _LOOK_S)):
            try:
                fork.get_branch(fork.default_branch)
                return
            except UnknownObjectException:
                self.sleep(_LOOK_S)
        raise ForgeError(f"{fork.full_name}: the fork is not there after {_FORK_S:.0f} s; run again later")


def _is_ours(pull: Theirs, place: Place) -> bool:
    """Anybody may call a branch of a fork as we do."""
    return bool(pull.head.ref.startswith(PREFIX) and pull.head.repo and pull.head.repo.full_name == place.name)


def _pull(pull: Theirs) -> PullRequest:
    return PullRequest(
        number=pull.number,
        address=pull.html_url,
        title=pull.title,
        body=pull.body or "",
        owner=pull.head.user.login if pull.head.user else "",
        branch=pull.head.ref,
        sha=pull.head.sha,
        state="merged" if pull.merged_at else "open" if pull.state == "open" else "closed",
    )


def _fitting(body: str) -> str:
    return body if len(body) <= _LARGEST_BODY else body[: _LARGEST_BODY - len(_CUT)] + _CUT

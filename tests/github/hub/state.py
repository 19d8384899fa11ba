"""What the server remembers: who may do what, repositories, their pull requests and what is said in them. Commits are in real git."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": os.devnull, "LC_ALL": "C",
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}  # fmt: skip
_CONFIG = "[http]\nreceivepack = true\n[uploadpack]\nallowFilter = true\nallowAnySHA1InWant = true\n"
_GUARD = """#!/bin/sh
while read old new ref; do
  while read pattern; do
    case "$ref" in $pattern)
      echo "error: GH006: Protected branch update failed for $ref."
      echo "error: Changes must be made through a pull request."
      exit 1
    esac
  done < protected
done
"""


@dataclass(frozen=True)
class Token:
    """`scopes` of a classic token; `grants` of a fine-grained one, such as {"pull_requests": "write"}."""

    login: str
    scopes: tuple[str, ...] | None = ("repo",)
    grants: Mapping[str, str] | None = None


@dataclass
class Comment:
    number: int
    issue: int
    author: str
    body: str


@dataclass
class Pull:
    number: int
    author: str
    title: str
    body: str | None
    base: str
    head: "Repo"
    branch: str
    sha: str
    base_sha: str
    draft: bool = False
    state: str = "open"
    merged: bool = False
    made: datetime = field(default_factory=lambda: datetime.now(UTC))
    labels: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{self.head.owner}:{self.branch}"


@dataclass
class Repo:
    """`members` are logins with `read`, `write` or `admin`; everybody may read one that is not private."""

    number: int
    owner: str
    name: str
    bare: Path
    members: dict[str, str]
    default_branch: str = "main"
    private: bool = False
    archived: bool = False
    parent: "Repo | None" = None
    pulls: list[Pull] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    def git(self, *arguments: str, stdin: bytes = b"", check: bool = True) -> str:
        done = subprocess.run(
            ["git", "-c", "safe.directory=*", f"--git-dir={self.bare}", *arguments],
            env=ENVIRONMENT, input=stdin, capture_output=True, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip() if done.returncode == 0 else ""

    def branches(self) -> dict[str, str]:
        rows = self.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads").splitlines()
        return dict(row.split(" ") for row in rows)

    def tip(self, branch: str) -> str:
        return self.git("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}", check=False)

    def read(self, branch: str, path: str) -> str:
        return self.git("show", f"{branch}:{path}")

    def commit(
        self,
        files: Mapping[str, str],
        *,
        branch: str = "main",
        subject: str = "a change",
        onto: str = "",
        author: str = "Ada",
    ) -> str:
        """A commit of whole files as a member makes it. `onto` rewrites the branch from that commit on."""
        parent = onto or self.tip(branch) or self.tip(self.default_branch)
        rows = self.git("ls-tree", "-r", parent).splitlines() if parent else []
        kept = [row for row in rows if row.partition("\t")[2] not in files]
        made = [
            f"100644 blob {self.git('hash-object', '-w', '--stdin', stdin=text.encode())}\t{path}"
            for path, text in files.items()
        ]
        index = {"GIT_INDEX_FILE": str(self.bare / "index.new")}
        self._with(index, "read-tree", "--empty")
        self._with(index, "update-index", "--index-info", stdin="\n".join([*kept, *made]).encode() + b"\n")
        tree = self._with(index, "write-tree")
        who = {"GIT_AUTHOR_NAME": author, "GIT_COMMITTER_NAME": author}
        sha = self._with(who, "commit-tree", tree, *(("-p", parent) if parent else ()), "-m", subject)
        self.git("update-ref", f"refs/heads/{branch}", sha)
        self.settle()
        return sha

    def _with(self, extra: Mapping[str, str], *arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", "-c", "safe.directory=*", f"--git-dir={self.bare}", *arguments],
            env=ENVIRONMENT | dict(extra), input=stdin, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def protect(self, *branches: str) -> None:
        """By name or pattern."""
        (self.bare / "protected").write_text("".join(f"refs/heads/{branch}\n" for branch in branches))

    def is_protected(self, branch: str) -> bool:
        patterns = (self.bare / "protected").read_text().splitlines()
        return any(fnmatchcase(f"refs/heads/{branch}", pattern) for pattern in patterns)

    def settle(self) -> None:
        """What follows from a change of branches: pull requests move with theirs, and close with them. For the parent's as well."""
        for repo in (self, self.parent):
            for pull in repo.pulls if repo else ():
                if repo and pull.state == "open" and pull.head is self:
                    tip = self.tip(pull.branch)
                    pull.state, pull.sha = ("open", tip) if tip else ("closed", pull.sha)
                    if tip:
                        repo.git("fetch", "-q", "--no-tags", str(self.bare), f"+{tip}:refs/pull/{pull.number}/head")

    def next_number(self) -> int:
        return len(self.pulls) + 1

    def level(self, login: str) -> str:
        return self.members.get(login) or ("" if self.private else "read")


def empty(bare: Path) -> Path:
    """A repository that may be served."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], env=ENVIRONMENT, check=True)
    with open(bare / "config", "a") as file:
        file.write(_CONFIG)
    (bare / "hooks" / "pre-receive").write_text(_GUARD)
    (bare / "hooks" / "pre-receive").chmod(0o755)
    return bare


@dataclass
class State:
    root: Path
    tokens: dict[str, Token] = field(default_factory=dict)
    repos: dict[str, Repo] = field(default_factory=dict)

    def token(
        self,
        login: str,
        secret: str,
        *,
        scopes: Iterable[str] | None = ("repo",),
        grants: Mapping[str, str] | None = None,
    ) -> str:
        self.tokens[secret] = Token(login, tuple(scopes) if scopes is not None else None, grants)
        return secret

    def repo(
        self,
        full_name: str,
        members: Mapping[str, str],
        *,
        parent: Repo | None = None,
        private: bool = False,
        like: Path | None = None,
    ) -> Repo:
        """`like` is a repository to begin with."""
        owner, name = full_name.split("/")
        bare = self.root / owner / f"{name}.git"
        made = Repo(len(self.repos) + 1, owner, name, bare, dict(members), parent=parent, private=private)
        shutil.copytree(parent.bare if parent else like or empty(self.root / "empty"), bare)
        if parent:
            refs = made.git("for-each-ref", "--format=delete %(refname)", "refs/pull")
            made.git("update-ref", "--stdin", stdin=refs.encode())
        (bare / "protected").write_text("")
        self.repos[full_name.lower()] = made
        return made

    def find(self, full_name: str) -> Repo | None:
        return self.repos.get(full_name.removesuffix(".git").lower())

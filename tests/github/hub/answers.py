"""The nouns of the API as JSON: what matters of them, and fillings for the rest that the description requires."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hub.description import described
from hub.state import Comment, Pull, Repo

_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Answers:
    """`host` is `http://name:port`; the API is below `/api/v3`, as on Enterprise."""

    host: str

    @property
    def api(self) -> str:
        return f"{self.host}/api/v3"

    def user(self, login: str, kind: str = "simple-user") -> dict[str, Any]:
        url = f"{self.api}/users/{login}"
        given = {
            "login": login,
            "id": sum(login.encode()),
            "url": url,
            "html_url": f"{self.host}/{login}",
            "type": "User",
        }
        return described().filled(kind, given | ({"user_view_type": "public"} if kind == "public-user" else {}))

    def repo(self, repo: Repo, login: str, kind: str = "full-repository") -> dict[str, Any]:
        level = repo.level(login)
        given = {
            **self._links(repo),
            "id": repo.number,
            "name": repo.name,
            "full_name": repo.full_name,
            "owner": self.user(repo.owner),
            "private": repo.private,
            "fork": repo.parent is not None,
            "default_branch": repo.default_branch,
            "archived": repo.archived,
            "description": None,
            "permissions": {
                "admin": level == "admin",
                "maintain": level == "admin",
                "push": level in ("admin", "write"),
                "triage": level in ("admin", "write"),
                "pull": bool(level),
            },
        }
        if repo.parent and kind == "full-repository":
            given["parent"] = given["source"] = self.repo(repo.parent, login, "repository")
        return described().filled(kind, given)

    def branch(self, repo: Repo, name: str, *, short: bool = False) -> dict[str, Any]:
        url = f"{self._url(repo)}/branches/{name}"
        sha = repo.tip(name)
        given: dict[str, Any] = {
            "name": name,
            "protected": repo.is_protected(name),
            "protection_url": f"{url}/protection",
        }
        if short:
            return described().filled(
                "short-branch", given | {"commit": {"sha": sha, "url": f"{self._url(repo)}/commits/{sha}"}}
            )
        links = {"html": f"{self.host}/{repo.full_name}/tree/{name}", "self": url}
        return described().filled("branch-with-protection", given | {"commit": self.commit(repo, sha), "_links": links})

    def commit(self, repo: Repo, sha: str) -> dict[str, Any]:
        form = _SEPARATOR.join(("%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%T", "%P", "%B"))
        name, mail, when, by, by_mail, at, tree, parents, message = repo.git(
            "show", "-s", f"--format={form}", sha
        ).split(_SEPARATOR)
        url = f"{self._url(repo)}/commits/{sha}"
        inner = {
            "url": f"{self._url(repo)}/git/commits/{sha}",
            "author": {"name": name, "email": mail, "date": when},
            "committer": {"name": by, "email": by_mail, "date": at},
            "message": message.strip(),
            "comment_count": 0,
            "tree": {"sha": tree, "url": f"{self._url(repo)}/git/trees/{tree}"},
        }
        given = {
            "url": url,
            "sha": sha,
            "html_url": f"{self.host}/{repo.full_name}/commit/{sha}",
            "commit": inner,
            "author": {},
        }
        older = [{"sha": one, "url": f"{self._url(repo)}/commits/{one}"} for one in parents.split()]
        return described().filled("commit", given | {"committer": {}, "parents": older})

    def ref(self, repo: Repo, name: str, sha: str) -> dict[str, Any]:
        inner = {"type": "commit", "sha": sha, "url": f"{self._url(repo)}/git/commits/{sha}"}
        return described().filled("git-ref", {"ref": name, "url": f"{self._url(repo)}/git/{name}", "object": inner})

    def compare(self, repo: Repo, base: str, head: str) -> dict[str, Any]:
        """`base` and `head` are commits with an ancestor in common."""
        middle = repo.git("merge-base", base, head)
        behind, ahead = (
            int(repo.git("rev-list", "--count", f"{one}..{other}")) for one, other in ((head, base), (base, head))
        )
        status = "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical"
        commits = repo.git("rev-list", "--reverse", f"{base}..{head}").split()
        given = {
            "url": f"{self._url(repo)}/compare/{base}...{head}",
            "base_commit": self.commit(repo, base),
            "merge_base_commit": self.commit(repo, middle),
            "status": status,
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": len(commits),
            "commits": [self.commit(repo, sha) for sha in commits],
            "files": list(self.files(repo, middle, head)),
        }
        return described().filled("commit-comparison", given)

    def files(self, repo: Repo, base: str, head: str) -> Iterator[dict[str, Any]]:
        words = {"A": "added", "D": "removed", "M": "modified"}
        counted = {
            row.split("\t")[2]: row.split("\t")[:2]
            for row in repo.git("diff", "--numstat", "--no-renames", base, head).splitlines()
        }
        for row in repo.git("diff", "--raw", "--no-abbrev", "--no-renames", base, head).splitlines():
            facts, path = row.split("\t")
            added, removed = map(int, counted[path])
            given = {
                "sha": facts.split(" ")[3],
                "filename": path,
                "status": words[facts.split(" ")[4]],
                "additions": added,
                "deletions": removed,
                "changes": added + removed,
            }
            yield described().filled("diff-entry", given)

    def pull(self, repo: Repo, pull: Pull, login: str, *, simple: bool = False) -> dict[str, Any]:
        issue, url = f"{self._url(repo)}/issues/{pull.number}", f"{self._url(repo)}/pulls/{pull.number}"
        when = pull.made.strftime("%Y-%m-%dT%H:%M:%SZ")
        closed = None if pull.state == "open" else when
        kind = "pull-request-simple" if simple else "pull-request"
        given: dict[str, Any] = {
            "url": url,
            "id": repo.number * 1000 + pull.number,
            "html_url": f"{self.host}/{repo.full_name}/pull/{pull.number}",
            "issue_url": issue,
            "comments_url": f"{issue}/comments",
            "commits_url": f"{url}/commits",
            "number": pull.number,
            "state": pull.state,
            "title": pull.title,
            "body": pull.body,
            "user": self.user(pull.author),
            "draft": pull.draft,
            "labels": [self.label(repo, name) for name in pull.labels],
            "created_at": when,
            "updated_at": when,
            "closed_at": closed,
            "merged_at": when if pull.merged else None,
            "head": self._end(pull.head, pull.branch, pull.sha, login),
            "base": self._end(repo, pull.base, repo.tip(pull.base) or pull.base_sha, login),
            "_links": {
                name: {"href": f"{url}/{name}"}
                for name in (
                    "comments",
                    "commits",
                    "statuses",
                    "html",
                    "issue",
                    "review_comments",
                    "review_comment",
                    "self",
                )
            },
        }
        if not simple:
            files = list(self.files(repo, repo.git("merge-base", pull.base_sha, pull.sha), pull.sha))
            given |= {
                "merged": pull.merged,
                "commits": int(repo.git("rev-list", "--count", f"{pull.base_sha}..{pull.sha}")),
                "additions": sum(file["additions"] for file in files),
                "deletions": sum(file["deletions"] for file in files),
                "changed_files": len(files),
                "comments": sum(1 for comment in repo.comments if comment.issue == pull.number),
            }
        return described().filled(kind, given)

    def issue(self, repo: Repo, pull: Pull) -> dict[str, Any]:
        """A pull request, seen as the issue it also is."""
        url = f"{self._url(repo)}/issues/{pull.number}"
        links = {"url": f"{self._url(repo)}/pulls/{pull.number}", "html_url": None, "diff_url": None, "patch_url": None}
        given = {
            "url": url,
            "number": pull.number,
            "title": pull.title,
            "body": pull.body or "",
            "state": pull.state,
            "user": self.user(pull.author),
            "labels": [self.label(repo, name) for name in pull.labels],
            "comments": sum(1 for comment in repo.comments if comment.issue == pull.number),
            "comments_url": f"{url}/comments",
            "labels_url": url + "/labels{/name}",
            "pull_request": links,
        }
        return described().filled("issue", given)

    def comment(self, repo: Repo, comment: Comment) -> dict[str, Any]:
        given = {
            "id": comment.number,
            "url": f"{self._url(repo)}/issues/comments/{comment.number}",
            "html_url": f"{self.host}/{repo.full_name}/pull/{comment.issue}#issuecomment-{comment.number}",
            "issue_url": f"{self._url(repo)}/issues/{comment.issue}",
            "body": comment.body,
            "user": self.user(comment.author),
        }
        return described().filled("issue-comment", given)

    def label(self, repo: Repo, name: str) -> dict[str, Any]:
        given = {
            "id": sum(name.encode()),
            "name": name,
            "url": f"{self._url(repo)}/labels/{name}",
            "color": "ededed",
            "default": False,
        }
        return described().filled("label", given)

    def _end(self, repo: Repo, branch: str, sha: str, login: str) -> dict[str, Any]:
        inner = self.repo(repo, login, "repository")
        return {
            "label": f"{repo.owner}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": self.user(repo.owner),
            "repo": inner,
        }

    def _url(self, repo: Repo) -> str:
        return f"{self.api}/repos/{repo.full_name}"

    def _links(self, repo: Repo) -> dict[str, str]:
        url, page = self._url(repo), f"{self.host}/{repo.full_name}"
        return {
            "url": url,
            "html_url": page,
            "clone_url": f"{page}.git",
            "pulls_url": f"{url}/pulls{{/number}}",
            "issues_url": f"{url}/issues{{/number}}",
            "forks_url": f"{url}/forks",
            "branches_url": f"{url}/branches{{/branch}}",
        }

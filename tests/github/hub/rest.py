"""What each operation does. A handler takes the call and says a status and a body; what it refuses, it raises."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.answers import Answers
from hub.description import described
from hub.state import Comment, Pull, Repo, State, Token

Answer = tuple[int, Any]
_LARGEST_PAGE = 100


class Refused(Exception):
    def __init__(
        self, status: int, message: str, errors: Sequence[Any] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.headers = status, dict(headers or {})
        self.body: dict[str, Any] = {"message": message, "documentation_url": "https://docs.github.com/rest"}
        if errors:
            self.body["errors"] = list(errors)


@dataclass
class Call:
    """One request. `pages` is what a handler says of its list: how many there are of all."""

    state: State
    answers: Answers
    token: Token | None
    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    last_page: int = field(default=0)

    @property
    def login(self) -> str:
        return self.token.login if self.token else ""

    def repo(self, *, write: str = "") -> Repo:
        """`write` is what a fine-grained token must be granted to change, such as `pull_requests`."""
        found = self.state.find(f"{self.parts['owner']}/{self.parts['repo']}")
        if found is None or not found.level(self.login):
            raise Refused(404, "Not Found")
        if write:
            self._may_write(found, write)
        return found

    def pull(self, repo: Repo) -> Pull:
        number = self.parts.get("pull_number") or self.parts["issue_number"]
        found = next((pull for pull in repo.pulls if str(pull.number) == number), None)
        if found is None:
            raise Refused(404, "Not Found")
        return found

    def paged(self, items: Sequence[Any]) -> list[Any]:
        size = min(int(self.query.get("per_page", 30)), _LARGEST_PAGE)
        page = int(self.query.get("page", 1))
        self.last_page = max(1, -(-len(items) // size))
        return list(items[(page - 1) * size : page * size])

    def _may_write(self, repo: Repo, what: str) -> None:
        if self.token is None:
            raise Refused(401, "Requires authentication")
        if repo.archived:
            raise Refused(403, "Repository was archived so is read-only.")
        if self.token.scopes is not None and not {"repo", "public_repo"} & set(self.token.scopes):
            raise Refused(404, "Not Found", headers={"X-Accepted-OAuth-Scopes": "public_repo, repo"})
        if self.token.grants is not None and self.token.grants.get(what) != "write":
            wanted = {"X-Accepted-GitHub-Permissions": f"{what}=write"}
            raise Refused(403, "Resource not accessible by personal access token", headers=wanted)


def user(call: Call) -> Answer:
    if call.token is None:
        raise Refused(401, "Requires authentication")
    return 200, call.answers.user(call.login, "public-user")


def get_repo(call: Call) -> Answer:
    return 200, call.answers.repo(call.repo(), call.login)


def edit_repo(call: Call) -> Answer:
    repo = call.repo()
    if repo.level(call.login) != "admin":
        raise Refused(403, "Must have admin rights to Repository.")
    repo.archived = call.body.get("archived", repo.archived)
    repo.default_branch = call.body.get("default_branch", repo.default_branch)
    return 200, call.answers.repo(repo, call.login)


def branches(call: Call) -> Answer:
    repo = call.repo()
    return 200, [call.answers.branch(repo, name, short=True) for name in call.paged(sorted(repo.branches()))]


def branch(call: Call) -> Answer:
    repo = call.repo()
    if not repo.tip(call.parts["branch"]):
        raise Refused(404, "Branch not found")
    return 200, call.answers.branch(repo, call.parts["branch"])


def get_ref(call: Call) -> Answer:
    repo = call.repo()
    name = f"refs/{call.parts['ref']}"
    sha = repo.git("rev-parse", "--verify", "--quiet", name, check=False)
    if not sha:
        raise Refused(404, "Not Found")
    return 200, call.answers.ref(repo, name, sha)


def delete_ref(call: Call) -> Answer:
    repo = call.repo(write="contents")
    name = f"refs/{call.parts['ref']}"
    if not repo.git("rev-parse", "--verify", "--quiet", name, check=False):
        raise Refused(422, "Reference does not exist")
    repo.git("update-ref", "-d", name)
    repo.settle()
    return 204, None


def commits(call: Call) -> Answer:
    repo = call.repo()
    found = repo.git("rev-list", call.query.get("sha", repo.default_branch), check=False).split()
    return 200, [call.answers.commit(repo, sha) for sha in call.paged(found)]


def compare(call: Call) -> Answer:
    repo = call.repo()
    names = call.parts["basehead"].split("...")
    found = [repo.git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", check=False) for name in names]
    if len(found) != 2 or not all(found):
        raise Refused(404, "Not Found")
    if not repo.git("merge-base", *found, check=False):
        raise Refused(404, f"No common ancestor between {names[0]} and {names[1]}.")
    return 200, call.answers.compare(repo, *found)


def contents(call: Call) -> Answer:
    repo = call.repo()
    at, path = call.query.get("ref", repo.default_branch), call.parts["path"]
    sha = repo.git("rev-parse", "--verify", "--quiet", f"{at}:{path}", check=False)
    if not sha or repo.git("cat-file", "-t", sha) != "blob":
        raise Refused(404, "Not Found")
    data = repo.raw("cat-file", "blob", sha)
    return 200, described().filled(
        "content-file",
        {
            "type": "file", "encoding": "base64", "content": base64.b64encode(data).decode(), "path": path, "sha": sha,
            "name": path.rpartition("/")[2], "size": len(data),
        },
    )  # fmt: skip


def blob(call: Call) -> Answer:
    repo = call.repo()
    data = repo.raw("cat-file", "blob", call.parts["file_sha"], check=False)
    given = {"content": base64.b64encode(data).decode(), "encoding": "base64", "sha": call.parts["file_sha"]}
    return 200, described().filled("blob", given)


def forks(call: Call) -> Answer:
    repo = call.repo()
    found = [one for one in call.state.repos.values() if one.parent is repo]
    return 200, [call.answers.repo(one, call.login, "minimal-repository") for one in call.paged(found)]


def fork(call: Call) -> Answer:
    """The one there is, or a new one."""
    repo = call.repo()
    if call.token is None:
        raise Refused(401, "Requires authentication")
    made = next((one for one in call.state.repos.values() if one.parent is repo and one.owner == call.login), None)
    if made is None:
        made = call.state.repo(f"{call.login}/{repo.name}", {call.login: "admin"}, parent=repo)
    return 202, call.answers.repo(made, call.login)


def pulls(call: Call) -> Answer:
    repo = call.repo()
    state = call.query.get("state", "open")
    found = [pull for pull in reversed(repo.pulls) if state in ("all", pull.state)]
    if head := call.query.get("head"):
        found = [pull for pull in found if pull.label == head]
    if base := call.query.get("base"):
        found = [pull for pull in found if pull.base == base]
    return 200, [call.answers.pull(repo, pull, call.login, simple=True) for pull in call.paged(found)]


def open_pull(call: Call) -> Answer:
    repo = call.repo(write="pull_requests")
    owner, _, name = call.body["head"].rpartition(":")
    source = repo if owner in ("", repo.owner) else call.state.find(f"{owner}/{repo.name}")
    tip, base = source.tip(name) if source else "", call.body["base"]
    problems = [
        {"resource": "PullRequest", "field": key, "code": "invalid"}
        for key, there in (("head", tip), ("base", repo.tip(base)))
        if not there
    ]
    if problems or source is None:
        raise Refused(422, "Validation Failed", problems)
    if any(one.state == "open" and (one.head, one.branch, one.base) == (source, name, base) for one in repo.pulls):
        words = f"A pull request already exists for {source.owner}:{name}."
        raise Refused(422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": words}])
    number = repo.next_number()
    repo.git("fetch", "-q", "--no-tags", str(source.bare), f"+{tip}:refs/pull/{number}/head")
    if not repo.git("rev-list", f"{base}..{tip}"):
        words = f"No commits between {base} and {name}"
        raise Refused(422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": words}])
    if not repo.git("merge-base", base, tip, check=False):
        words = f"The {name} branch has no history in common with {base}"
        raise Refused(422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": words}])
    title, body = call.body["title"], call.body.get("body")
    made = Pull(
        number, call.login, title, body, base, source, name, tip, repo.tip(base), draft=call.body.get("draft", False)
    )
    repo.pulls.append(made)
    return 201, call.answers.pull(repo, made, call.login)


def get_pull(call: Call) -> Answer:
    repo = call.repo()
    return 200, call.answers.pull(repo, call.pull(repo), call.login)


def edit_pull(call: Call) -> Answer:
    repo = call.repo(write="pull_requests")
    pull = call.pull(repo)
    pull.title, pull.body = call.body.get("title", pull.title), call.body.get("body", pull.body)
    pull.state, pull.base = call.body.get("state", pull.state), call.body.get("base", pull.base)
    return 200, call.answers.pull(repo, pull, call.login)


def pull_files(call: Call) -> Answer:
    repo = call.repo()
    pull = call.pull(repo)
    middle = repo.git("merge-base", repo.tip(pull.base), pull.sha)
    return 200, call.paged(list(call.answers.files(repo, middle, pull.sha)))


def pull_commits(call: Call) -> Answer:
    repo = call.repo()
    pull = call.pull(repo)
    found = repo.git("rev-list", "--reverse", f"{repo.tip(pull.base)}..{pull.sha}").split()
    return 200, [call.answers.commit(repo, sha) for sha in call.paged(found)]


def issue(call: Call) -> Answer:
    repo = call.repo()
    return 200, call.answers.issue(repo, call.pull(repo))


def comments(call: Call) -> Answer:
    repo = call.repo()
    number = call.pull(repo).number
    found = [comment for comment in repo.comments if comment.issue == number]
    return 200, [call.answers.comment(repo, comment) for comment in call.paged(found)]


def add_comment(call: Call) -> Answer:
    repo = call.repo(write="issues")
    made = Comment(
        sum(len(one.comments) for one in call.state.repos.values()) + 1,
        call.pull(repo).number,
        call.login,
        call.body["body"],
    )
    repo.comments.append(made)
    return 201, call.answers.comment(repo, made)


def get_comment(call: Call) -> Answer:
    repo = call.repo()
    return 200, call.answers.comment(repo, _comment(call, repo))


def edit_comment(call: Call) -> Answer:
    repo = call.repo(write="issues")
    found = _comment(call, repo)
    found.body = call.body["body"]
    return 200, call.answers.comment(repo, found)


def delete_comment(call: Call) -> Answer:
    repo = call.repo(write="issues")
    repo.comments.remove(_comment(call, repo))
    return 204, None


def _comment(call: Call, repo: Repo) -> Comment:
    found = next((comment for comment in repo.comments if str(comment.number) == call.parts["comment_id"]), None)
    if found is None:
        raise Refused(404, "Not Found")
    return found


def labels_of(call: Call) -> Answer:
    repo = call.repo()
    return 200, [call.answers.label(repo, name) for name in call.paged(call.pull(repo).labels)]


def add_labels(call: Call) -> Answer:
    repo = call.repo(write="issues")
    pull = call.pull(repo)
    names = call.body["labels"] if isinstance(call.body, dict) else call.body
    pull.labels += [name for name in names if name not in pull.labels]
    repo.labels += [name for name in names if name not in repo.labels]
    return 200, [call.answers.label(repo, name) for name in pull.labels]


def rate_limit(call: Call) -> Answer:
    limit = {"limit": 5000, "remaining": 5000, "reset": 4_000_000_000, "used": 0}
    return 200, {"rate": limit, "resources": {"core": limit, "search": limit}}


_REPO = "/repos/{owner}/{repo}"
_PULL = _REPO + "/pulls/{pull_number}"
_ISSUE = _REPO + "/issues/{issue_number}"
_COMMENT = _REPO + "/issues/comments/{comment_id}"
HANDLERS: dict[tuple[str, str], Callable[[Call], Answer]] = {
    ("GET", "/user"): user,
    ("GET", "/rate_limit"): rate_limit,
    ("GET", _REPO): get_repo,
    ("PATCH", _REPO): edit_repo,
    ("GET", _REPO + "/branches"): branches,
    ("GET", _REPO + "/branches/{branch}"): branch,
    ("GET", _REPO + "/git/ref/{ref}"): get_ref,
    ("DELETE", _REPO + "/git/refs/{ref}"): delete_ref,
    ("GET", _REPO + "/commits"): commits,
    ("GET", _REPO + "/compare/{basehead}"): compare,
    ("GET", _REPO + "/contents/{path}"): contents,
    ("GET", _REPO + "/git/blobs/{file_sha}"): blob,
    ("GET", _REPO + "/forks"): forks,
    ("POST", _REPO + "/forks"): fork,
    ("GET", _REPO + "/pulls"): pulls,
    ("POST", _REPO + "/pulls"): open_pull,
    ("GET", _PULL): get_pull,
    ("PATCH", _PULL): edit_pull,
    ("GET", _PULL + "/files"): pull_files,
    ("GET", _PULL + "/commits"): pull_commits,
    ("GET", _ISSUE): issue,
    ("GET", _ISSUE + "/comments"): comments,
    ("POST", _ISSUE + "/comments"): add_comment,
    ("GET", _COMMENT): get_comment,
    ("PATCH", _COMMENT): edit_comment,
    ("DELETE", _COMMENT): delete_comment,
    ("GET", _ISSUE + "/labels"): labels_of,
    ("POST", _ISSUE + "/labels"): add_labels,
}

"""Git over HTTP, by git's own backend, behind the logins GitHub asks for."""

import subprocess
from email.message import Message

from hub.state import ENVIRONMENT, Repo, State, Token

Answer = tuple[int, bytes, dict[str, str]]


def answer(
    state: State, method: str, path: str, query: str, headers: Message, body: bytes, token: Token | None
) -> Answer:
    owner, name, rest = [*path.strip("/").split("/", 2), "", ""][:3]
    pushed = "git-receive-pack" in path + query
    repo = state.find(f"{owner}/{name}")
    login = token.login if token else ""
    if token is None and (pushed or headers.get("Authorization") or repo is None or repo.private):
        return 401, b"", {"WWW-Authenticate": 'Basic realm="GitHub"'}
    if repo is None or not repo.level(login):
        return 404, b"Repository not found.", {"Content-Type": "text/plain"}
    if pushed and (why := _refused(repo, token)):
        return 403, why.encode(), {"Content-Type": "text/plain"}
    made = _backend(repo, method, f"/{rest}", query, headers, body)
    if pushed and method == "POST":
        repo.settle()
    return made


def _refused(repo: Repo, token: Token | None) -> str:
    assert token is not None
    if repo.archived:
        return "This repository was archived so it is read-only."
    scoped = token.scopes is None or {"repo", "public_repo"} & set(token.scopes)
    granted = token.grants is None or token.grants.get("contents") == "write"
    if repo.level(token.login) not in ("write", "admin") or not scoped or not granted:
        return f"Permission to {repo.full_name}.git denied to {token.login}."
    return ""


def _backend(repo: Repo, method: str, path: str, query: str, headers: Message, body: bytes) -> Answer:
    environment = ENVIRONMENT | {
        "GIT_PROJECT_ROOT": str(repo.bare),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": method,
        "REMOTE_USER": "somebody",
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": headers.get("Git-Protocol", ""),
    }
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "http-backend"], env=environment, input=body, capture_output=True, check=False
    )
    head, _, rest = done.stdout.partition(b"\r\n\r\n")
    said = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    return int(said.pop("Status", "200 OK").split(" ")[0]), rest, said

"""Real git: repositories made by it, and served by its own HTTP backend."""

import base64
import gzip
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

OWN = {
    "PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": os.devnull, "LC_ALL": "C",
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_ALLOW_PROTOCOL": "file",
}  # fmt: skip

EVIL = """
[core]
fsmonitor = {evil}
hooksPath = {repository}/hooks
sshCommand = {evil}
pager = {evil}
askPass = {evil}
alternateRefsCommand = {evil}
[filter "evil"]
smudge = {evil}
clean = {evil}
process = {evil}
required = true
[diff]
external = {evil}
[diff "evil"]
textconv = {evil}
command = {evil}
[log]
showSignature = true
[gpg]
program = {evil}
[pager]
log = {evil}
[credential]
helper = {evil}
[uploadpack]
packObjectsHook = {evil}
[remote "away"]
url = {repository}
uploadpack = {evil}
promisor = true
partialclonefilter = blob:none
[extensions]
partialClone = away
"""


@dataclass
class Made:
    """A work tree with a repository, `bare` its published form after `publish`."""

    folder: Path
    when: int = 1_700_000_000

    def git(self, *arguments: str, stdin: bytes = b"", where: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=where or self.folder,
            env=OWN | {"GIT_AUTHOR_DATE": f"{self.when} +0000", "GIT_COMMITTER_DATE": f"{self.when} +0000"},
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def commit(self, subject: str, files: Mapping[str, str]) -> str:
        self.when += 60
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)
        return self.git("rev-parse", "HEAD")

    def commit_tree(self, *entries: tuple[str, bytes, str]) -> str:
        """A commit of (mode, name, object) as they are, however wrong, on the branch `main`."""
        raw = b"".join(b"%s %s\0%s" % (mode.encode(), name, bytes.fromhex(sha)) for mode, name, sha in entries)
        tree = self.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw)
        sha = self.git("commit-tree", tree, "-m", "as it is")
        self.git("update-ref", "refs/heads/main", sha)
        return sha

    def blob(self, data: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=data)

    def tree(self, *entries: tuple[str, bytes, str]) -> str:
        raw = b"".join(b"%s %s\0%s" % (mode.encode(), name, bytes.fromhex(sha)) for mode, name, sha in entries)
        return self.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw)

    @property
    def bare(self) -> Path:
        return self.folder.parent / "served" / "sample.git"

    def publish(self) -> str:
        """Everything, as a bare repository; its address."""
        shutil.rmtree(self.bare, ignore_errors=True)
        self.bare.parent.mkdir(exist_ok=True)
        shutil.copytree(self.folder / ".git", self.bare)
        self.git("config", "core.bare", "true", where=self.bare)
        return f"file://{self.bare}"

    def plant(self, repository: Path) -> Path:
        """Settings and hooks that write a file when one of them runs; the file."""
        ran = self.folder.parent / "ran"
        evil = self.folder.parent / "evil"
        evil.write_text(f'#!/bin/sh\necho "$0 $*" >> {ran}\n')
        evil.chmod(0o755)
        with open(repository / "config", "a") as file:
            file.write(EVIL.format(evil=evil, repository=repository))
        for name in (
            "post-checkout",
            "pre-auto-gc",
            "reference-transaction",
            "post-index-change",
            "fsmonitor-watchman",
        ):
            (repository / "hooks" / name).parent.mkdir(exist_ok=True)
            shutil.copy(evil, repository / "hooks" / name)
        return ran


@pytest.fixture
def made(tmp_path: Path) -> Made:
    if shutil.which("git") is None:
        if os.environ.get("QTEST_REQUIRE_ALL") == "1":
            pytest.fail("git is not installed")
        pytest.skip("git is not installed")
    repository = Made(tmp_path / "sample")
    repository.folder.mkdir()
    repository.git("init", "--quiet", "--initial-branch=main")
    return repository


@dataclass
class Served:
    """Repositories over HTTP. `asked` holds the service's commands, `logins` the header of each request."""

    root: Path
    wanted: str = ""
    onward: str = ""
    silent: bool = False
    asked: list[str] = field(default_factory=list)
    logins: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                served.logins.append(self.headers.get("Authorization"))
                if served.silent:
                    served.done.wait()
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if served.wanted and self.headers.get("Authorization") != served.wanted:
                    self._answer(401, [("WWW-Authenticate", 'Basic realm="x"')], b"")
                    return
                if served.onward:
                    self._answer(301, [("Location", served.onward + self.path)], b"")
                    return
                plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
                served.asked += [name.decode() for name in re.findall(rb"command=(ls-refs|fetch)", plain)]
                self._answer(*served.backend(self, body))

            do_POST = do_GET

            def _answer(self, code: int, headers: list[tuple[str, str]], body: bytes) -> None:
                self.send_response(code)
                for name, value in (*headers, ("Content-Length", str(len(body)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.done = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/sample.git"

    def ask_for(self, user: str, password: str) -> None:
        self.wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def backend(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        path, _, query = request.path.partition("?")
        environment = OWN | {
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": request.command,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        }
        command = ["git", "-c", "safe.directory=*", "http-backend"]
        done = subprocess.run(command, env=environment, input=body, capture_output=True, check=False)
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        pairs = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
        headers = [(name, value) for name, value in pairs if name != "Status"]
        status = next((value for name, value in pairs if name == "Status"), "200 OK")
        return int(status.split(" ")[0]), headers, rest

    def close(self) -> None:
        self.done.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Served]]:
    opened: list[Served] = []

    def start(root: Path) -> Served:
        opened.append(Served(root))
        return opened[-1]

    yield start
    for served in opened:
        served.close()

"""`python tests/github/delivered.py NAME OLD NEW`: two releases of a package as a repository's history, served as GitHub serves it, and
what `qtest run --open-pr` proposes for it, as a reviewer reads it. More arguments are handed to `qtest run`."""

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from hub.server import opened
from hub.state import Repo

from qtest.wiring import open_library


def main(name: str, old: str, new: str, *more: str) -> int:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder) / "hub") as hub:
        repo = hub.state.repo(f"org/{name}", {"robot": "write"})
        with open_library() as library:
            for version in (old, new):
                _commit(repo, library.fetcher.fetch(f"pypi:{name}=={version}").folder, f"Version {version}")
        secret = secrets.token_hex(16)
        hub.state.token("robot", secret)
        done = subprocess.run(
            [sys.executable, "-m", "qtest", "run", f"{hub.host}/{repo.full_name}", "--open-pr", *more],
            cwd=folder,
            env=os.environ | {"QTEST_GIT_TOKEN": secret, "QTEST_STORE": f"{folder}/store"},
            stdout=sys.stderr,
            check=False,
        )
        for pull in repo.pulls:
            print(f"# {pull.title}\n\n{pull.body}\n---\n")
            print(repo.git("show", "--stat", "--format=%an: %s", pull.branch), end="\n\n")
            print(repo.git("show", "--format=", pull.branch, "--", ":!qtest-proof"), end="\n\n")
    return done.returncode


def _commit(repo: Repo, folder: str, subject: str) -> None:
    """The folder as it is."""
    repo.git("--work-tree", folder, "add", "-A", "-f", ".")
    tree, tip = repo.git("write-tree"), repo.tip("main")
    sha = repo.git("commit-tree", tree, *(("-p", tip) if tip else ()), "-m", subject)
    repo.git("update-ref", "refs/heads/main", sha)
    repo.settle()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""A folder on this machine, as it is, with its history where it is a git work tree."""

import os
from dataclasses import dataclass
from pathlib import Path

from qtest.adapters.git import history
from qtest.adapters.git.command import Git
from qtest.adapters.git.spec import FORMS
from qtest.errors import FetchError
from qtest.records.source import Repository, Revision


@dataclass(frozen=True)
class FolderFetcher:
    """Answers the port `Fetcher`."""

    git: Git

    def fetch(self, spec: str) -> Repository:
        real = check(spec)
        past = history.of_folder(self.git, real)
        return Repository(
            spec=spec,
            folder=str(real),
            revision=Revision(kind="folder", name=str(real)),
            commits=past.commits,
            omitted=past.omitted,
        )


def check(spec: str) -> Path:
    """The folder without links. Raises FetchError."""
    folder = Path(spec).expanduser()
    if not os.path.exists(folder):
        raise FetchError(f"{spec}: there is no such path; expected a folder, pypi:name[==version], or {FORMS}")
    if not folder.is_dir():
        raise FetchError(f"{spec}: is a file; expected the folder of a project (use --only to work on one file of it)")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise FetchError(f"{spec}: cannot be read; expected a folder that you may read")
    return folder.resolve()

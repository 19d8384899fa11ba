"""Folders as they were before: kept as a copy, put back when a session without a file system of its own closes."""

import os
import shutil
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from qtest.errors import SandboxError


class Before:
    """The folders themselves stay when their content is put back: somebody may hold them open."""

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders = tuple(folders)
        self._aside = tempfile.mkdtemp(prefix="qtest-before-")
        try:
            for number, folder in enumerate(self._folders):
                shutil.copytree(folder, f"{self._aside}/{number}", symlinks=True)
        except (OSError, shutil.Error) as error:
            shutil.rmtree(self._aside, ignore_errors=True)
            raise SandboxError(f"a folder could not be copied: {str(error)[:300]}") from error

    def restore(self) -> None:
        """Call once nothing inside lives. Raises SandboxError when it cannot be done; the copy is kept then, and named."""
        for number, folder in enumerate(self._folders):
            try:
                empty(folder)
                shutil.copytree(f"{self._aside}/{number}", folder, symlinks=True, dirs_exist_ok=True)
            except (OSError, shutil.Error, RecursionError) as error:
                raise SandboxError(f"{folder} could not be put back from {self._aside}/{number}: {error}") from error
        shutil.rmtree(self._aside, ignore_errors=True)


def empty(folder: str) -> None:
    """Whatever modes the code inside has given to what it left."""
    for path, folders, _ in os.walk(folder):
        for name in folders:
            where = os.path.join(path, name)
            if not stat.S_ISLNK(os.lstat(where).st_mode):
                os.chmod(where, 0o700)
    for entry in Path(folder).iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()

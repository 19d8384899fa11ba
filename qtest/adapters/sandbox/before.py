"""Folders as they were before: kept as a copy, put back when the last session without a file system of its own closes."""

import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from qtest.errors import SandboxError

_lock = threading.Lock()
_kept: dict[str, "_Kept"] = {}  # by folder: sessions that are open at the same time write into the same one


class _Kept:
    def __init__(self, folder: str) -> None:
        self.sessions = 0
        self.aside = tempfile.mkdtemp(prefix="qtest-before-")
        try:
            shutil.copytree(folder, f"{self.aside}/0", symlinks=True)
        except (OSError, shutil.Error) as error:
            shutil.rmtree(self.aside, ignore_errors=True)
            raise SandboxError(f"a folder could not be copied: {str(error)[:300]}") from error


class Before:
    """The folders themselves stay when their content is put back: somebody may hold them open."""

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders: list[str] = []
        with _lock:
            try:
                for folder in dict.fromkeys(folders):
                    if folder not in _kept:
                        _kept[folder] = _Kept(folder)
                    _kept[folder].sessions += 1
                    self._folders.append(folder)
            except SandboxError:
                self._leave()
                raise

    def restore(self) -> None:
        """Call once nothing inside lives. Raises SandboxError when it cannot be done; the copy is kept then, and named."""
        with _lock:
            for folder, aside in self._leave():
                try:
                    empty(folder)
                    shutil.copytree(f"{aside}/0", folder, symlinks=True, dirs_exist_ok=True)
                except (OSError, shutil.Error, RecursionError) as error:
                    raise SandboxError(f"{folder} could not be put back from {aside}/0: {error}") from error
                shutil.rmtree(aside, ignore_errors=True)

    def _leave(self) -> list[tuple[str, str]]:
        """The folders that nobody else has open, each with where its copy is."""
        alone = []
        for folder in self._folders:
            _kept[folder].sessions -= 1
            if not _kept[folder].sessions:
                alone.append((folder, _kept.pop(folder).aside))
        self._folders = []
        return alone


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

"""Bytes by their SHA-256, in a folder. Anything may be written twice: it is the same bytes."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from qtest.errors import QTestError
from qtest.records.record import digest_of


class FolderStore:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes) -> str:
        name = digest_of(data)
        path = self._path(name)
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            fd, scratch = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(fd, "wb") as file:
                file.write(data)
            Path(scratch).replace(path)
        return name

    def get(self, sha256: str) -> bytes:
        try:
            return self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise KeyError(sha256) from None

    def materialise(self, files: Iterable[tuple[str, str, bool]], folder: str) -> None:
        top = Path(folder)
        top.mkdir(parents=True)
        for name, sha256, executable in files:
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or not path.parts:
                raise QTestError(f"{name}: a file of a bundle must lie inside it")
            target = top / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._path(sha256), target)
            target.chmod(0o755 if executable else 0o644)

    def _path(self, sha256: str) -> Path:
        if not re.fullmatch("[0-9a-f]{64}", sha256):
            raise KeyError(sha256)
        return self._folder / sha256[:2] / sha256

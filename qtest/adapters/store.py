"""Bytes by their SHA-256, in a folder. Anything may be written twice: it is the same bytes."""

import os
import re
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from qtest.errors import LedgerError, QTestError
from qtest.records.record import digest_of


class FolderStore:
    """Plain files, without pyarrow, whose import takes 39 MB in each process; as fast as its file system for a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(folder, error) from error

    def put(self, data: bytes) -> str:
        """Raises LedgerError when it cannot be written; what is there is never a part."""
        name = digest_of(data)
        path = self._path(name)
        if not os.path.exists(path):
            try:
                _write(path, data)
            except OSError as error:
                raise _unusable(self._folder, error) from error
        return name

    def get(self, sha256: str) -> bytes:
        """Raises LedgerError when the bytes are not those that were put: they are moved aside, so that the next `put` is kept."""
        path = self._path(sha256)
        try:
            with open(path, "rb") as file:
                data = file.read()
        except FileNotFoundError:
            raise KeyError(sha256) from None
        except OSError as error:
            raise _unusable(self._folder, error) from error
        if digest_of(data) != sha256:
            os.replace(path, f"{path}.damaged")
            raise damaged(sha256, f"{path}.damaged")
        return data

    def materialise(self, files: Iterable[tuple[str, str, bool]], folder: str) -> None:
        lay(self.get, files, folder)

    def _path(self, sha256: str) -> str:
        return f"{self._folder}/{place(sha256)}"


def place(sha256: str) -> str:
    """Where a digest lies in any store. Raises KeyError for what is none."""
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise KeyError(sha256)
    return f"{sha256[:2]}/{sha256}"


def damaged(sha256: str, aside: str) -> LedgerError:
    return LedgerError(f"artefact {sha256} is damaged and was moved to {aside}: run again and it is made anew")


def lay(get: Callable[[str], bytes], files: Iterable[tuple[str, str, bool]], folder: str) -> None:
    """See `Store.materialise`."""
    top = Path(folder)
    top.mkdir(parents=True)
    for name, sha256, executable in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise QTestError(f"{name}: a file of a bundle must lie inside it")
        target = top / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(get(sha256))
        target.chmod(0o755 if executable else 0o644)


def _write(path: str, data: bytes) -> None:
    scratch = f"{path}.{secrets.token_hex(8)}.new"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        with open(scratch, "xb") as file:
            file.write(data)
        os.replace(scratch, path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def _unusable(folder: Path, error: OSError) -> LedgerError:
    return LedgerError(f"{folder}: cannot be used ({error.strerror or error}); free some space or give another --store")

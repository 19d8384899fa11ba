"""Bytes by their SHA-256, wherever pyarrow reaches: a bucket, another file system, or a folder."""

import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
from pyarrow import fs

from qtest.adapters.store import FolderStore, damaged, lay, place
from qtest.errors import LedgerError, UsageError
from qtest.ports import Store
from qtest.records.record import digest_of

_WHOLE_ONLY = ("s3", "gcs", "abfs")  # an object there appears when its stream is closed, and moving is copying


def open_store(where: str) -> Store:
    """At a path, or a URL such as `s3://bucket/folder`. Raises UsageError for a URL that pyarrow does not know."""
    if not re.match("[a-z][a-z0-9+.-]*://", where):
        return FolderStore(Path(where))
    try:
        filesystem, folder = fs.FileSystem.from_uri(where)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UsageError(f"{where}: {_line(error)}; expected a folder, or a URL such as s3://bucket/folder") from error
    if not folder.strip("/"):
        raise UsageError(f"{where}: names no bucket; expected a folder, or a URL such as s3://bucket/folder")
    return FolderStore(Path(folder)) if filesystem.type_name == "local" else ObjectStore(filesystem, folder)


class ObjectStore:
    """On any `pyarrow.fs.FileSystem`, below `folder` of it."""

    def __init__(self, filesystem: fs.FileSystem, folder: str) -> None:
        self._filesystem = filesystem
        self._folder = folder.rstrip("/")

    def put(self, data: bytes) -> str:
        """Raises LedgerError when it cannot be written; what is there is never a part."""
        name = digest_of(data)
        path = self._path(name)
        with self._told():
            if self._filesystem.get_file_info(path).type != fs.FileType.File:
                self._write(path, data)
        return name

    def get(self, sha256: str) -> bytes:
        """Raises LedgerError when the bytes are not those that were put: they are moved aside, so that the next `put` is kept."""
        path = self._path(sha256)
        with self._told():
            try:
                with self._filesystem.open_input_stream(path) as file:
                    data: bytes = file.read()
            except FileNotFoundError:
                raise KeyError(sha256) from None
            if digest_of(data) != sha256:
                self._filesystem.move(path, f"{path}.damaged")
                raise damaged(sha256, f"{path}.damaged")
        return data

    def materialise(self, files: Iterable[tuple[str, str, bool]], folder: str) -> None:
        lay(self.get, files, folder)

    def _path(self, sha256: str) -> str:
        return f"{self._folder}/{place(sha256)}" if self._folder else place(sha256)

    def _write(self, path: str, data: bytes) -> None:
        if self._filesystem.type_name in _WHOLE_ONLY:
            with self._filesystem.open_output_stream(path) as file:
                file.write(data)
            return
        self._filesystem.create_dir(path.rpartition("/")[0], recursive=True)
        scratch = f"{path}.{secrets.token_hex(8)}.new"
        try:
            with self._filesystem.open_output_stream(scratch) as file:
                file.write(data)
            self._filesystem.move(scratch, path)
        except BaseException:
            with suppress(OSError, pa.ArrowException):
                self._filesystem.delete_file(scratch)
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, pa.ArrowException) as error:
            raise LedgerError(
                f"{self._folder}: the store cannot be used ({_line(error)}); see that it can be reached, or give another --store"
            ) from error


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

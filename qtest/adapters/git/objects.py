"""Reads objects out of a repository's store, as they are: no filter, no attribute and no hook has a say."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from qtest.adapters.git.command import Bounds, Git, GitFailed


@dataclass(frozen=True)
class Objects:
    """`where` are git's options that name the repository; `bounds` hold for each command."""

    git: Git
    folder: Path
    where: Sequence[str]
    bounds: Bounds

    def read(self, *arguments: str, stdin: bytes = b"") -> bytes:
        return self.git.read(*self.where, *arguments, folder=self.folder, bounds=self.bounds, stdin=stdin)

    @contextmanager
    def output(self, *arguments: str, stdin: bytes = b"") -> Iterator[IO[bytes]]:
        with self.git.output(*self.where, *arguments, folder=self.folder, bounds=self.bounds, stdin=stdin) as printed:
            yield printed

    def sizes(self, ids: Sequence[str]) -> dict[str, int]:
        """In bytes. Raises GitFailed when one is not there."""
        said = self.read("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=_asked(ids))
        rows = (line.split(" ") for line in said.decode("ascii", "replace").splitlines())
        return {name: _number(size) for name, size in rows}

    def contents(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """In the order given, one at a time."""
        with self.output("cat-file", "--batch", stdin=_asked(ids)) as printed:
            for wanted in ids:
                size = _number(printed.readline().decode("ascii", "replace").split(" ")[-1].strip())
                data = printed.read(size)
                if len(data) != size:
                    raise GitFailed("exit", f"error: object {wanted} is cut off")
                printed.read(1)
                yield wanted, data


def _asked(ids: Sequence[str]) -> bytes:
    return "".join(f"{name}\n" for name in ids).encode("ascii")


def _number(text: str) -> int:
    if not text.isdecimal():
        raise GitFailed("exit", f"error: an object is {text}")
    return int(text)

"""Keeps a plan's pages in a folder of the repository, and nobody else's."""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from qtest.errors import UsageError
from qtest.report.pages import MARK


@dataclass(frozen=True)
class Kept:
    """Paths below the folder: `written` are new or changed, `removed` were pages of modules that have no target now."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


def keep(pages: Mapping[str, str], folder: Path, others: Collection[str] = ()) -> Kept:
    """Writes what changed, each page whole or not at all, and removes pages of ours that are neither among them nor among `others`:
    those are of modules that were not asked for.

    Raises UsageError, before anything is touched, where a page would take the place of a file that we did not write.
    """
    try:
        there = {path: _text(folder / path) for path in pages}
        foreign = [path for path, text in there.items() if _is_foreign(folder / path, text)]
        if foreign:
            raise UsageError(
                f"--write {folder}: {folder / foreign[0]} was not written by QTest and is left as it is; give another folder"
            )
        changed = tuple(path for path in pages if there[path] != pages[path])
        stale = tuple(path for path in _stale(pages, folder) if path not in others)
        for path in changed:
            _write(folder / path, pages[path])
        for path in stale:
            (folder / path).unlink()
    except OSError as error:
        raise UsageError(f"--write {folder}: cannot be written to ({error.strerror}); give another folder") from error
    return Kept(changed, tuple(path for path in pages if path not in changed), stale)


def _stale(pages: Mapping[str, str], folder: Path) -> Iterator[str]:
    homes = sorted({str(Path(path).parent) for path in (*pages, "modules/x.md")})
    for home in homes:
        for found in sorted((folder / home).glob("*.md")):
            path = found.relative_to(folder).as_posix()
            if path not in pages and not found.is_symlink() and _is_ours(_text(found) or ""):
                yield path


def _is_foreign(path: Path, text: str | None) -> bool:
    """A link is of whoever made it, wherever it leads: a page would take its place."""
    return path.is_symlink() or (text is not None and not _is_ours(text))


def _is_ours(text: str) -> bool:
    return text.partition("\n")[0].rstrip("\r") == MARK


def _text(path: Path) -> str | None:
    """None where there is nothing. Line ends as they are: a checkout may have changed them."""
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_text(text, "utf-8", errors="backslashreplace")
    scratch.replace(path)

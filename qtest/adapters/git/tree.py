"""Writes a revision's files into a folder; a hostile tree cannot make it write outside."""

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qtest.adapters.git.command import GitFailed
from qtest.adapters.git.objects import Objects
from qtest.errors import FetchError, without_logins
from qtest.ingest.bundle import LARGEST
from qtest.records.source import Omission

_LINK, _SUBMODULE, _EXECUTABLE = "120000", "160000", "100755"
_LONGEST_LINK = 4096  # bytes
_LINE = 1024  # bytes of a listed file, more than on average
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Entry:
    """`id` names the object; `shown` is the path as it may be printed."""

    mode: str
    id: str
    path: bytes

    @property
    def shown(self) -> str:
        return self.path.decode("utf-8", "backslashreplace")


def unpack(
    objects: Objects, commit: str, top: Path, shown: str, most_files: int, most_bytes: int
) -> tuple[Omission, ...]:
    """Write the commit's tree into `top`, which must not exist yet, and say what was left out. Raises FetchError over a bound."""
    top.mkdir(parents=True)
    entries = _entries(objects, commit, shown, most_files)
    absent = _absent(objects, commit)
    here = sorted({entry.id for entry in entries if entry.mode != _SUBMODULE} - absent)
    sizes = objects.sizes(here)
    if sum(sizes.get(entry.id, 0) for entry in entries) > most_bytes:
        raise FetchError(f"{shown}: its files hold more than {most_bytes >> 20} MiB; expected a smaller repository")
    reasons = {entry: reason for entry in entries if (reason := _refused(entry, sizes))}
    wanted = [entry for entry in entries if entry not in reasons]
    files = [entry for entry in wanted if entry.mode != _LINK]
    reasons |= _written(objects, files, top)
    reasons |= _linked(objects, [entry for entry in wanted if entry.mode == _LINK], top)
    addresses = _submodules(objects, top) if any(entry.mode == _SUBMODULE for entry in entries) else {}
    return tuple(
        Omission(path=entry.shown, reason=reason + addresses.get(entry.shown, ""))
        for entry, reason in sorted(reasons.items(), key=lambda item: item[0].path)
    )


def _entries(objects: Objects, commit: str, shown: str, most: int) -> list[Entry]:
    """A few small trees that name each other can stand for billions of files: what is printed is bounded."""
    bounded = replace(objects, bounds=replace(objects.bounds, size=most * _LINE))
    too_many = FetchError(f"{shown}: holds more than {most} files; expected a smaller repository")
    try:
        rows = bounded.read("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")
    except GitFailed as failed:
        raise too_many if failed.kind == "size" else failed from failed
    if len(rows) - 1 > most:
        raise too_many
    return [_entry(row) for row in rows if row]


def _entry(row: bytes) -> Entry:
    facts, _, path = row.partition(b"\t")
    mode, _, name = facts.decode("ascii").split(" ")
    return Entry(mode, name, path)


def _absent(objects: Objects, commit: str) -> set[str]:
    """What the server was asked to keep, for its size."""
    said = objects.read("rev-list", "--objects", "--no-object-names", "--missing=print", f"{commit}^{{tree}}")
    return {line[1:] for line in said.decode("ascii", "replace").splitlines() if line.startswith("?")}


def _refused(entry: Entry, sizes: dict[str, int]) -> str:
    """Why an entry is left out; empty when it is not."""
    if entry.mode == _SUBMODULE:
        return "a submodule, which is a repository of its own"
    parts = entry.path.split(b"/")
    if any(part in (b"", b".", b"..") or part.lower() == b".git" for part in parts):
        return "its name is one that git does not check out"
    try:
        entry.path.decode("utf-8")
    except UnicodeDecodeError:
        return "its name is not valid text"
    size = sizes.get(entry.id, LARGEST + 1)
    if entry.mode == _LINK and not 0 < size < _LONGEST_LINK:
        return "a link to an impossible path"
    if size > LARGEST:
        return f"larger than {LARGEST >> 20} MiB"
    return ""


def _written(objects: Objects, files: Sequence[Entry], top: Path) -> dict[Entry, str]:
    """Before there is any link, so that no path can lead through one."""
    failed: dict[Entry, str] = {}
    for entry, data in _with_content(objects, files):
        path = top / os.fsdecode(entry.path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(path, _NEW, 0o755 if entry.mode == _EXECUTABLE else 0o644)
        except OSError as error:
            failed[entry] = _impossible(error)
            continue
        with os.fdopen(fd, "wb") as file:
            file.write(data)
    return failed


def _linked(objects: Objects, links: Sequence[Entry], top: Path) -> dict[Entry, str]:
    failed: dict[Entry, str] = {}
    for entry, data in _with_content(objects, links):
        path = top / os.fsdecode(entry.path)
        try:
            if b"\0" in data:
                raise OSError(errno.EINVAL, "")
            if not path.parent.resolve().is_relative_to(top.resolve()):
                raise FileExistsError  # a link made before stands in its way
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(os.fsdecode(data))
        except OSError as error:
            failed[entry] = _impossible(error)
    for entry in links:
        path = top / os.fsdecode(entry.path)
        if entry not in failed and not Path(os.path.realpath(path)).is_relative_to(top.resolve()):
            path.unlink()
            failed[entry] = "a link that leads out of the repository"
    return failed


def _with_content(objects: Objects, entries: Sequence[Entry]) -> Iterator[tuple[Entry, bytes]]:
    """Two paths of the same content are one object."""
    by_id: dict[str, list[Entry]] = {}
    for entry in entries:
        by_id.setdefault(entry.id, []).append(entry)
    for name, data in objects.contents(tuple(by_id)):
        for entry in by_id[name]:
            yield entry, data


def _impossible(error: OSError) -> str:
    """Why a name cannot be. Raises the error when it is not the name's fault: a full disk is no property of a tree."""
    if isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
        return "another entry has its name"
    if error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ENOENT):
        return f"cannot be written: {os.strerror(error.errno)}"
    raise error


def _submodules(objects: Objects, top: Path) -> dict[str, str]:
    """What to add to a submodule's reason, by its path."""
    named = top / ".gitmodules"
    if named.is_symlink() or not named.is_file():
        return {}
    try:
        said = objects.git.read(
            *("config", "--file", str(named), "--no-includes", "-z", "--get-regexp", r"^submodule\..*\.(path|url)$"),
            folder=top,
            bounds=objects.bounds,
        )
    except GitFailed:  # the file is not one that git understands
        return {}
    return _addresses(said.decode("utf-8", "backslashreplace").split("\0"))


def _addresses(rows: Iterable[str]) -> dict[str, str]:
    facts: dict[tuple[str, str], str] = {}
    for row in rows:
        key, _, value = row.partition("\n")
        name, _, kind = key.removeprefix("submodule.").rpartition(".")
        facts[name, kind] = value
    return {
        path: f", of {without_logins(facts[name, 'url'])}"
        for (name, kind), path in facts.items()
        if kind == "path" and (name, "url") in facts
    }

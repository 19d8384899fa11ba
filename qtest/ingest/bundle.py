"""Reads a folder that must not be trusted into a bundle: every file named by digest, every omission with its reason."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from qtest.errors import UsageError
from qtest.ingest import filters
from qtest.ingest.projects import find_projects
from qtest.ports import Store
from qtest.records.source import Omission, RawSourceBundle, Repository, SourceFile

LARGEST = 16 << 20  # bytes of one file
MOST = 512 << 20  # bytes of all
MOST_FILES = 50_000
_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a link may lead out, a pipe may block


def ingest(repository: Repository, store: Store, languages: Sequence[str] = ("python",)) -> RawSourceBundle:
    """Raises UsageError when there is no file of these languages in it."""
    top = Path(repository.folder)
    omitted = list(repository.omitted)
    read = {name: (data, executable) for name, data, executable in _files(top, omitted)}
    projects = find_projects({name: data for name, (data, _) in read.items()}, top.name)
    declared = tuple(path for project in projects for path in project.test_paths)
    files = tuple(
        SourceFile(
            path=name,
            sha256=store.put(data),
            size=len(data),
            language=filters.language(name, data),
            role=filters.role(name, data, declared),
            executable=executable,
        )
        for name, (data, executable) in sorted(read.items())
    )
    if not any(file.language in languages for file in files):
        raise UsageError(f"{repository.spec}: {_nothing_of(languages)}")
    return RawSourceBundle(
        revision=repository.revision,
        files=files,
        projects=projects,
        omitted=tuple(omitted),
        commits=repository.commits,
        declined=repository.declined,
    )


def _nothing_of(languages: Sequence[str]) -> str:
    if tuple(languages) == ("python",):
        return "there is no Python file in it; expected a Python project"
    return f"there is no source file in it; expected one of {', '.join(languages)}"


def _files(top: Path, omitted: list[Omission]) -> Iterator[tuple[str, bytes, bool]]:
    total = count = 0
    for folder, folders, names in os.walk(top, onerror=lambda error: omitted.append(_unreadable(error, top))):
        folders[:] = sorted(name for name in folders if not _is_skipped(Path(folder, name), top, omitted))
        for name in sorted(names):
            path = Path(folder, name)
            shown = path.relative_to(top).as_posix()
            if name.endswith((".pyc", ".pyo")):
                continue
            data, executable, reason = _read(path, top)
            total, count = total + len(data), count + 1
            if total > MOST or count > MOST_FILES:
                reason = reason or f"the repository holds more than {MOST >> 20} MiB or {MOST_FILES} files"
            if not reason and data.startswith(_POINTER):
                reason = "a Git LFS pointer: its content is kept elsewhere and was not fetched"
            if reason or not _is_text(shown):
                omitted.append(Omission(path=_shown(shown), reason=reason or "its name is not valid text"))
            else:
                yield shown, data, executable


def _is_skipped(path: Path, top: Path, omitted: list[Omission]) -> bool:
    shown = _shown(path.relative_to(top).as_posix())
    if path.is_symlink():
        omitted.append(Omission(path=shown, reason="a link to a folder"))
        return True
    if (path / "pyvenv.cfg").is_file():
        omitted.append(Omission(path=shown, reason="a virtual environment"))
        return True
    is_package = path.name.isidentifier() and (path / "__init__.py").exists()
    kept_by_tools = path.name in filters.SKIPPED_FOLDERS | filters.BUILD_FOLDERS and not is_package
    if path.name == "__pycache__" or path.name.endswith(".egg-info") or kept_by_tools:
        if path.parent == top and path.name not in (".git",):
            omitted.append(Omission(path=shown, reason="kept by tools, not by people"))
        return True
    return False


def _read(path: Path, top: Path) -> tuple[bytes, bool, str]:
    """Content, whether it is executable, and why it was not read. A link to a file inside counts as the file."""
    try:
        if path.is_symlink():
            real = Path(os.path.realpath(path))
            if not real.is_relative_to(os.path.realpath(top)):
                return b"", False, "a link that leads out of the repository"
            path = real
        fd = os.open(path, _READ)
    except OSError as error:
        return b"", False, f"cannot be read: {error.strerror}"
    try:
        facts = os.fstat(fd)
        if not stat.S_ISREG(facts.st_mode):
            return b"", False, "not a plain file"
        if facts.st_size > LARGEST:
            return b"", False, f"larger than {LARGEST >> 20} MiB"
        with os.fdopen(os.dup(fd), "rb") as file:
            return file.read(LARGEST + 1), bool(facts.st_mode & 0o100), ""
    except OSError as error:
        return b"", False, f"cannot be read: {error.strerror}"
    finally:
        os.close(fd)


def _unreadable(error: OSError, top: Path) -> Omission:
    return Omission(
        path=_shown(os.path.relpath(error.filename or top, top)), reason=f"cannot be read: {error.strerror}"
    )


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\n" not in name and "\0" not in name


def _shown(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode("utf-8")

"""`qtest-proof.json` on disk, and beside it `qtest-proof/`, with a file for each file of tests that came by a pull request."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from qtest.declined import noticed
from qtest.errors import UsageError
from qtest.ingest.filters import SKIPPED_FOLDERS
from qtest.records.proof import ProofFile
from qtest.shipped import NAME, PARTS, combined, parsed, part_of, rendered, without


def read(folder: Path) -> ProofFile:
    """Empty when there is none. Raises UsageError for one that is not as it should be."""
    return combined(_read(folder / NAME), map(_read, _parts(folder)))


def _parts(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / PARTS).rglob("*.json") if path.is_file())


def _read(path: Path) -> ProofFile:
    try:
        return parsed(path.read_text("utf-8"), str(path))
    except FileNotFoundError:
        return ProofFile()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{path}: cannot be read: {reason}") from error


def expected(folder: Path) -> ProofFile:
    """Raises UsageError also when there is none."""
    if not (folder / NAME).exists() and not _parts(folder):
        raise UsageError(
            f"{folder / NAME}: there is no such file; expected the folder that `qtest run` wrote its tests to"
        )
    return read(folder)


def write(folder: Path, proof: ProofFile) -> Path:
    """Each file whole or not at all. What lies by itself stays so; where nothing is left to prove it goes."""
    parts = set(_parts(folder))
    apart = {file.path: path for file in proof.files if (path := folder / part_of(file.path)) in parts}
    for file in proof.files:
        if file.path in apart:
            _write(apart[file.path], ProofFile(files=(file,)))
    for path in parts - set(apart.values()):
        path.unlink()
    rest = tuple(file for file in proof.files if file.path not in apart)
    return _write(folder / NAME, proof.model_copy(update={"files": rest}))


def _write(path: Path, proof: ProofFile) -> Path:
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        scratch.write_text(rendered(proof), "utf-8")
        scratch.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def noted(folder: Path, date: str, *, in_place: bool) -> ProofFile:
    """With the tests that somebody deleted since put on record. Into a folder of its own files are written to be carried off."""
    proof = read(folder)
    texts = {file.path: text for file in proof.files if (text := text_of(folder / file.path)) is not None}
    gone = noticed(proof, texts, date, may_have_moved=not in_place)
    if gone and in_place:  # perhaps only moved to another file
        gone = noticed(proof, dict(_tests_in(folder)), date)
    if not gone:
        return proof
    proof = without(proof, gone)
    write(folder, proof)
    return proof


def _tests_in(folder: Path) -> Iterator[tuple[str, str]]:
    for above, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        for path in (Path(above, name) for name in names if "test" in name and name.endswith(".py")):
            if (text := text_of(path)) is not None:
                yield path.relative_to(folder).as_posix(), text


def text_of(path: Path) -> str | None:
    """None where there is none that can be read."""
    try:
        return path.read_bytes().decode("utf-8")  # line ends stay as they are
    except (OSError, UnicodeDecodeError):
        return None


def replaced(folder: Path, texts: Mapping[str, str], proof: ProofFile) -> tuple[Path, ...]:
    """Files of tests and then their proof; those without text are removed."""
    try:
        for name, text in texts.items():
            path = folder / name
            if text:
                scratch = path.with_name(f".{path.name}.{os.getpid()}")
                scratch.write_text(text, "utf-8", newline="")
                scratch.replace(path)
            else:
                path.unlink()
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from error
    return (*(folder / name for name, text in texts.items() if text), write(folder, proof))

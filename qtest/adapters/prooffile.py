"""`qtest-proof.json` on disk."""

import os
from pathlib import Path

from qtest.errors import UsageError
from qtest.records.proof import ProofFile
from qtest.shipped import NAME, parsed, rendered


def read(folder: Path) -> ProofFile:
    """Empty when there is none. Raises UsageError for one that is not as it should be."""
    path = folder / NAME
    try:
        return parsed(path.read_text("utf-8"), str(path))
    except FileNotFoundError:
        return ProofFile()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{path}: cannot be read: {reason}") from error


def expected(folder: Path) -> ProofFile:
    """Raises UsageError also when there is none."""
    if not (folder / NAME).exists():
        raise UsageError(f"{folder / NAME}: there is no such file; expected the folder that `qtest run` wrote its tests to")
    return read(folder)


def write(folder: Path, proof: ProofFile) -> Path:
    """Whole or not at all."""
    path = folder / NAME
    scratch = path.with_name(f".{NAME}.{os.getpid()}")
    try:
        scratch.write_text(rendered(proof), "utf-8")
        scratch.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
    return path

"""The reviewed file of accepted mutants, on disk."""

import os
from collections.abc import Iterable
from pathlib import Path

from qtest.errors import UsageError
from qtest.mutation.accepted import parsed, rendered
from qtest.records.mutation import Accepted


def read(path: Path) -> tuple[Accepted, ...]:
    """Empty when there is no such file. Raises UsageError for one that is not as it should be."""
    try:
        return parsed(path.read_text("utf-8"), str(path))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{path}: cannot be read: {reason}") from error


def write(path: Path, entries: Iterable[Accepted]) -> None:
    """Whole or not at all."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        scratch.write_text(rendered(entries), "utf-8")
        scratch.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error

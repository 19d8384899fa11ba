"""What DuckDB says when it cannot go on, as one line that tells a person what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from qtest.errors import LedgerError, LedgerHeld

_HELD = re.compile(r"Conflicting lock is held in (\S+).*?\(PID (\d+)\)")
_RULES: tuple[tuple[str, str], ...] = (
    (
        "No space left|File too large|Disk quota",
        "the disk is full: free some space, then go on; what was acknowledged is kept",
    ),
    ("Permission denied|Read-only file system", "no permission to write there: change it, or give another place"),
    (
        "version number|newer version|storage version",
        "was written by another version of DuckDB: use the QTest that wrote it, or give another --store",
    ),
    (
        r"not a valid DuckDB|[Cc]orrupt|checksum|Could not read enough|WAL|[Ss]erializ|deserialize",
        "is damaged: restore a backup (`qtest store restore`), or move it away to begin anew; it was not changed",
    ),
    ("Is a directory|Not a directory|File exists|No such file", "is no place for a file: give another one"),
)


@contextmanager
def told(path: Path | str) -> Iterator[None]:
    """Raises LedgerError for whatever DuckDB or the file system has against the ledger at `path`."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        held = _HELD.search(str(error))
        if held:
            name = Path(held[1]).name
            raise LedgerHeld(
                f"{path}: is in use by process {held[2]} ({name}): wait until it ends, or give another --store"
            ) from error
        raise LedgerError(f"{path}: {_advice(str(error))}") from error


def _advice(said: str) -> str:
    for pattern, advice in _RULES:
        if re.search(pattern, said):
            return advice
    return f"cannot be used: {said.strip().splitlines()[0] if said.strip() else 'no reason was given'}"

"""A whole store in one tar file, and back: the ledger as of one moment, then the artefacts it names."""

import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from qtest.adapters.home import Home
from qtest.adapters.ledger import DuckLedger, claim, connect
from qtest.adapters.store import FolderStore
from qtest.adapters.trouble import told
from qtest.errors import LedgerError, UsageError
from qtest.records.run import ROWS

_CONTENTS = "contents.json"
_LEDGER = "ledger.duckdb"
_ARTEFACT = re.compile("artefacts/[0-9a-f]{2}/([0-9a-f]{64})")


@dataclass(frozen=True)
class Contents:
    """`rows` by table. Artefacts that lie elsewhere than in the store's folder are not among them."""

    rows: dict[str, int]
    artefacts: int = 0


def back_up(home: Home, ledger: DuckLedger, file: Path) -> Contents:
    """From inside the process that owns the ledger, which goes on. Raises UsageError when `file` exists, LedgerError when it cannot
    be written."""
    if file.exists():
        raise UsageError(f"{file}: exists and was not touched; give another name")
    partial = file.with_name(f"{file.name}.{os.getpid()}.part")
    with told(file):
        try:
            with tempfile.TemporaryDirectory(dir=home.folder, prefix="backup-") as scratch:
                copied = Path(scratch) / _LEDGER
                ledger.backup(copied)
                artefacts = sorted((home.folder / "artefacts").glob("??/" + "[0-9a-f]" * 64))
                contents = Contents(_counted(copied), len(artefacts))
                _pack(partial, file.suffix in (".gz", ".tgz"), contents, copied, artefacts)
            claim(partial, file)
        finally:
            partial.unlink(missing_ok=True)
    return contents


def restore(file: Path, home: Home) -> Contents:
    """Every artefact is checked against its digest and every row is read before anything stands under the store's name. Raises
    UsageError when there is a store already, LedgerError for a backup that is not whole."""
    if not file.is_file():
        raise UsageError(f"{file}: there is no such file; expected what `qtest store backup` wrote")
    if home.folder.exists() and (not home.folder.is_dir() or any(home.folder.iterdir())):
        raise UsageError(f"{home.folder}: is not empty and was not touched; move it away, or give another --store")
    scratch = home.folder.absolute().with_name(f"{home.folder.absolute().name}.{os.getpid()}.new")
    with told(home.folder):
        scratch.mkdir(parents=True)
        try:
            with _damage_told(file):
                contents = _unpacked(file, scratch)
            scratch.replace(home.folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return contents


def _pack(partial: Path, compressed: bool, contents: Contents, ledger: Path, artefacts: list[Path]) -> None:
    folder = ledger.parent
    (folder / _CONTENTS).write_text(json.dumps(asdict(contents)), "utf-8")
    with tarfile.open(partial, "w:gz" if compressed else "w") as tar:
        tar.add(folder / _CONTENTS, _CONTENTS)
        tar.add(ledger, _LEDGER)
        for artefact in artefacts:
            tar.add(artefact, f"artefacts/{artefact.parent.name}/{artefact.name}")


def _unpacked(file: Path, folder: Path) -> Contents:
    store = FolderStore(folder / "artefacts")
    promised: Contents | None = None
    found = 0
    with tarfile.open(file, "r:*") as tar:
        for member in tar:
            data = tar.extractfile(member)
            if data is None:
                raise LedgerError(f"{file}: is no backup: it holds {member.name}")
            if member.name == _CONTENTS:
                promised = Contents(**json.load(data))
            elif member.name == _LEDGER:
                _copy(data, folder / _LEDGER)
            elif (artefact := _ARTEFACT.fullmatch(member.name)) and store.put(data.read()) == artefact[1]:
                found += 1
            else:
                raise LedgerError(f"{file}: is damaged: {member.name} is not what was backed up; take another backup")
    if promised is None or promised != Contents(_counted(folder / _LEDGER), found):
        raise LedgerError(f"{file}: is not whole: it holds less than was backed up; take another backup")
    return promised


def _counted(ledger: Path) -> dict[str, int]:
    """Rows by table; every value is read on the way."""
    with connect(ledger, read_only=True) as connection:
        return {
            kind.table: _rows(connection.execute(f"SELECT count(hash(t)) FROM {kind.table} t").fetchone())
            for kind in ROWS
        }


def _rows(found: tuple[int, ...] | None) -> int:
    return found[0] if found else 0


def _copy(data: IO[bytes], path: Path) -> None:
    with path.open("xb") as file:
        shutil.copyfileobj(data, file)


@contextmanager
def _damage_told(file: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, ValueError, TypeError) as error:
        raise LedgerError(f"{file}: is no whole backup ({error}); take another one") from error

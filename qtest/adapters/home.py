"""A store: one folder with the ledger, the artefacts, and a mark by which another process knows that it sees the same folder."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from qtest.adapters.ledger import DuckLedger
from qtest.adapters.objects import open_store
from qtest.errors import LedgerError, UsageError
from qtest.ports import Store


@dataclass(frozen=True)
class Home:
    """`elsewhere` is the path or URL of the artefacts when they do not lie in the folder."""

    folder: Path
    elsewhere: str = ""

    @property
    def file(self) -> Path:
        return self.folder / "ledger.duckdb"

    @property
    def place(self) -> str:
        """Of the artefacts, as a path or URL."""
        return self.elsewhere or str(self.folder.absolute() / "artefacts")

    def ledger(self) -> DuckLedger:
        """Raises LedgerError; see DuckLedger."""
        return DuckLedger(self.file)

    def known(self) -> DuckLedger:
        """The ledger of a store that is there already. Raises UsageError where there is none, and makes nothing."""
        if not self.file.exists():
            raise UsageError(
                f"{self.folder}: holds no runs yet; `qtest run` fills it, and --store names another folder"
            )
        return self.ledger()

    def artefacts(self) -> Store:
        return open_store(self.place)

    def mark(self) -> str:
        """The folder's own random word, made once. Raises LedgerError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                with open(self._mark, "x", encoding="ascii") as file:
                    file.write(secrets.token_hex(16))
            except FileExistsError:
                pass
            return self._mark.read_text("ascii")
        except OSError as error:
            raise LedgerError(f"{self._mark}: {error.strerror}; give another --store") from error

    def bears(self, mark: str) -> bool:
        """Whether this is, as seen from here, the folder that has this mark."""
        try:
            return self._mark.read_text("ascii") == mark
        except (OSError, UnicodeError):
            return False

    @property
    def _mark(self) -> Path:
        return self.folder / "mark"

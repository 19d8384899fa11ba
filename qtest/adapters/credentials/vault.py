"""The file of kept tokens: one entry for each host, encrypted, each with a word on where its key lies."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography.fernet import InvalidToken
from pydantic import Field

from qtest.adapters.credentials.keys import Keys
from qtest.errors import CredentialError
from qtest.records.record import Record

_LARGEST = 1 << 20  # bytes


class Entry(Record):
    """`key` is where the key lies, `sealed` a `Sealed` of its own host."""

    key: str
    sealed: str


class Vault(Record):
    """What stands in the file."""

    version: Literal[1] = 1
    hosts: dict[str, Entry] = Field(default_factory=dict)


class Sealed(Record):
    """The host stands inside too: an entry that was moved to another host opens nothing there."""

    host: str
    token: str


def place(outer: Mapping[str, str]) -> Path | None:
    """`$QTEST_CREDENTIALS`, else in the user's own settings; None for a user without a home."""
    if outer.get("QTEST_CREDENTIALS"):
        return Path(outer["QTEST_CREDENTIALS"]).expanduser().absolute()
    if outer.get("XDG_CONFIG_HOME"):
        return Path(outer["XDG_CONFIG_HOME"], "qtest", "credentials.json")
    return Path(outer["HOME"], ".config", "qtest", "credentials.json") if outer.get("HOME") else None


@dataclass(frozen=True)
class TokenFile:
    """Raises CredentialError for a file that is not ours, was changed, or cannot be opened with the key there is."""

    path: Path
    keys: Keys

    def hosts(self) -> Mapping[str, str]:
        """Each host with where its key lies; needs no key."""
        return {host: entry.key for host, entry in sorted(self._read().hosts.items())}

    def get(self, host: str) -> str | None:
        entry = self._read().hosts.get(host)
        if entry is None:
            return None
        try:
            key = self.keys.for_opening(entry.key)
            sealed = Sealed.from_json(key.fernet.decrypt(entry.sealed))
        except (InvalidToken, ValueError):
            raise self._wrong(host) from None
        if sealed.host != host:
            raise self._wrong(host)
        return sealed.token

    def ready(self) -> None:
        """Raises what `put` would."""
        self.keys.for_sealing()
        self._read()

    def put(self, host: str, token: str) -> str:
        """Where its key lies."""
        key = self.keys.for_sealing()
        sealed = key.fernet.encrypt(Sealed(host=host, token=token).to_json().encode()).decode()
        kept = self._read()
        self._write({**kept.hosts, host: Entry(key=key.place, sealed=sealed)})
        return key.place

    def remove(self, host: str) -> bool:
        """Needs no key. False when there was none."""
        hosts = dict(self._read().hosts)
        if hosts.pop(host, None) is None:
            return False
        self._write(hosts)
        return True

    def _wrong(self, host: str) -> CredentialError:
        return CredentialError(
            f"{self.path}: the token of {host} cannot be opened: it was changed, or the key is another one; `qtest logout --host {host}`, then log in again"
        )

    def _read(self) -> Vault:
        try:
            with open(self.path, "rb") as file:
                owner = os.fstat(file.fileno()).st_uid
                text = file.read(_LARGEST)
        except FileNotFoundError:
            return Vault()
        except OSError as error:
            raise CredentialError(f"{self.path}: cannot be read ({error.strerror})") from error
        if owner not in (0, os.geteuid()):
            raise CredentialError(f"{self.path}: is another user's; remove it, then `qtest login`")
        try:
            return Vault.from_json(text)
        except (ValueError, RecursionError):
            raise CredentialError(f"{self.path}: holds no tokens of QTest; move it away, then `qtest login`") from None

    def _write(self, hosts: Mapping[str, Entry]) -> None:
        """Whole or not at all, and never readable for others."""
        text = json.dumps(Vault(hosts=dict(hosts)).model_dump(), indent=2) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fd, name = tempfile.mkstemp(dir=self.path.parent)  # with mode 0600
            try:
                with open(fd, "w", encoding="utf-8") as file:
                    file.write(text)
                os.replace(name, self.path)
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            raise CredentialError(
                f"{self.path}: cannot be written ({error.strerror}); set QTEST_CREDENTIALS"
            ) from error

"""The key that kept tokens are encrypted with: in a file of the user's, in the environment, or in their keyring."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.fernet import Fernet

from qtest.adapters.credentials.variables import KEY, KEY_FILE
from qtest.errors import CredentialError

KEYRING, ENVIRONMENT = "keyring", "environment"
_FILE = "file:"
_SERVICE, _USER = "qtest", "key"
_LARGEST = 4096  # bytes of a key file


class Ring(Protocol):
    """What we ask of a keyring; the module `keyring` answers it."""

    def get_password(self, service_name: str, username: str) -> str | None: ...

    def set_password(self, service_name: str, username: str, password: str) -> None: ...


@dataclass(frozen=True)
class Key:
    """`place` names where it lies, as it is written beside what it seals."""

    place: str
    fernet: Fernet = field(repr=False)


@dataclass(frozen=True)
class Keys:
    """`file` is the key file asked for on the command line; `outer` the user's environment. Raises CredentialError."""

    outer: Mapping[str, str] = field(repr=False)
    ring: Ring | None = None
    file: str = ""

    def for_sealing(self) -> Key:
        """The one that is named, else the keyring's. A key that is not there yet is made."""
        named = self.file or self.outer.get(KEY_FILE, "")
        if named:
            path = Path(named).expanduser().absolute()
            if not path.exists():
                _make(path)
            return self.for_opening(f"{_FILE}{path}")
        if self.outer.get(KEY):
            return self.for_opening(ENVIRONMENT)
        return Key(KEYRING, _fernet(self._made_in_keyring(), "the keyring"))

    def for_opening(self, place: str) -> Key:
        """What was sealed with the key that lay at `place`. A key that the environment names goes first: it may have been moved."""
        if named := self.file or self.outer.get(KEY_FILE, ""):
            return _in_file(Path(named).expanduser().absolute())
        if given := self.outer.get(KEY, ""):
            return Key(ENVIRONMENT, _fernet(given, KEY))
        if place.startswith(_FILE):
            return _in_file(Path(place.removeprefix(_FILE)))
        if place == ENVIRONMENT:
            raise CredentialError(f"the kept tokens are encrypted with the key of {KEY}, which is not set; set it")
        with _asked():
            found = self._ring.get_password(_SERVICE, _USER)
        if not found:
            raise CredentialError("the keyring no longer holds the key of the kept tokens; run `qtest login` again")
        return Key(KEYRING, _fernet(found, "the keyring"))

    def _made_in_keyring(self) -> str:
        """Read back: there are keyrings that forget."""
        with _asked():
            found = self._ring.get_password(_SERVICE, _USER)
            if found:
                return found
            self._ring.set_password(_SERVICE, _USER, Fernet.generate_key().decode())
            found = self._ring.get_password(_SERVICE, _USER)
        if not found:
            raise CredentialError(f"the keyring does not keep what it is given; {_INSTEAD}")
        return found

    @property
    def _ring(self) -> Ring:
        if self.ring is not None:
            return self.ring
        import keyring  # looks for every backend that is installed

        return keyring


_INSTEAD = f"give --key-file PATH (made when it is not there), or set {KEY_FILE} or {KEY}"


@contextmanager
def _asked() -> Iterator[None]:
    from keyring.errors import KeyringError

    try:
        yield
    except (KeyringError, OSError, RuntimeError) as error:
        raise CredentialError(f"no keyring works here ({type(error).__name__}); {_INSTEAD}") from error


def _in_file(path: Path) -> Key:
    """Refused when others may read it."""
    try:
        with open(path, "rb") as file:
            facts = os.fstat(file.fileno())
            text = file.read(_LARGEST).decode("ascii", "replace").strip() if stat.S_ISREG(facts.st_mode) else ""
    except OSError as error:
        raise CredentialError(f"key file {path}: cannot be read ({error.strerror}); {_INSTEAD}") from error
    if facts.st_mode & 0o077:
        raise CredentialError(
            f"key file {path}: others may read it (mode {stat.S_IMODE(facts.st_mode):04o}); chmod 600 it, and consider the tokens known"
        )
    if facts.st_uid not in (0, os.geteuid()):
        raise CredentialError(f"key file {path}: is another user's; expected one of your own")
    return Key(f"{_FILE}{path}", _fernet(text, f"key file {path}"))


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
    except OSError as error:
        raise CredentialError(f"key file {path}: cannot be made ({error.strerror}); give another place") from error


def _fernet(text: str, where: str) -> Fernet:
    try:
        return Fernet(text)
    except ValueError:
        raise CredentialError(f"{where}: holds no key; expected 44 characters as `qtest login` makes them") from None

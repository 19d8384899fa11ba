"""Which token a server is shown, and how tokens are kept: encrypted, whole, and opened by their own key alone."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import keyring.backends.fail
import keyring.backends.null
import pytest
from cryptography.fernet import Fernet

from qtest.adapters.credentials.keys import Keys, Ring
from qtest.adapters.credentials.tokens import token_for
from qtest.adapters.credentials.variables import MODELS, SECRET, withheld
from qtest.adapters.credentials.vault import TokenFile
from qtest.adapters.wheels import quiet_env
from qtest.errors import CredentialError

GITHUB = "https://github.com"
SECRET_TOKEN = "gho_planted"


@dataclass
class DictRing:
    """A keyring that works."""

    kept: dict[tuple[str, str], str] = field(default_factory=dict)

    def get_password(self, service_name: str, username: str) -> str | None:
        return self.kept.get((service_name, username))

    def set_password(self, service_name: str, username: str, password: str) -> None:
        self.kept[service_name, username] = password


@pytest.fixture
def outer(tmp_path: Path) -> dict[str, str]:
    return {"QTEST_CREDENTIALS": str(tmp_path / "kept" / "credentials.json")}


def tokens(outer: Mapping[str, str], ring: Ring | None = None, file: str = "") -> TokenFile:
    return TokenFile(Path(outer["QTEST_CREDENTIALS"]), Keys(outer, ring or keyring.backends.fail.Keyring(), file))


def source(server: str, outer: Mapping[str, str], ring: Ring | None = None) -> str | None:
    found = token_for(server, outer, ring)
    return found.source if found else None


def refused(outer: Mapping[str, str], ring: Ring | None = None) -> str:
    with pytest.raises(CredentialError) as caught:
        tokens(outer, ring).get("github.com")
    assert SECRET_TOKEN not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def ring() -> DictRing:
    return DictRing()


@pytest.fixture
def kept(outer: dict[str, str], ring: DictRing) -> Path:
    """The file, with a token of GitHub's whose key is in the ring."""
    tokens(outer, ring).put("github.com", SECRET_TOKEN)
    return Path(outer["QTEST_CREDENTIALS"])


def test_the_environment_goes_before_what_is_kept(outer: dict[str, str], ring: DictRing, kept: Path) -> None:
    assert source(GITHUB, outer, ring) == "qtest login"
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "QTEST_GIT_TOKEN"):
        outer[name] = "another"
        assert source(GITHUB, outer, ring) == name


def test_a_kept_token_is_shown_to_its_own_host_alone(outer: dict[str, str], ring: DictRing, kept: Path) -> None:
    for server in ("https://github.example", "https://github.com:8443", "https://api.github.com", "http://github.com"):
        assert source(server, outer, ring) is None


def test_githubs_own_variables_are_for_the_server_that_the_runner_names() -> None:
    assert source("https://git.example", {"GITHUB_TOKEN": "x"}) is None
    assert source("https://git.example", {"GH_TOKEN": "x", "GITHUB_SERVER_URL": "https://git.example/"}) == "GH_TOKEN"


def test_no_token_goes_over_a_way_that_others_can_listen_to() -> None:
    outer = {"QTEST_GIT_TOKEN": "x", "GITHUB_TOKEN": "x", "GITHUB_SERVER_URL": "http://git.example"}
    assert source("http://git.example", outer) is None
    assert source("http://127.0.0.1:3000", outer) == "QTEST_GIT_TOKEN"


def test_a_token_that_would_be_a_second_header_is_refused_and_not_repeated() -> None:
    with pytest.raises(CredentialError, match="GITHUB_TOKEN") as caught:
        token_for(GITHUB, {"GITHUB_TOKEN": f"{SECRET_TOKEN}\r\nX: y"})
    assert SECRET_TOKEN not in str(caught.value)


def test_a_token_is_not_in_what_is_printed_of_it() -> None:
    assert SECRET_TOKEN not in repr(token_for(GITHUB, {"GITHUB_TOKEN": SECRET_TOKEN}))


def test_what_lies_on_disk_is_encrypted_and_for_its_owner_alone(
    kept: Path, ring: DictRing, outer: dict[str, str]
) -> None:
    assert SECRET_TOKEN.encode() not in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]
    assert tokens(outer, ring).get("github.com") == SECRET_TOKEN


def test_a_host_is_forgotten_without_its_key_and_the_others_stay(
    kept: Path, ring: DictRing, outer: dict[str, str]
) -> None:
    tokens(outer, ring).put("git.example", "other")
    assert tokens(outer).remove("github.com")
    assert not tokens(outer).remove("github.com")
    assert tokens(outer, ring).get("git.example") == "other"


def test_any_change_of_an_entry_is_noticed(kept: Path, ring: DictRing, outer: dict[str, str]) -> None:
    said = json.loads(kept.read_text())
    sealed = said["hosts"]["github.com"]["sealed"]
    changed = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]
    for entry in (changed, "", "é"):
        said["hosts"]["github.com"]["sealed"] = entry
        kept.write_text(json.dumps(said))
        assert "it was changed" in refused(outer, ring)


def test_an_entry_that_was_moved_to_another_host_is_not_shown_there(
    kept: Path, ring: DictRing, outer: dict[str, str]
) -> None:
    said = json.loads(kept.read_text())
    said["hosts"]["evil.example"] = said["hosts"]["github.com"]
    kept.write_text(json.dumps(said))
    with pytest.raises(CredentialError, match="it was changed"):
        token_for("https://evil.example", outer, ring)


@pytest.mark.parametrize("text", ["", "[]", "{}{", '{"version": 2}', "[" * 5000, '{"hosts": {"github.com": 1}}'])
def test_a_file_that_is_not_ours_is_one_line(outer: dict[str, str], kept: Path, ring: DictRing, text: str) -> None:
    kept.write_text(text)
    assert "holds no tokens of QTest" in refused(outer, ring)


def test_another_users_file_is_not_believed(outer: dict[str, str], kept: Path, ring: DictRing) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(kept, 12345, -1)
    assert "another user's" in refused(outer, ring)


def test_the_wrong_key_is_one_line(outer: dict[str, str], kept: Path, ring: DictRing) -> None:
    outer["QTEST_KEY"] = Fernet.generate_key().decode()
    assert "the key is another one" in refused(outer, ring)


def test_a_keyring_that_lost_the_key_is_told(outer: dict[str, str], kept: Path, ring: DictRing) -> None:
    ring.kept.clear()
    assert "no longer holds the key" in refused(outer, ring)


def test_without_a_keyring_the_line_says_where_else_a_key_may_be(outer: dict[str, str]) -> None:
    with pytest.raises(CredentialError, match=r"no keyring works here .*--key-file PATH.*QTEST_KEY_FILE or QTEST_KEY"):
        tokens(outer).put("github.com", SECRET_TOKEN)


def test_a_keyring_that_forgets_is_not_trusted_with_a_key(outer: dict[str, str]) -> None:
    with pytest.raises(CredentialError, match="does not keep"):
        tokens(outer, keyring.backends.null.Keyring()).put("github.com", SECRET_TOKEN)


def test_a_key_file_is_made_for_its_owner_and_found_again(outer: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "keys" / "mine"
    assert tokens(outer, file=str(path)).put("github.com", SECRET_TOKEN) == f"file:{path}"
    assert path.stat().st_mode & 0o777 == 0o600
    assert tokens(outer).get("github.com") == SECRET_TOKEN


def test_a_key_in_the_environment_serves_alone(outer: dict[str, str]) -> None:
    outer["QTEST_KEY"] = Fernet.generate_key().decode()
    assert tokens(outer).put("github.com", SECRET_TOKEN) == "environment"
    assert tokens(outer).get("github.com") == SECRET_TOKEN
    del outer["QTEST_KEY"]
    assert "QTEST_KEY, which is not set" in refused(outer)


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o666])
def test_a_key_file_that_others_may_read_is_refused(outer: dict[str, str], tmp_path: Path, mode: int) -> None:
    path = tmp_path / "mine"
    tokens(outer, file=str(path)).put("github.com", SECRET_TOKEN)
    path.chmod(mode)
    assert "chmod 600" in refused(outer)


@pytest.mark.parametrize("text", [b"", b"short", b"\xff" * 44, b"a" * 5000])
def test_a_key_file_without_a_key_is_one_line(outer: dict[str, str], tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "mine"
    path.touch(0o600)
    path.write_bytes(text)
    with pytest.raises(CredentialError, match="holds no key"):
        tokens(outer, file=str(path)).put("github.com", SECRET_TOKEN)


def test_a_folder_for_a_key_file_is_one_line(outer: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="cannot be read"):
        tokens(outer, file=str(tmp_path)).put("github.com", SECRET_TOKEN)


def test_the_processes_we_start_inherit_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRET:
        monkeypatch.setenv(name, SECRET_TOKEN)
    assert SECRET_TOKEN not in str(quiet_env())
    with withheld():
        assert {name for name in SECRET if name in os.environ} == set(MODELS)  # Ray's workers ask the models
    assert all(os.environ[name] == SECRET_TOKEN for name in SECRET)

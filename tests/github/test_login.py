"""`qtest login` and `qtest logout`, as a person types them."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtest.cli import main
from qtest.commands import login

sys.path.insert(0, str(Path(__file__).parent))

from device import Clock, DeviceServer

CAPTURED = pytest.CaptureFixture[str]
TOKEN = "ghp_planted"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with no token and no keyring."""
    for name in ("QTEST_GIT_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITHUB_SERVER_URL", "QTEST_KEY", "QTEST_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("QTEST_CREDENTIALS", str(tmp_path / "credentials.json"))
    monkeypatch.setenv("QTEST_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeviceServer]:
    with DeviceServer(Clock()) as server:
        monkeypatch.setattr(login.time, "monotonic", server.clock.now)
        monkeypatch.setattr(login.time, "sleep", server.clock.sleep)
        yield server


def typed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def refused(capsys: CAPTURED, *words: str) -> str:
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("qtest: ")
    assert error.count("\n") == 1
    return error


def test_a_person_logs_in_by_a_code_and_out_again(server: DeviceServer, capsys: CAPTURED, home: Path) -> None:
    there = ("--host", server.url)
    assert main(["login", *there, "--client-id", server.client_id]) == 0
    said = capsys.readouterr().out
    assert f"open {server.url}/login/device and enter the code WDJB-MJHT" in said
    assert f"its key in {home / 'key'}" in said
    assert main(["login", "--status", *there]) == 0
    said += capsys.readouterr().out
    assert f"{server.host}: a token from qtest login" in said
    assert server.token not in said
    assert main(["logout", *there]) == 0
    assert main(["login", "--status", *there]) == 1
    assert "no token" in capsys.readouterr().out


def test_without_a_client_id_one_line_says_what_to_give(capsys: CAPTURED) -> None:
    said = refused(capsys, "login")
    for way in ("--client-id", "QTEST_CLIENT_ID", "[tool.qtest.login] client_id", "--with-token"):
        assert way in said


@pytest.mark.parametrize("by", ["environment", "settings"])
def test_the_client_id_may_stand_in(
    by: str, server: DeviceServer, home: Path, capsys: CAPTURED, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by == "environment":
        monkeypatch.setenv("QTEST_CLIENT_ID", server.client_id)
    else:
        (home / "pyproject.toml").write_text(f'[tool.qtest.login]\nclient_id = "{server.client_id}"\n')
    assert main(["login", "--host", server.url]) == 0


def test_a_refused_login_keeps_nothing(server: DeviceServer, home: Path, capsys: CAPTURED) -> None:
    server.answer = "no"
    assert "refused on the page" in refused(capsys, "login", "--host", server.url, "--client-id", server.client_id)
    assert not (home / "credentials.json").exists()


def test_a_token_is_read_from_standard_input(capsys: CAPTURED, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(f"{TOKEN}\n", monkeypatch)
    assert main(["login", "--with-token"]) == 0
    assert main(["login", "--status"]) == 0
    said = capsys.readouterr()
    assert "github.com: a token from qtest login" in said.out
    assert TOKEN not in said.out + said.err


@pytest.mark.parametrize("text", ["", "\n", "two words\n", "caf\u00e9\n"])
def test_what_is_no_token_is_refused(text: str, capsys: CAPTURED, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(text, monkeypatch)
    assert "expected" in refused(capsys, "login", "--with-token")


@pytest.mark.parametrize("host", ["http://github.com", "https://me:secret@github.com", "github.com/owner", "a b", ""])
def test_what_is_no_host_is_refused(host: str, capsys: CAPTURED, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(f"{TOKEN}\n", monkeypatch)
    said = refused(capsys, "login", "--with-token", "--host", host)
    assert "expected the name of a host" in said
    assert "secret" not in said


def test_a_runner_of_github_enterprise_names_the_host(capsys: CAPTURED, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://git.example")
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    assert main(["login", "--status"]) == 0
    assert capsys.readouterr().out == "git.example: a token from GH_TOKEN\n"


def test_a_variable_that_goes_before_what_is_kept_is_named(capsys: CAPTURED, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(f"{TOKEN}\n", monkeypatch)
    monkeypatch.setenv("GITHUB_TOKEN", "another")
    assert main(["login", "--with-token"]) == 0
    assert "GITHUB_TOKEN is set, and goes before it" in capsys.readouterr().out

"""Secrets are planted wherever a user may have one; whole runs are made, and the secrets are in nothing that is printed or written."""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qtest.cli import main
from qtest.ports import Sandbox

if TYPE_CHECKING:
    from conftest import Made, Served

pytestmark = pytest.mark.sandbox

CODE = '''\
def whole(amount: int) -> int:
    """The amount, or nothing for what is owed."""
    if amount <= 0:
        return 0
    return amount + 1
'''
# green only where no secret can be seen from inside: in the environment of the tests, and of each process that they see
SPIES = """\
import glob
import os

from shop import whole


def test_whole():
    assert whole(3) == 4


def test_no_secret_is_seen():
    seen = [str(os.environ).encode()]
    for name in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
        try:
            seen.append(open(name, "rb").read())
        except OSError:
            pass
    assert not [text for text in seen if b"pl4nted" in text]
"""


@pytest.fixture
def shop(sandboxed: Sandbox, made: "Made", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Made":
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("QTEST_CREDENTIALS", str(tmp_path / "credentials.json"))
    monkeypatch.chdir(tmp_path)
    made.commit("A shop", {"shop.py": CODE, "test_shop.py": SPIES})
    made.publish()
    return made


def ways(served: "Served", monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The repository's address, each time with another way in, and other secrets planted beside it."""
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OLLAMA_API_KEY", "QTEST_API_KEY"):
        monkeypatch.setenv(name, f"pl4nted-{name}")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")  # nobody listens: errors may hold a key too
    monkeypatch.delenv("QTEST_GIT_TOKEN", raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO("pl4nted-kept\n"))
    assert main(["login", "--with-token", "--host", f"http://{served.host}", "--key-file", "key"]) == 0
    served.ask_for("x-access-token", "pl4nted-kept")
    yield served.url
    monkeypatch.setenv("QTEST_GIT_TOKEN", "pl4nted-any")
    served.ask_for("pl4nted-user", "pl4nted-password")
    yield f"http://pl4nted-user:pl4nted-password@{served.host}/sample.git"


def test_a_secret_is_in_nothing_that_a_run_prints_or_writes(
    shop: "Made",
    tmp_path: Path,
    serve: "Callable[[Path], Served]",
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served = serve(shop.bare.parent)
    common = ("--inline", "--python", sys.executable)
    commands = [
        ["mutate", "--ask", "0", "--out", "out-mutate", *common],
        ["run", "--evaluations", "60", "--llm", "openai:m", "--yes", "--out", "out-run", "--json", *common],
    ]
    for (command, *options), address in zip(commands, ways(served, monkeypatch), strict=True):
        assert main([command, address, *options]) == 0  # not 1: the project's own tests were green
        assert served.wanted in served.logins
    said = capfd.readouterr()
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert (tmp_path / "qtest-store" / "ledger.duckdb") in written
    key = (tmp_path / "key").read_bytes().strip()
    encoded = [served.wanted.removeprefix("Basic ").encode()]
    for secret in (b"pl4nted-", key, *encoded):
        assert secret.decode() not in said.out + said.err
        found = [path for path in written if secret in path.read_bytes() or secret.decode() in str(path)]
        assert [path.name for path in found] == (["key"] if secret == key else [])

"""`qtest login`: get a token of a code host, or take one, and keep it encrypted; `--status` says which one would be used."""

import argparse
import getpass
import os
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from qtest.adapters.credentials.device import DeviceFlow
from qtest.adapters.credentials.keys import Keys
from qtest.adapters.credentials.tokens import KEPT, clean, host_of, own_server, safe, token_for
from qtest.adapters.credentials.vault import TokenFile, place
from qtest.config import load
from qtest.errors import CredentialError, UsageError
from qtest.report.text import visible

_SERVER = re.compile(r"https?://([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?")


def main(arguments: argparse.Namespace) -> int:
    outer = dict(os.environ)
    server = server_of(arguments.host, outer)
    if arguments.status:
        return status(server, outer)
    client_id = "" if arguments.with_token else _client_id(arguments.client_id, outer)
    kept = token_file(outer, arguments.key_file or "")
    kept.ready()  # before a person is asked for anything
    token = _asked(server, client_id) if client_id else _read()
    where = kept.put(host_of(server), token)
    print(f"logged in to {host_of(server)}: the token is kept encrypted in {kept.path}, its key in {told(where)}")
    used = token_for(server, outer)
    if used is not None and used.source != KEPT:
        print(f"but {used.source} is set, and goes before it")
    return 0


def status(server: str, outer: Mapping[str, str]) -> int:
    """1 when there is no token."""
    token = token_for(server, outer)
    if token is None:
        print(f"{host_of(server)}: no token; run `qtest login`, or set QTEST_GIT_TOKEN")
        return 1
    print(f"{host_of(server)}: a token from {token.source}")
    return 0


def server_of(given: str | None, outer: Mapping[str, str]) -> str:
    """Its address, of a host or an address. Raises UsageError."""
    if given is None:
        return own_server(outer)
    server = (given if "://" in given else f"https://{given}").rstrip("/")
    if not _SERVER.fullmatch(server) or not safe(server):
        raise UsageError(f"--host {given}: expected the name of a host, such as github.com, or its https:// address")
    return server


def token_file(outer: Mapping[str, str], key_file: str = "") -> TokenFile:
    path = place(outer)
    if path is None:
        raise UsageError("there is no home to keep a token in; set QTEST_CREDENTIALS to the path of a file")
    return TokenFile(path, Keys(outer, file=key_file))


def told(where: str) -> str:
    return {"keyring": "the keyring", "environment": "QTEST_KEY"}.get(where, where.removeprefix("file:"))


def _read() -> str:
    """Typed unseen, or from a pipe."""
    text = getpass.getpass("token: ") if sys.stdin.isatty() else sys.stdin.readline(1 << 16)
    if not text.strip():
        raise CredentialError("--with-token: standard input is empty; expected a token")
    return clean(text.strip(), "--with-token")


def _client_id(given: str | None, outer: Mapping[str, str]) -> str:
    found = given or outer.get("QTEST_CLIENT_ID") or load(Path(), {}).login.client_id
    if not found:
        raise UsageError(
            "login needs the client id of an OAuth app: --client-id, QTEST_CLIENT_ID or [tool.qtest.login] client_id; "
            "or give a personal token to `qtest login --with-token`"
        )
    return found


def _asked(server: str, client_id: str) -> str:
    flow = DeviceFlow(server, client_id, time.monotonic, time.sleep)
    code = flow.ask()
    print(f"open {visible(code.page)} and enter the code {visible(code.user_code)}")
    print(f"waiting for at most {code.expires_s / 60:.0f} minutes", flush=True)
    return flow.wait(code)

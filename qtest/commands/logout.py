"""`qtest logout`: forget the kept token of a host. At the host it stays valid until it is revoked there."""

import argparse
import os

from qtest.adapters.credentials.tokens import host_of
from qtest.commands.login import server_of, token_file


def main(arguments: argparse.Namespace) -> int:
    outer = dict(os.environ)
    host = host_of(server_of(arguments.host, outer))
    kept = token_file(outer)
    print(f"{host}: forgotten" if kept.remove(host) else f"{host}: no token was kept in {kept.path}")
    return 0

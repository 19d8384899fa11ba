"""What is typed behind the commands for a code host."""

import argparse

from qtest.arguments.shared import host


def ci(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default=".", help="the project (default .)")
    parser.add_argument(
        "--out", default=None, metavar="FILE", help="the workflow (default FOLDER/.github/workflows/qtest.yml)"
    )
    parser.add_argument(
        "--qtest",
        default=None,
        metavar="REQUIREMENT",
        help="what pip installs for QTest on the runner (default the commit that this one was installed from, else the "
        "repository variable QTEST_REQUIREMENT)",
    )


def login(parser: argparse.ArgumentParser) -> None:
    host(parser)
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--with-token", action="store_true", help="read a token from standard input")
    ways.add_argument("--status", action="store_true", help="say where the token for the host comes from; 1 for none")
    ways.add_argument(
        "--client-id",
        default=None,
        metavar="ID",
        help="of the OAuth app to log in through (default $QTEST_CLIENT_ID, else [tool.qtest.login] client_id)",
    )
    parser.add_argument(
        "--key-file",
        default=None,
        metavar="PATH",
        help="keep the key in this file, made when it is not there (default $QTEST_KEY_FILE, $QTEST_KEY, else the keyring)",
    )


def logout(parser: argparse.ArgumentParser) -> None:
    host(parser)

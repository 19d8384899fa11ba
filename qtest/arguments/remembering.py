"""What is typed behind the commands for what is remembered."""

import argparse

from qtest.arguments.shared import remembered


def runs(parser: argparse.ArgumentParser) -> None:
    remembered(parser)
    parser.add_argument("--json", action="store_true", help="the runs as JSON")


def why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("place", metavar="FILE:LINE", help="such as src/pkg/money.py:42")
    parser.add_argument(
        "--run",
        default=None,
        metavar="RUN",
        help="a run's id, or the beginning of it (default the latest that knows the file)",
    )
    remembered(parser)


def export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", help="a run's id, or the beginning of it, or all")
    parser.add_argument(
        "--parquet",
        required=True,
        nargs="?",
        const="qtest-parquet",
        metavar="FOLDER",
        help="an empty folder, or one to be made (default ./qtest-parquet)",
    )
    remembered(parser)


def resume(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", help="a run's id, or the beginning of it: see `qtest runs`")
    parser.add_argument("--out", default=None, metavar="FOLDER", help="where tests and reports go (default: as before)")
    parser.add_argument("--address", default=None, metavar="HOST:PORT|auto", help="join this Ray cluster")
    parser.add_argument("--json", action="store_true", help="progress and result as JSON lines on standard output")
    remembered(parser)


def store(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="action")
    backup = actions.add_parser("backup", help="write everything remembered into one file")
    backup.add_argument("file", help="a new tar file; compressed when its name ends in .gz")
    remembered(backup)
    restore = actions.add_parser("restore", help="make a store from a backup, checked, where there is none")
    restore.add_argument("file", help="what `qtest store backup` wrote")
    remembered(restore)

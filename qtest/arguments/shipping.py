"""What is typed behind the commands for tests that were shipped."""

import argparse

from qtest.arguments.shared import shipped


def verify(parser: argparse.ArgumentParser) -> None:
    shipped(parser)
    parser.add_argument(
        "--only",
        default="",
        metavar="TEST",
        help="shipped tests of this name, or FILE::TEST, and the mutants that they kill",
    )


def maintain(parser: argparse.ArgumentParser) -> None:
    shipped(parser)
    parser.add_argument(
        "--write", action="store_true", help="heal imports and take out what was retired; otherwise it is only said"
    )


def decline(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("test", metavar="TEST", help="FILE::TEST, or its name where only one has it")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why it is not wanted")
    parser.add_argument("--author", default=None, metavar="NAME", help="who says so (default as git knows you)")
    parser.add_argument(
        "--from",
        dest="out",
        default=".",
        metavar="FOLDER",
        help="where the tests and qtest-proof.json lie (default .)",
    )

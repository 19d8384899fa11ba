"""What is typed behind the commands that look at a change."""

import argparse

from qtest.arguments.shared import remembered, two_revisions


def diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("revisions", metavar="A..B", help="two revisions; with A alone, that and the folder as it is")
    two_revisions(parser)


def pr_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since", required=True, metavar="REVISION", help="where the change began, such as origin/main"
    )
    parser.add_argument(
        "--comment", action="store_true", help="put it on the pull request that GitHub Actions runs for, in one comment"
    )
    parser.add_argument(
        "--floor", default=None, type=float, metavar="0..1", help="exit with 1 when your tests kill less of the change"
    )
    parser.add_argument(
        "--out", default=None, metavar="FOLDER", help="where tests and reports go (default ./qtest-out)"
    )
    two_revisions(parser)
    remembered(parser)

"""What is typed behind the commands that judge mutants, and look at what was judged."""

import argparse

from qtest.arguments.shared import count, judged, remembered, seconds_or_none, target


def mutate(parser: argparse.ArgumentParser) -> None:
    target(parser)
    parser.add_argument("--out", default=None, metavar="FOLDER", help="where reports go (default ./qtest-out)")
    parser.add_argument(
        "--only",
        action="append",
        default=None,
        metavar="PATH",
        help="mutate this file, folder or pattern only (repeatable)",
    )
    parser.add_argument(
        "--tests",
        action="append",
        default=None,
        metavar="PATH",
        help="judge by the tests in this file or folder only (repeatable)",
    )
    parser.add_argument(
        "--since",
        default=None,
        metavar="REVISION",
        help="only mutants on lines that changed since, such as origin/main",
    )
    parser.add_argument(
        "--shard", default=None, metavar="K/N", help="the K-th of N parts; `qtest merge` puts them together"
    )
    parser.add_argument(
        "--sample",
        default=None,
        type=count,
        metavar="N",
        help="judge N mutants, drawn over all functions and operators",
    )
    parser.add_argument(
        "--matrix",
        action="store_true",
        help="every test against every mutant: lists tests that kill nothing of their own",
    )
    parser.add_argument("--seed", default=None, metavar="TEXT", help="any text; draws the sample")
    parser.add_argument(
        "--floor", default=None, type=float, metavar="0..1", help="exit with 1 when the mutation score is below this"
    )
    parser.add_argument(
        "--ask",
        default=None,
        type=seconds_or_none,
        metavar="TIME",
        help="how long to look for calls that tell mutants which live from the code (default 20s; 0 for not at all)",
    )
    parser.add_argument(
        "--type-check",
        action="store_true",
        help="set mutants aside that mypy refuses: no test has to kill them; they stand outside the score",
    )
    parser.add_argument(
        "--allow-red", action="store_true", help="judge by the tests that pass, though others fail without any mutant"
    )
    parser.add_argument("--inline", action="store_true", help="work on this machine, whatever pyproject.toml says")
    parser.add_argument("--address", default=None, metavar="HOST:PORT|auto", help="judge on this Ray cluster")
    remembered(parser)
    parser.add_argument("--fresh", action="store_true", help="do all work again, whatever is remembered")
    parser.add_argument("--json", action="store_true", help="progress and result as JSON lines on standard output")


def merge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shards", nargs="+", metavar="OUT", help="the output folder of each shard, or its report.json")
    parser.add_argument("--out", required=True, metavar="FOLDER", help="where the report of the whole goes")
    parser.add_argument(
        "--floor", default=None, type=float, metavar="0..1", help="exit with 1 when the mutation score is below this"
    )
    parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")


def audit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", help="the output folder of `qtest mutate`, or a run's id, or the beginning of it")
    parser.add_argument("--sample", default=60, type=count, metavar="N", help="how many verdicts (default 60)")
    parser.add_argument("--seed", default="0", metavar="TEXT", help="any text; draws the sample")
    parser.add_argument("--unsafe-no-sandbox", action="store_true", help=argparse.SUPPRESS)
    remembered(parser)


def replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verdict", help="a verdict's id, or the beginning of it")
    parser.add_argument(
        "--from",
        dest="out",
        default="qtest-out",
        metavar="FOLDER",
        help="the run's output folder (default ./qtest-out)",
    )
    parser.add_argument("--unsafe-no-sandbox", action="store_true", help=argparse.SUPPRESS)


def show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("mutant", help="the id of a mutant or a verdict, or the beginning of it")
    judged(parser)


def accept(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "mutants", nargs="+", metavar="MUTANT", help="the id of a mutant that lives, or the beginning of it"
    )
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why no test has to notice it")
    parser.add_argument("--author", default=None, metavar="NAME", help="who says so (default as git knows you)")
    judged(parser)


def review(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--author", default=None, metavar="NAME", help="who says so (default as git knows you)")
    judged(parser)

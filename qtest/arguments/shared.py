"""Arguments that several commands take, and how they are read."""

import argparse


def target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "repository",
        help="a folder, pypi:name[==version], or a git repository: an address, owner/repo for GitHub (a folder of that name here wins), "
        "or a path to a bare one, each with @branch, @tag, @sha or #pull-request behind it if not the default branch is meant. "
        "Tokens: QTEST_GIT_TOKEN, GITHUB_TOKEN, GH_TOKEN, or `qtest login`",
    )
    parser.add_argument(
        "--python", default=None, metavar="PATH|X.Y", help="interpreter or virtual environment of the target"
    )
    parser.add_argument(
        "--unsafe-no-sandbox", action="store_true", help="run the target's code unprotected; every report says so"
    )


def two_revisions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help="in a git work tree (default .)")
    parser.add_argument(
        "--budget", default=None, type=seconds, metavar="TIME", help="time of looking for calls: 30s, 2m"
    )
    parser.add_argument(
        "--evaluations", default=None, type=count, metavar="N", help="count work instead of time; makes runs equal"
    )
    parser.add_argument("--seed", default=None, metavar="TEXT", help="any text; draws the calls")
    parser.add_argument(
        "--python", default=None, metavar="PATH|X.Y", help="interpreter or virtual environment of the target"
    )
    parser.add_argument(
        "--unsafe-no-sandbox", action="store_true", help="run the target's code unprotected; every report says so"
    )
    parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")


def judged(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="out",
        default="qtest-out",
        metavar="FOLDER",
        help="the output folder of `qtest mutate` (default ./qtest-out)",
    )
    parser.add_argument(
        "--file", default=None, metavar="PATH", help="the reviewed file (default qtest-accepted.toml of the project)"
    )


def shipped(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help="the project (default .)")
    parser.add_argument(
        "--from",
        dest="out",
        default=None,
        metavar="FOLDER",
        help="where the tests and qtest-proof.json lie (default the project)",
    )
    parser.add_argument("--python", default=None, metavar="PATH|X.Y", help="interpreter or virtual environment")
    parser.add_argument("--unsafe-no-sandbox", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="the findings as JSON")


def remembered(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--store",
        default=None,
        metavar="FOLDER",
        help="what is remembered (default $QTEST_STORE, else $XDG_DATA_HOME/qtest, else ~/.local/share/qtest)",
    )


def host(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default=None, metavar="HOST", help="default $GITHUB_SERVER_URL, else github.com")


def seconds(text: str) -> float:
    units = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
    number = text.rstrip("hms")
    unit = text[len(number) :] or "s"
    try:
        value = float(number) * units[unit]
    except (KeyError, ValueError):
        value = -1.0
    if not 0 < value < 1e7:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; expected a number with s, m or h, such as 120s")
    return value


def seconds_or_none(text: str) -> float:
    return 0.0 if text in ("0", "0s") else seconds(text)


def count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a count; expected a whole number above 0")
    return int(text)

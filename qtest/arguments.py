"""What can be typed behind `qtest`: every command with its arguments, and mistakes in them said in one line."""

import argparse
from typing import NoReturn

from qtest import __version__
from qtest.errors import without_logins

EXIT_CODES = (
    "exit codes: 0 done, 1 a threshold was missed, 2 your mistake, 3 machinery, 130 interrupted with a partial result"
)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, where argparse would print the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {one_line(message)}; see {self.prog} --help\n")


def parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="qtest",
        description="Point it at a repository: it returns tests that are proven to kill mutants.",
        epilog=EXIT_CODES,
    )
    parser.add_argument("--version", action="version", version=f"qtest {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    _run(
        commands.add_parser(
            "run", help="generate proven tests for a folder, a package or a git repository", epilog=EXIT_CODES
        )
    )
    _mutate(
        commands.add_parser(
            "mutate",
            help="judge the tests there are: which mutants of the code they kill, and which live",
            epilog=EXIT_CODES,
        )
    )
    _merge(
        commands.add_parser("merge", help="put the reports of all shards of `qtest mutate` together", epilog=EXIT_CODES)
    )
    _audit(
        commands.add_parser(
            "audit",
            help="re-judge a sample of verdicts the slow way: the whole suite, a new process",
            epilog=EXIT_CODES,
        )
    )
    _diff(commands.add_parser("diff", help="say in plain words what two revisions do differently", epilog=EXIT_CODES))
    _pr_check(
        commands.add_parser(
            "pr-check",
            help="what a change does, what its tests notice of it, and tests for what they do not",
            epilog=EXIT_CODES,
        )
    )
    _plan(commands.add_parser("plan", help="say what a run would test, in which order and why"))
    _model(commands.add_parser("model", help="say what the code is: entry points, entities, what it reaches"))
    _doctor(commands.add_parser("doctor", help="say what was found, and name what blocks"))
    _replay(commands.add_parser("replay", help="run one verdict again, alone, and show it"))
    _verify(
        commands.add_parser(
            "verify", help="prove the shipped tests again, from their qtest-proof.json", epilog=EXIT_CODES
        )
    )
    _maintain(
        commands.add_parser(
            "maintain", help="what to do about shipped tests that are red: never a weaker assertion", epilog=EXIT_CODES
        )
    )
    _decline(commands.add_parser("decline", help="take a shipped test out for good, and say why"))
    _show(commands.add_parser("show", help="one mutant: its change, how it ended, which tests run or kill it"))
    _accept(commands.add_parser("accept", help="let survivors live, with a reason, in a file that people review"))
    _review(commands.add_parser("review", help="one survivor after the other, each with one key to press"))
    _config(commands.add_parser("config", help="what pyproject.toml [tool.qtest] may hold"))
    _sample(commands.add_parser("sample", help="print generated tests chosen by a seed, to read"))
    _runs(commands.add_parser("runs", help="the runs that are remembered, the latest first"))
    _why(
        commands.add_parser(
            "why", help="what a run made of one line: its mutants, who kills them, and why no test was kept"
        )
    )
    _export(commands.add_parser("export", help="write what is remembered as Parquet"))
    _resume(commands.add_parser("resume", help="finish a run that was interrupted or killed", epilog=EXIT_CODES))
    _store(commands.add_parser("store", help="back up what is remembered, or restore it"))
    _ci(
        commands.add_parser("ci", help="write a workflow for GitHub Actions: the project's tests, and `qtest pr-check`")
    )
    _login(commands.add_parser("login", help="get a token of a code host, or hand one over, and keep it encrypted"))
    _logout(commands.add_parser("logout", help="forget the kept token of a code host"))
    return parser


def _target(parser: argparse.ArgumentParser) -> None:
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


def _run(parser: argparse.ArgumentParser) -> None:
    _target(parser)
    parser.add_argument(
        "--out", default=None, metavar="FOLDER", help="where tests and reports go (default ./qtest-out)"
    )
    parser.add_argument(
        "--in-place", action="store_true", help="write the tests into the project itself; reports still go to --out"
    )
    parser.add_argument(
        "--only",
        action="append",
        default=None,
        metavar="PATH",
        help="work on this file, folder or pattern only (repeatable)",
    )
    parser.add_argument(
        "--concern",
        default=None,
        metavar="WORDS|@FILE",
        help='test only the code that these words are about, such as "amounts are never rounded twice"; @FILE reads them from a text, '
        "an issue's say",
    )
    parser.add_argument(
        "--open-pr",
        action="store_true",
        help="hand the tests over as pull requests of the repository on GitHub; needs a token that may write to it, or fork it",
    )
    parser.add_argument("--draft", action="store_true", help="with --open-pr: as drafts")
    parser.add_argument(
        "--base",
        default=None,
        metavar="BRANCH",
        help="with --open-pr: the branch to test and to merge into (default the one behind @, else the default branch)",
    )
    parser.add_argument("--standalone", action="store_true", help="ignore the existing suite")
    parser.add_argument(
        "--budget",
        default=None,
        type=_seconds,
        metavar="TIME",
        help="wall time from when the environment is ready: 120s, 5m, 1h (default 120s)",
    )
    parser.add_argument(
        "--evaluations", default=None, type=_count, metavar="N", help="count work instead of time; makes runs equal"
    )
    parser.add_argument(
        "--seed", default=None, metavar="TEXT", help="any text; the same seed and --evaluations give the same files"
    )
    parser.add_argument(
        "--floor", default=None, type=float, metavar="0..1", help="exit with 1 when the mutation score ends below this"
    )
    parser.add_argument(
        "--llm",
        default=None,
        metavar="WHO",
        help="ask a language model beside the search: the address of a router, or openai:MODEL, anthropic:MODEL, ollama:MODEL or "
        "recorded:FILE. Keys: QTEST_API_KEY for a router, OPENAI_API_KEY, ANTHROPIC_API_KEY; OLLAMA_HOST says where Ollama is",
    )
    parser.add_argument(
        "--llm-budget",
        default=None,
        metavar="N|$N",
        help="what the model may use: tokens, such as 200k, or money, such as $2",
    )
    parser.add_argument(
        "--llm-record", default=None, metavar="FILE", help="record what the model says, for --llm recorded:FILE"
    )
    parser.add_argument("--yes", action="store_true", help="agree to what the model may cost, without being asked")
    parser.add_argument("--inline", action="store_true", help="work in this process alone, without Ray")
    parser.add_argument(
        "--address", default=None, metavar="HOST:PORT|auto", help="join this Ray cluster (default: one on this machine)"
    )
    _remembered(parser)
    parser.add_argument("--fresh", action="store_true", help="do all work again, whatever is remembered")
    parser.add_argument("--json", action="store_true", help="progress and result as JSON lines on standard output")


def _mutate(parser: argparse.ArgumentParser) -> None:
    _target(parser)
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
        type=_count,
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
        type=_seconds_or_none,
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
    _remembered(parser)
    parser.add_argument("--fresh", action="store_true", help="do all work again, whatever is remembered")
    parser.add_argument("--json", action="store_true", help="progress and result as JSON lines on standard output")


def _merge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shards", nargs="+", metavar="OUT", help="the output folder of each shard, or its report.json")
    parser.add_argument("--out", required=True, metavar="FOLDER", help="where the report of the whole goes")
    parser.add_argument(
        "--floor", default=None, type=float, metavar="0..1", help="exit with 1 when the mutation score is below this"
    )
    parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")


def _audit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", help="the output folder of `qtest mutate`, or a run's id, or the beginning of it")
    parser.add_argument("--sample", default=60, type=_count, metavar="N", help="how many verdicts (default 60)")
    parser.add_argument("--seed", default="0", metavar="TEXT", help="any text; draws the sample")
    parser.add_argument("--unsafe-no-sandbox", action="store_true", help=argparse.SUPPRESS)
    _remembered(parser)


def _diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("revisions", metavar="A..B", help="two revisions; with A alone, that and the folder as it is")
    _two_revisions(parser)


def _pr_check(parser: argparse.ArgumentParser) -> None:
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
    _two_revisions(parser)
    _remembered(parser)


def _two_revisions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help="in a git work tree (default .)")
    parser.add_argument(
        "--budget", default=None, type=_seconds, metavar="TIME", help="time of looking for calls: 30s, 2m"
    )
    parser.add_argument(
        "--evaluations", default=None, type=_count, metavar="N", help="count work instead of time; makes runs equal"
    )
    parser.add_argument("--seed", default=None, metavar="TEXT", help="any text; draws the calls")
    parser.add_argument(
        "--python", default=None, metavar="PATH|X.Y", help="interpreter or virtual environment of the target"
    )
    parser.add_argument(
        "--unsafe-no-sandbox", action="store_true", help="run the target's code unprotected; every report says so"
    )
    parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")


def _plan(parser: argparse.ArgumentParser) -> None:
    _target(parser)
    parser.add_argument(
        "--only",
        action="append",
        default=None,
        metavar="PATH",
        help="plan this file, folder or pattern only (repeatable)",
    )
    parser.add_argument(
        "--write",
        default=None,
        metavar="FOLDER",
        help="keep the plan as Markdown there; only what changed is rewritten",
    )
    parser.add_argument(
        "--measure", action="store_true", help="run the existing tests first, in the sandbox, for what they cover"
    )
    parser.add_argument("--json", action="store_true", help="the plan as JSON")


def _doctor(parser: argparse.ArgumentParser) -> None:
    _target(parser)
    parser.add_argument("--json", action="store_true", help="the findings as JSON")


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("repository", help="a folder, or pypi:name[==version]")
    parser.add_argument(
        "--json", action="store_true", help="the whole model, or with --against the differences, as JSON"
    )
    parser.add_argument("--against", default=None, metavar="OLD.json", help="what changed since this model was written")


def _replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verdict", help="a verdict's id, or the beginning of it")
    parser.add_argument(
        "--from",
        dest="out",
        default="qtest-out",
        metavar="FOLDER",
        help="the run's output folder (default ./qtest-out)",
    )
    parser.add_argument("--unsafe-no-sandbox", action="store_true", help=argparse.SUPPRESS)


def _shipped(parser: argparse.ArgumentParser) -> None:
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


def _verify(parser: argparse.ArgumentParser) -> None:
    _shipped(parser)
    parser.add_argument(
        "--only",
        default="",
        metavar="TEST",
        help="shipped tests of this name, or FILE::TEST, and the mutants that they kill",
    )


def _maintain(parser: argparse.ArgumentParser) -> None:
    _shipped(parser)
    parser.add_argument(
        "--write", action="store_true", help="heal imports and take out what was retired; otherwise it is only said"
    )


def _decline(parser: argparse.ArgumentParser) -> None:
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


def _judged(parser: argparse.ArgumentParser) -> None:
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


def _show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("mutant", help="the id of a mutant or a verdict, or the beginning of it")
    _judged(parser)


def _accept(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "mutants", nargs="+", metavar="MUTANT", help="the id of a mutant that lives, or the beginning of it"
    )
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why no test has to notice it")
    parser.add_argument("--author", default=None, metavar="NAME", help="who says so (default as git knows you)")
    _judged(parser)


def _review(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--author", default=None, metavar="NAME", help="who says so (default as git knows you)")
    _judged(parser)


def _config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--schema", action="store_true", required=True, help="print the JSON Schema, which editors and linters read"
    )


def _sample(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", nargs="?", default="qtest-out", help="the run's output folder (default ./qtest-out)")
    parser.add_argument("--seed", default="0", metavar="TEXT", help="any text")
    parser.add_argument("-n", type=_count, default=10, metavar="N", help="how many tests (default 10)")


def _remembered(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--store",
        default=None,
        metavar="FOLDER",
        help="what is remembered (default $QTEST_STORE, else $XDG_DATA_HOME/qtest, else ~/.local/share/qtest)",
    )


def _runs(parser: argparse.ArgumentParser) -> None:
    _remembered(parser)
    parser.add_argument("--json", action="store_true", help="the runs as JSON")


def _why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("place", metavar="FILE:LINE", help="such as src/pkg/money.py:42")
    parser.add_argument(
        "--run",
        default=None,
        metavar="RUN",
        help="a run's id, or the beginning of it (default the latest that knows the file)",
    )
    _remembered(parser)


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", help="a run's id, or the beginning of it, or all")
    parser.add_argument(
        "--parquet",
        required=True,
        nargs="?",
        const="qtest-parquet",
        metavar="FOLDER",
        help="an empty folder, or one to be made (default ./qtest-parquet)",
    )
    _remembered(parser)


def _resume(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", help="a run's id, or the beginning of it: see `qtest runs`")
    parser.add_argument("--out", default=None, metavar="FOLDER", help="where tests and reports go (default: as before)")
    parser.add_argument("--address", default=None, metavar="HOST:PORT|auto", help="join this Ray cluster")
    parser.add_argument("--json", action="store_true", help="progress and result as JSON lines on standard output")
    _remembered(parser)


def _store(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="action")
    backup = actions.add_parser("backup", help="write everything remembered into one file")
    backup.add_argument("file", help="a new tar file; compressed when its name ends in .gz")
    _remembered(backup)
    restore = actions.add_parser("restore", help="make a store from a backup, checked, where there is none")
    restore.add_argument("file", help="what `qtest store backup` wrote")
    _remembered(restore)


def _ci(parser: argparse.ArgumentParser) -> None:
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


def _host(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default=None, metavar="HOST", help="default $GITHUB_SERVER_URL, else github.com")


def _login(parser: argparse.ArgumentParser) -> None:
    _host(parser)
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


def _logout(parser: argparse.ArgumentParser) -> None:
    _host(parser)


def _seconds(text: str) -> float:
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


def _seconds_or_none(text: str) -> float:
    return 0.0 if text in ("0", "0s") else _seconds(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a count; expected a whole number above 0")
    return int(text)


def one_line(text: str) -> str:
    shown = without_logins(text)
    return "".join(c if c.isprintable() else " " if c.isspace() else f"\\x{ord(c):02x}" for c in shown)

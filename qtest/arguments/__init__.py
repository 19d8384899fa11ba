"""What can be typed behind `qtest`: every command with its arguments, and mistakes in them said in one line."""

import argparse
from typing import NoReturn

from qtest import __version__
from qtest.arguments import changing, generating, hosting, judging, remembering, shipping
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
    generating.run(
        commands.add_parser(
            "run", help="generate proven tests for a folder, a package or a git repository", epilog=EXIT_CODES
        )
    )
    judging.mutate(
        commands.add_parser(
            "mutate",
            help="judge the tests there are: which mutants of the code they kill, and which live",
            epilog=EXIT_CODES,
        )
    )
    judging.merge(
        commands.add_parser("merge", help="put the reports of all shards of `qtest mutate` together", epilog=EXIT_CODES)
    )
    judging.audit(
        commands.add_parser(
            "audit",
            help="re-judge a sample of verdicts the slow way: the whole suite, a new process",
            epilog=EXIT_CODES,
        )
    )
    changing.diff(
        commands.add_parser("diff", help="say in plain words what two revisions do differently", epilog=EXIT_CODES)
    )
    changing.pr_check(
        commands.add_parser(
            "pr-check",
            help="what a change does, what its tests notice of it, and tests for what they do not",
            epilog=EXIT_CODES,
        )
    )
    generating.plan(commands.add_parser("plan", help="say what a run would test, in which order and why"))
    generating.model(commands.add_parser("model", help="say what the code is: entry points, entities, what it reaches"))
    generating.doctor(commands.add_parser("doctor", help="say what was found, and name what blocks"))
    judging.replay(commands.add_parser("replay", help="run one verdict again, alone, and show it"))
    shipping.verify(
        commands.add_parser(
            "verify", help="prove the shipped tests again, from their qtest-proof.json", epilog=EXIT_CODES
        )
    )
    shipping.maintain(
        commands.add_parser(
            "maintain", help="what to do about shipped tests that are red: never a weaker assertion", epilog=EXIT_CODES
        )
    )
    shipping.decline(commands.add_parser("decline", help="take a shipped test out for good, and say why"))
    judging.show(commands.add_parser("show", help="one mutant: its change, how it ended, which tests run or kill it"))
    judging.accept(
        commands.add_parser("accept", help="let survivors live, with a reason, in a file that people review")
    )
    judging.review(commands.add_parser("review", help="one survivor after the other, each with one key to press"))
    generating.config(commands.add_parser("config", help="what pyproject.toml [tool.qtest] may hold"))
    generating.sample(commands.add_parser("sample", help="print generated tests chosen by a seed, to read"))
    remembering.runs(commands.add_parser("runs", help="the runs that are remembered, the latest first"))
    remembering.why(
        commands.add_parser(
            "why", help="what a run made of one line: its mutants, who kills them, and why no test was kept"
        )
    )
    remembering.export(commands.add_parser("export", help="write what is remembered as Parquet"))
    remembering.resume(
        commands.add_parser("resume", help="finish a run that was interrupted or killed", epilog=EXIT_CODES)
    )
    remembering.store(commands.add_parser("store", help="back up what is remembered, or restore it"))
    hosting.ci(
        commands.add_parser("ci", help="write a workflow for GitHub Actions: the project's tests, and `qtest pr-check`")
    )
    hosting.login(
        commands.add_parser("login", help="get a token of a code host, or hand one over, and keep it encrypted")
    )
    hosting.logout(commands.add_parser("logout", help="forget the kept token of a code host"))
    return parser


def one_line(text: str) -> str:
    shown = without_logins(text)
    return "".join(c if c.isprintable() else " " if c.isspace() else f"\\x{ord(c):02x}" for c in shown)

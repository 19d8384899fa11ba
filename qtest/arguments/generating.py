"""What is typed behind the commands that read code and write tests."""

import argparse

from qtest.arguments.shared import count, remembered, seconds, target


def run(parser: argparse.ArgumentParser) -> None:
    target(parser)
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
        type=seconds,
        metavar="TIME",
        help="wall time from when the environment is ready: 120s, 5m, 1h (default 120s)",
    )
    parser.add_argument(
        "--evaluations", default=None, type=count, metavar="N", help="count work instead of time; makes runs equal"
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
    remembered(parser)
    parser.add_argument("--fresh", action="store_true", help="do all work again, whatever is remembered")
    parser.add_argument("--json", action="store_true", help="progress and result as JSON lines on standard output")


def plan(parser: argparse.ArgumentParser) -> None:
    target(parser)
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


def model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("repository", help="a folder, or pypi:name[==version]")
    parser.add_argument(
        "--json", action="store_true", help="the whole model, or with --against the differences, as JSON"
    )
    parser.add_argument("--against", default=None, metavar="OLD.json", help="what changed since this model was written")


def doctor(parser: argparse.ArgumentParser) -> None:
    target(parser)
    parser.add_argument("--json", action="store_true", help="the findings as JSON")


def sample(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", nargs="?", default="qtest-out", help="the run's output folder (default ./qtest-out)")
    parser.add_argument("--seed", default="0", metavar="TEXT", help="any text")
    parser.add_argument("-n", type=count, default=10, metavar="N", help="how many tests (default 10)")


def config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--schema", action="store_true", required=True, help="print the JSON Schema, which editors and linters read"
    )

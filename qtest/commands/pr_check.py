"""`qtest pr-check`: what a change does, what its tests notice of it, and tests for what they do not, in one comment."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from qtest.adapters.git.command import Git
from qtest.adapters.git.revisions import work_tree
from qtest.adapters.github.actions import PullPlace, pull_place
from qtest.adapters.github.address import api_of, token_for
from qtest.adapters.github.client import client
from qtest.adapters.github.comments import put
from qtest.checking import Check
from qtest.commands.diff import at, budget
from qtest.commands.mutate import exit_code, place
from qtest.commands.run import must_be_writable, new_form, new_run, publish
from qtest.config import Config, load
from qtest.errors import ForgeError, ForgeRefused, UsageError
from qtest.records.check import CheckReport
from qtest.report.comment import FOLDER, MARK, comment
from qtest.report.files import whole
from qtest.report.mutation.files import write
from qtest.report.mutation.live import judging_display
from qtest.report.text import visible

BUDGET_S = 120.0


def main(arguments: argparse.Namespace) -> int:
    outer = dict(os.environ)
    where = pull_place(outer) if arguments.comment else None
    config, report = _checked(arguments, outer)
    said = comment(report)
    _written(report, said, Path(config.output.out))
    summary = outer.get("GITHUB_STEP_SUMMARY", "")
    if arguments.json:
        print(report.to_json())
    elif where is None or not summary:
        print(said)
    if summary:
        _appended(Path(summary), said)
    if where is not None:
        _tell(_commented(outer, where, said))
    return exit_code(report.mutation, config)


def _written(report: CheckReport, said: str, out: Path) -> None:
    """The comment and its facts, the mutants as `qtest mutate` writes them, and the tests as the project would hold them."""
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    whole(folder / "report.json", report.to_json())
    whole(folder / "comment.md", f"{said}\n")
    write(report.mutation, out)
    for module in report.proposed:
        publish(module, out, None)


def _checked(arguments: argparse.Namespace, outer: dict[str, str]) -> tuple[Config, CheckReport]:
    tree = work_tree(Git(outer), Path(arguments.folder).expanduser())
    base = tree.base(arguments.since)
    config = load(tree.folder, _flags(str(tree.folder), arguments))
    must_be_writable(Path(config.output.out))
    run = new_run()
    with judging_display(config.output.form) as screen, place(config) as (house, ledger, hands):
        house.environments.check(config.target.python)
        check = Check(house, ledger, config, run, hands, budget(arguments, BUDGET_S), screen.update, _tell)
        return config, check.report(at(house, tree, base), at(house, tree, ""), str(tree.folder))


def _flags(folder: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """The command line as Config is nested; what was not given is not there."""
    given: dict[str, Any] = {
        "target": {"repository": folder},
        "output": {"form": new_form(arguments)},
        "mutate": {"since": arguments.since, "ask_s": 0.0},
        "where": {"inline": True},
    }
    for section, name, value in (
        ("target", "python", arguments.python),
        ("mutate", "floor", arguments.floor),
        ("output", "out", arguments.out),
        ("where", "store", arguments.store),
    ):
        if value is not None:
            given[section][name] = value
    if arguments.seed is not None:
        given["seed"] = arguments.seed
    if arguments.unsafe_no_sandbox:
        given["unsafe_no_sandbox"] = True
    return given


def _commented(outer: dict[str, str], where: PullPlace, said: str) -> str:
    """What came of it; that a comment cannot be made is no fault of the change."""
    if where.fork:
        return "not commented: a pull request from a fork has a token that only reads; see the summary of the job"
    token = token_for(where.server, outer)
    if not token:
        return "not commented: there is no token; expected GITHUB_TOKEN in the environment of the step"
    try:
        with client(token, api_of(where.server, outer)) as github:
            return f"commented: {put(github, where, MARK, said)}"
    except (ForgeError, ForgeRefused) as error:
        return f"not commented: {error}"


def _appended(path: Path, said: str) -> None:
    try:
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{said}\n")
    except OSError as error:
        raise UsageError(f"GITHUB_STEP_SUMMARY {path}: cannot be written to ({error.strerror})") from error


def _tell(note: str) -> None:
    print(visible(note), file=sys.stderr)

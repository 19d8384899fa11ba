"""`qtest diff`: what two revisions do differently, in plain words."""

import argparse
import os
import sys
from pathlib import Path

from qtest.adapters.git.command import Git
from qtest.adapters.git.revisions import WorkTree, work_tree
from qtest.config import Config, load
from qtest.differing import DiffRun
from qtest.errors import UsageError
from qtest.records.plan import Budget
from qtest.records.source import Repository
from qtest.report.behaviour import lines
from qtest.report.text import visible
from qtest.wiring import House, open_house, workers

BUDGET_S = 60.0


def main(arguments: argparse.Namespace) -> int:
    tree = work_tree(Git(dict(os.environ)), Path(arguments.folder).expanduser())
    old, new = _commits(tree, arguments.revisions)
    config = settings(tree.folder, arguments)
    with open_house(unsafe=config.unsafe_no_sandbox) as house:
        run = DiffRun(house, config, budget(arguments, BUDGET_S), workers(house.sandbox), _say)
        sides = (run.side(at(house, tree, old)), run.side(at(house, tree, new)))
        report = run.report(*sides, target=arguments.revisions)
    if arguments.json:
        print(report.to_json())
    else:
        print("\n".join(lines(report)))
    return 0


def settings(folder: Path, arguments: argparse.Namespace) -> Config:
    """Of the folder as it is, for both revisions."""
    target = {"repository": str(folder), "standalone": True}
    if arguments.python is not None:
        target["python"] = arguments.python
    flags: dict[str, object] = {"target": target}
    if arguments.seed is not None:
        flags["seed"] = arguments.seed
    if arguments.unsafe_no_sandbox:
        flags["unsafe_no_sandbox"] = True
    return load(folder, flags)


def budget(arguments: argparse.Namespace, seconds: float) -> Budget:
    if arguments.evaluations is not None:
        return Budget(evaluations=arguments.evaluations)
    return Budget(wall_s=arguments.budget or seconds)


def at(house: House, tree: WorkTree, commit: str) -> Repository:
    """The folder as it is at a commit; as it lies there, with what is not committed, for an empty one."""
    if not commit:
        return house.fetcher.fetch(str(tree.folder))
    whole = house.fetcher.fetch(f"{tree.top}@{commit}")
    folder = Path(whole.folder, tree.below)
    if not folder.is_dir():
        raise UsageError(f"{tree.below}: is not there in {commit[:12]}; expected a folder that both revisions have")
    return whole.model_copy(update={"folder": str(folder)})


def _commits(tree: WorkTree, revisions: str) -> tuple[str, str]:
    """`A..B`; the folder as it is stands for a B that is not given, what is checked out for an empty one."""
    old, between, new = revisions.partition("..")
    if new.startswith("."):
        raise UsageError(f"{revisions}: three dots; expected A..B, two revisions")
    return tree.commit(old), tree.commit(new or "HEAD") if between else ""


def _say(note: str) -> None:
    print(visible(note), file=sys.stderr)

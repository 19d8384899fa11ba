"""`qtest doctor`: what was found of a project, and what exactly blocks, before anything is spent."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from qtest.config import Config, TargetSettings
from qtest.errors import QTestError
from qtest.languages import LANGUAGES
from qtest.memory import Memory, NoLedger
from qtest.records.baseline import ProjectBaseline
from qtest.report.text import visible
from qtest.stages import Stages
from qtest.wiring import House, open_house

_MARKS = {"ok": "ok     ", "note": "note   ", "blocks": "BLOCKS "}


@dataclass(frozen=True)
class Found:
    what: str
    level: Literal["ok", "note", "blocks"]
    text: str


def main(arguments: argparse.Namespace) -> int:
    found = []
    try:
        with open_house(unsafe=arguments.unsafe_no_sandbox) as house:
            for item in examine(house, arguments.repository, arguments.python or ""):
                found.append(item)
                if not arguments.json:
                    print(f"{_MARKS[item.level]} {item.what}: {visible(item.text)}", flush=True)
    except QTestError as error:
        found.append(Found("stopped", "blocks", str(error)))
        if not arguments.json:
            print(f"{_MARKS['blocks']} {visible(str(error))}")
    if arguments.json:
        print(json.dumps([asdict(item) for item in found]))
    return 2 if any(item.level == "blocks" for item in found) else 0


def examine(house: House, spec: str, python: str) -> Iterator[Found]:
    guarantees = house.sandbox.probe()
    weaker = [f"{item.promise} ({item.level})" for item in guarantees.items if item.level != "enforced"]
    yield Found(
        "sandbox",
        "note" if weaker else "ok",
        f"{guarantees.adapter}" + (f"; not enforced: {', '.join(weaker)}" if weaker else "; all guarantees enforced"),
    )
    repository = house.fetcher.fetch(spec)
    config = Config(target=TargetSettings(repository=repository.spec, python=python))
    stages = Stages(house, config, Memory(NoLedger(), house.store, "", lambda: 0))
    bundle = stages.ingest(repository)
    system = stages.model(bundle.what).what
    for project in bundle.what.projects:
        known = f"{project.layout} layout, imports from {', '.join(root or '.' for root in project.import_roots)}: {', '.join(project.packages) or 'nothing'}"
        yield Found(f"project {project.name}", "ok" if project.packages else "blocks", known)
        yield Found(
            "tests",
            "ok" if project.test_paths else "note",
            ", ".join(project.test_paths) or "none were found: every test is new",
        )
    for problem in system.problems:
        yield Found("source", "note", f"{problem.path}: {problem.reason}")
    for project in bundle.what.projects:
        if project.language in LANGUAGES:
            yield from _ground(stages.ground(bundle, project, repository.folder).what)


def _ground(ground: ProjectBaseline) -> Iterator[Found]:
    if ground.setting is None:
        yield Found("environment", "blocks", ground.problem)
        return
    environment = ground.setting.environment
    yield Found("interpreter", "ok", f"Python {environment.version}, {environment.python}")
    yield Found(
        "environment",
        "note" if environment.notes else "ok",
        "; ".join((f"{environment.origin}, {len(environment.packages)} packages", *environment.notes)),
    )
    suite = ground.suite
    yield Found("test command", "ok", " ".join(suite.command))
    green = (
        f"green {suite.green_runs} of {suite.runs} times, {len(suite.usable)} usable tests" if suite.runs else "not run"
    )
    yield Found(
        "suite",
        "ok" if suite.green_runs == suite.runs and suite.runs else "note",
        green + (f"; {suite.reason}" if suite.reason else ""),
    )
    covered = sum(len(file.executed) for file in suite.measured.files)
    statements = sum(len(file.statements) for file in suite.measured.files)
    if statements:
        yield Found("coverage", "ok", f"{100 * covered / statements:.0f} % of {statements} statements")

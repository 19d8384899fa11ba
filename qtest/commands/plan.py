"""`qtest plan`: what a run would test, in which order and why, to be read and argued about before anything is spent."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from qtest.config import Config, load_for
from qtest.ingest.bundle import ingest
from qtest.languages import LANGUAGES, PARSERS
from qtest.memory import Memory, NoLedger
from qtest.model.build import build
from qtest.plan.select import select
from qtest.records.baseline import Baseline
from qtest.records.source import RawSourceBundle
from qtest.records.system import SystemModel
from qtest.report.pages import pages
from qtest.report.plan import PlanFacts, show
from qtest.report.specs import keep
from qtest.report.text import share, visible
from qtest.stages import Stages
from qtest.wiring import open_house, open_library

NOT_MEASURED = "not known; --measure runs the existing tests first"


def main(arguments: argparse.Namespace) -> int:
    config = load_for(arguments.repository, _flags(arguments))
    bundle, system, baseline = _measured(config) if arguments.measure else _read(config)
    plan = select(system, baseline, config.budget, config.target.only, config.plan)
    facts = PlanFacts(
        name=_name(config, bundle),
        coverage=_coverage(baseline) if arguments.measure else NOT_MEASURED,
        history=_history(bundle),
        only=config.target.only,
        unread=tuple(f"{problem.path}: {problem.reason}" for problem in system.problems),
        guide=config.plan.pyramid,
    )
    if arguments.json:
        print(plan.to_json())
    else:
        show(plan, facts, Console(highlight=False, soft_wrap=False))
    if arguments.write is not None:
        whole = select(system, baseline, config.budget, (), config.plan)
        kept = keep(pages(plan, system, facts), Path(arguments.write), pages(whole, system, facts).keys())
        said = f"{len(kept.written)} pages written, {len(kept.unchanged)} unchanged, {len(kept.removed)} removed"
        print(f"{visible(arguments.write)}: {said}", file=sys.stderr if arguments.json else sys.stdout)
    return 0


def _read(config: Config) -> tuple[RawSourceBundle, SystemModel, Baseline]:
    """From the text alone: nothing of the target is run, so that no sandbox is needed."""
    with open_library() as library:
        bundle = ingest(library.fetcher.fetch(config.target.repository), library.store)
        return bundle, build(bundle, library.store.get, PARSERS), Baseline(projects=())


def _measured(config: Config) -> tuple[RawSourceBundle, SystemModel, Baseline]:
    """The existing suite is run first, as a run does."""
    with open_house(unsafe=config.unsafe_no_sandbox) as house:
        house.environments.check(config.target.python)
        stages = Stages(house, config, Memory(NoLedger(), house.store, "", lambda: 0))
        repository = house.fetcher.fetch(config.target.repository)
        bundle = stages.ingest(repository)
        grounds = tuple(
            stages.ground(bundle, project, repository.folder).what
            for project in bundle.what.projects
            if project.language in LANGUAGES
        )
        return bundle.what, stages.model(bundle.what).what, Baseline(projects=grounds)


def _name(config: Config, bundle: RawSourceBundle) -> str:
    """What it is called wherever it lies: the path of a folder is only this machine's."""
    names = ", ".join(project.name for project in bundle.projects if project.name)
    return config.target.repository if bundle.revision.kind == "pypi" else names or Path(bundle.revision.name).name


def _coverage(baseline: Baseline) -> str:
    problems = [ground.problem or ground.suite.reason for ground in baseline.projects]
    files = [file for ground in baseline.projects for file in ground.suite.measured.files]
    statements, executed = sum(len(file.statements) for file in files), sum(len(file.executed) for file in files)
    if not statements:
        return f"not known; {next(filter(None, problems), 'no test ran')}"
    return f"the existing tests run {share(executed, statements)} of {statements} statements"


def _history(bundle: RawSourceBundle) -> str:
    return f"{len(bundle.commits)} commits were read" if bundle.commits else "not known: there are no commits to read"


def _flags(arguments: argparse.Namespace) -> Mapping[str, Any]:
    target: dict[str, Any] = {"repository": arguments.repository}
    if arguments.only is not None:
        target["only"] = arguments.only
    if arguments.python is not None:
        target["python"] = arguments.python
    flags: dict[str, Any] = {"target": target}
    if arguments.unsafe_no_sandbox:
        flags["unsafe_no_sandbox"] = True
    return flags

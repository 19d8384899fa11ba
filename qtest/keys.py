"""What each stage's result depends on: the names under which results are remembered."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping

from qtest.config import Config
from qtest.memory import key
from qtest.records.baseline import Environment, FileLines, ProjectBaseline, Setting
from qtest.records.plan import Brief, Budget, Risk
from qtest.records.record import digest_of
from qtest.records.source import RawSourceBundle
from qtest.records.system import SystemModel


def of_model(bundle: RawSourceBundle) -> str:
    return key("model", (bundle.content, *(commit.sha for commit in bundle.commits)))


def of_suite(bundle: RawSourceBundle, setting: Setting) -> str:
    return key(
        "measure",
        (bundle.content, setting.project.root, *setting.project.test_paths, _environment(setting.environment)),
    )


def of_draft(brief: Brief, ground: ProjectBaseline, context: str, config: Config, model: str = "") -> str:
    """`model` is all that the answers of a language model depend on, empty where none is asked. Without what moves when another module changes: line numbers of usages there, the risk beside other risks, the share of a
    budget. Of the own suite only what it does to this module."""
    alone = brief.model_copy(
        update={
            "usages": tuple(usage.model_copy(update={"place": ""}) for usage in brief.usages),
            "targets": tuple(target.model_copy(update={"risk": Risk(score=0, reasons=())}) for target in brief.targets),
            "share": Budget(),
            "mutants": (),
        }
    )
    environment = _environment(ground.setting.environment) if ground.setting else ""
    parts = (alone.digest, _reached(ground, brief.module.path), environment, context, _settings(config))
    return key("write", (*parts, model) if model else parts)


def of_outcome(draft: str, config: Config) -> str:
    return key("assemble", (draft, _settings(config)))


def worth(config: Config) -> int:
    """A draft made in a time serves runs with at most that time, in whole seconds; one that counted work serves any."""
    return 0 if config.budget.wall_s is None else math.ceil(config.budget.wall_s)


def context(bundle: RawSourceBundle, system: SystemModel) -> Mapping[str, str]:
    """By module: a digest of what it imports inside the repository, directly or not, and of all files of tests. A package's own
    `__init__` counts only where it is imported by name, or a change in any module would be one of all."""
    shas = {module.name: module.sha256 for module in system.modules}
    imports = {module.name: set(_imported((item.source for item in module.imports), shas)) for module in system.modules}
    tests = [f"{file.path} {file.sha256}" for file in bundle.files if file.role == "test"]
    return {
        name: digest_of("\n".join([*tests, *(f"{other} {shas[other]}" for other in sorted(_closure(name, imports)))]))
        for name in shas
    }


def _closure(name: str, imports: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for other in imports[waiting.pop()] - found:
            found.add(other)
            waiting.append(other)
    return found


def _imported(sources: Iterable[str], known: Mapping[str, str]) -> Iterator[str]:
    for source in sources:
        for name in (source.replace(":", "."), source.partition(":")[0]):
            if name in known:
                yield name


def _reached(ground: ProjectBaseline, path: str) -> str:
    """What the suite does to one file; no times, which differ from run to run."""
    run, usable = ground.suite.measured, set(ground.suite.usable)
    tests = [[test.node, test.spawns, _lines(test.lines, path)] for test in run.tests if test.node in usable]
    return digest_of(json.dumps([tests, _lines(run.shared, path), _lines(run.lasting, path)]))


def _lines(files: Iterable[FileLines], path: str) -> list[int]:
    return [line for file in files if file.path == path for line in file.lines]


def _environment(environment: Environment) -> str:
    return "\n".join((environment.version, *environment.packages))


def _settings(config: Config) -> str:
    return "\n".join(
        (
            config.search.to_json(),
            config.gates.model_copy(
                update={"mutation": config.gates.mutation.model_copy(update={"floor": None})}
            ).to_json(),
            config.seed,
            *config.mutate.arid,
            str(config.budget.evaluations),
            str(config.budget.wall_s is None),
            str(config.unsafe_no_sandbox),
            *filter(None, (config.llm.ask,)),
        )
    )

"""The report of a run, from what it found and made."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from qtest import __version__
from qtest.config import Config
from qtest.records.facts import RunFacts
from qtest.records.outcome import ModuleOutcome
from qtest.records.report import RunReport, SuiteFacts
from qtest.records.sandbox import Guarantees
from qtest.records.source import Omission, Revision


def build(
    config: Config,
    run: str,
    facts: RunFacts,
    modules: Sequence[ModuleOutcome],
    *,
    cut: bool,
) -> RunReport:
    """Without its times, and without what lies on the user's disk. `cut` when the
    budget was spent before every module had its turn."""
    settings = [ground.setting for ground in facts.grounds if ground.setting]
    environment = settings[0].environment if settings else None
    spec = facts.repository.spec if facts.repository else config.target.repository
    problems = [
        Omission(path=ground.suite.project or spec, reason=ground.problem) for ground in facts.grounds if ground.problem
    ]
    problems += [Omission(path=problem.path, reason=problem.reason) for problem in facts.problems]
    return RunReport(
        qtest=__version__,
        run=run,
        target=spec,
        revision=facts.repository.revision if facts.repository else Revision(kind="folder", name=spec),
        commit=facts.repository.commits[0].sha if facts.repository and facts.repository.commits else "",
        seed=config.seed,
        settings=config.kept(),
        python=environment.version if environment else "none",
        environment="; ".join((environment.origin, *environment.notes)) if environment else "none could be made",
        guarantees=facts.guarantees or Guarantees(adapter="none", items=()),
        unsafe=config.unsafe_no_sandbox,
        suites=tuple(SuiteFacts.of(ground.suite) for ground in facts.grounds),
        modules=tuple(modules),
        remembered=facts.remembered,
        omitted=facts.bundle.omitted if facts.bundle else (),
        problems=tuple(problems),
        left_out=facts.left_out,
        runner=_runner(facts),
        out=str(config.output.out).rstrip("/"),
        status="partial" if cut else "completed",
        note=_note(facts, cut),
        cpu_s=sum(_cpu_s(module) for module in modules if module.module not in facts.remembered),
    )


def _runner(facts: RunFacts) -> tuple[str, ...]:
    setting = next((ground.setting for ground in facts.grounds if ground.setting), None)
    if setting is None or facts.repository is None:
        return ()
    roots = [str(PurePosixPath(facts.repository.folder, root)) for root in setting.project.import_roots]
    path = ":".join((*roots, *([setting.environment.layer] if setting.environment.layer else [])))
    return ("env", f"PYTHONPATH={path}", setting.environment.python)


def _note(facts: RunFacts, cut: bool) -> str:
    if cut:
        return "the budget was spent before every module had its turn"
    if facts.modules and set(facts.modules) == set(facts.remembered):
        return "nothing has changed since it was last worked on: every module is remembered, and no work was done (--fresh does it again)"
    if facts.remembered:
        return f"{len(facts.remembered)} of {len(facts.modules)} modules have not changed and are remembered from earlier runs"
    return ""


def _cpu_s(module: ModuleOutcome) -> float:
    return sum(verdict.cpu_s for verdict in (*module.before, *module.after)) + module.effort.cpu_s

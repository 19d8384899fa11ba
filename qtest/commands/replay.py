"""`qtest replay`: one verdict again, alone: the test file on the original and on the mutant, each by a cold run of pytest."""

import argparse
from pathlib import Path

from qtest.adapters.workbench import SandboxWorkbench
from qtest.config import Config, TargetSettings
from qtest.errors import UsageError
from qtest.languages.python.source import decoded
from qtest.memory import Memory, NoLedger
from qtest.model.projects import project_of
from qtest.mutation.diff import applied
from qtest.records.baseline import Setting, SuiteRun
from qtest.records.file import WrittenFile
from qtest.records.mutant import Killed, Verdict
from qtest.records.outcome import ModuleOutcome
from qtest.records.report import RunReport
from qtest.report import files
from qtest.report.text import visible
from qtest.stages import Stages
from qtest.wiring import House, open_house

_LONGEST_S = 600.0


def main(arguments: argparse.Namespace) -> int:
    report = files.read(Path(arguments.out))
    module, verdict = files.verdict_of(report, arguments.verdict)
    print(
        f"{verdict.id}: {verdict.mutant.operator} in {visible(verdict.mutant.symbol)}, {verdict.mutant.path} line {verdict.mutant.line}"
    )
    print(visible(verdict.diff, lines=True))
    with open_house(unsafe=arguments.unsafe_no_sandbox) as house:
        setting, text = _ground(house, report, verdict)
        original = _cold(house, setting, module, verdict, text)
        mutated = _cold(house, setting, module, verdict, applied(text, verdict.mutant))
    return _compared(verdict, original, mutated)


def _ground(house: House, report: RunReport, verdict: Verdict) -> tuple[Setting, str]:
    """The same source in the same environment; a source that has changed since is refused."""
    config = Config.from_json(report.settings)
    target = TargetSettings(
        repository=_again(report),
        python=config.target.python,
        standalone=True,
    )
    stages = Stages(house, config.model_copy(update={"target": target}), Memory(NoLedger(), house.store, "", lambda: 0))
    repository = house.fetcher.fetch(target.repository)
    bundle = stages.ingest(repository)
    file = bundle.what.file(verdict.mutant.path)
    if file is None:
        raise UsageError(f"{verdict.mutant.path}: is gone from {report.target}; run `qtest run` again")
    text = decoded(house.store.get(file.sha256))
    if text[verdict.mutant.start : verdict.mutant.end] != verdict.mutant.original:
        raise UsageError(f"{verdict.mutant.path}: has changed since this verdict; run `qtest run` again")
    owner = project_of(verdict.mutant.path, bundle.what.projects)
    if owner is None:
        raise UsageError(f"{report.target}: holds no project")
    return stages.setting(bundle, owner, repository.folder), text


def _again(report: RunReport) -> str:
    """The very revision: a branch may have moved since."""
    revision = report.revision
    if revision.kind == "git":
        return f"{revision.name}@{revision.sha256}"
    return f"pypi:{revision.name}" if revision.kind == "pypi" else report.target


def _cold(house: House, setting: Setting, module: ModuleOutcome, verdict: Verdict, text: str) -> SuiteRun:
    written = [WrittenFile(path=verdict.mutant.path, text=text)]
    names: tuple[str, ...] = setting.project.test_paths
    if verdict.suite == "generated" and module.file is not None:
        written.append(module.file.written())
        names = (module.file.path,)
    nodes = verdict.result.by if isinstance(verdict.result, Killed) else ()
    return SandboxWorkbench(house.sandbox, house.toolchain).cold(
        setting.model_copy(update={"written": tuple(written)}), files=names, nodes=nodes, wall_s=_LONGEST_S
    )


def _compared(verdict: Verdict, original: SuiteRun, mutated: SuiteRun) -> int:
    print(f"on the original: {_said(original)}")
    print(f"on the mutant:   {_said(mutated)}")
    for test in mutated.failing[:3]:
        print(f"  {visible(test.node)}: {visible(test.reason)}")
    killed = (
        original.complete
        and bool(original.tests)
        and not original.failing
        and (bool(mutated.failing) or not mutated.complete)
    )
    agrees = killed == isinstance(verdict.result, Killed)
    print(
        f"recorded: {verdict.result.status}; this run: {'killed' if killed else 'not killed'}"
        + ("" if agrees else "  - THEY DISAGREE")
    )
    return 0 if agrees else 1


def _said(run: SuiteRun) -> str:
    if not run.complete:
        return visible(run.problem)
    passed = sum(test.outcome in ("passed", "xfailed", "xpassed") for test in run.tests)
    return f"{passed} of {len(run.tests)} tests pass"

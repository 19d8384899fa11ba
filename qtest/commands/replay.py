"""`qtest replay`: one verdict again, alone: its tests on the original and on the mutant, each by a cold run of pytest."""

import argparse
import os
from pathlib import Path

from qtest.adapters.workbench import SandboxWorkbench
from qtest.config import TargetSettings, recalled
from qtest.errors import UsageError
from qtest.languages.python.source import decoded, encoded
from qtest.memory import Memory, NoLedger
from qtest.model.projects import project_of
from qtest.mutating import judged_by
from qtest.mutation.diff import applied
from qtest.mutation.replayed import compared, function, seen
from qtest.records.baseline import Setting, SuiteRun
from qtest.records.file import WrittenFile
from qtest.records.mutant import Killed, Verdict
from qtest.records.mutation import MutationReport
from qtest.records.record import digest_of
from qtest.records.report import RunReport
from qtest.report import files
from qtest.report.mutation import files as judged
from qtest.report.text import visible
from qtest.stages import Stages
from qtest.wiring import House, open_house

_LONGEST_S = 600.0
_SHORTEST_S = 60.0
_TIMES = 10.0  # the time that the original takes is waited for on the mutant
_ENDINGS = {
    "agrees": "",
    "disagrees": "  - THEY DISAGREE",
    "not confirmed": "  - NOT CONFIRMED",
    "nothing to compare": "; nothing to compare",
}


def main(arguments: argparse.Namespace) -> int:
    report, verdict, generated = _found(Path(arguments.out), arguments.verdict)
    print(
        f"{verdict.id}: {verdict.mutant.operator} in {visible(verdict.mutant.symbol)}, {verdict.mutant.path} line {verdict.mutant.line}"
    )
    print(visible(verdict.diff, lines=True))
    with open_house(unsafe=arguments.unsafe_no_sandbox) as house:
        setting, data = _ground(house, report, verdict)
        original = _cold(house, setting, generated, verdict, _LONGEST_S)
        _put(Path(setting.folder, verdict.mutant.path), encoded(applied(decoded(data), verdict.mutant), data))
        patient_s = min(_LONGEST_S, max(_SHORTEST_S, _TIMES * original.wall_s))
        mutated = _cold(house, setting, generated, verdict, patient_s)
    return _compared(verdict, original, mutated)


def _found(out: Path, beginning: str) -> tuple[RunReport | MutationReport, Verdict, WrittenFile | None]:
    """Of `qtest run` or of `qtest mutate`, whichever wrote there and knows it; and the generated file that judged it, if one did.
    Raises UsageError."""
    mutated = judged.read(out) if (out / judged.FOLDER).exists() else None
    if mutated and (judged.knows(mutated, beginning) or not (out / files.FOLDER).exists()):
        return mutated, judged.verdict_of(mutated, beginning)[1], None
    report = files.read(out)
    module, verdict = files.verdict_of(report, beginning)
    return report, verdict, module.file.written() if module.file and verdict.suite == "generated" else None


def _ground(house: House, report: RunReport | MutationReport, verdict: Verdict) -> tuple[Setting, bytes]:
    """The same source in the same environment, and the file as it is; one that has changed since is refused."""
    config = recalled(report.settings)
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
        raise UsageError(f"{verdict.mutant.path}: is gone from {report.target}; run it again")
    data = house.store.get(file.sha256)
    if digest_of(decoded(data)) != verdict.mutant.file_digest:
        raise UsageError(f"{verdict.mutant.path}: has changed since this verdict; run it again")
    projects = judged_by(config.mutate.tests, bundle.what) if verdict.suite == "existing" else bundle.what.projects
    owner = project_of(verdict.mutant.path, projects)
    if owner is None:
        raise UsageError(f"{report.target}: holds no project")
    return stages.setting(bundle, owner, repository.folder), data


def _again(report: RunReport | MutationReport) -> str:
    """The very revision: a branch may have moved since."""
    revision = report.revision
    if revision.kind == "git":
        return f"{revision.name}@{revision.sha256}"
    return f"pypi:{revision.name}" if revision.kind == "pypi" else revision.name


def _put(path: Path, data: bytes) -> None:
    """In our copy of the tree, and younger than what stood there by more than any cache of bytecode can overlook."""
    changed = path.stat().st_mtime + 10
    path.unlink()
    path.write_bytes(data)
    os.utime(path, (changed, changed))


def _cold(house: House, setting: Setting, generated: WrittenFile | None, verdict: Verdict, wall_s: float) -> SuiteRun:
    names = (generated.path,) if generated else setting.project.test_paths
    killers = verdict.result.by if isinstance(verdict.result, Killed) and _are_tests(verdict.result) else ()
    nodes = tuple(dict.fromkeys(map(function, killers)))  # names of parameters differ between processes, and mutants
    return SandboxWorkbench(house.sandbox, house.toolchain).cold(
        setting.model_copy(update={"written": (generated,) if generated else ()}),
        files=names,
        nodes=nodes,
        wall_s=wall_s,
    )


def _are_tests(result: Killed) -> bool:
    """What dies while it is imported names the file, not a test in it."""
    return result.first.kind != "import"


def _compared(verdict: Verdict, original: SuiteRun, mutated: SuiteRun) -> int:
    print(f"on the original: {_said(original)}")
    print(f"on the mutant:   {_said(mutated)}")
    for test in mutated.failing[:3]:
        print(f"  {visible(test.node)}: {visible(test.reason)}")
    found = seen(original, mutated)
    how = compared(verdict, found)
    why = f" ({visible(found.why)})" if found.end == "unclear" else ""
    print(f"recorded: {verdict.result.status}; this run: {found.end}{why}{_ENDINGS[how]}")
    return 0 if how in ("agrees", "nothing to compare") else 1


def _said(run: SuiteRun) -> str:
    if not run.complete:
        return visible(run.problem)
    passed = sum(test.outcome in ("passed", "xfailed", "xpassed") for test in run.tests)
    return f"{passed} of {len(run.tests)} tests pass"

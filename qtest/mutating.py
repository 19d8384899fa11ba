"""One run of `qtest mutate`: from a repository to the report, written down while it goes."""

import posixpath
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qtest import __version__
from qtest.adapters import accepted
from qtest.chronicle import begin, verdict_row
from qtest.config import Config
from qtest.errors import UsageError
from qtest.languages import LANGUAGES
from qtest.languages.python.source import decoded
from qtest.memory import Memory
from qtest.model.projects import project_of
from qtest.mutate import Subject, case_of, gathered, mutate
from qtest.mutation.accepted import marks
from qtest.mutation.identity import stable_ids
from qtest.mutation.judge import Case, Ruled, verdict
from qtest.mutation.matrix import idle
from qtest.mutation.score import score
from qtest.plan.only import chosen
from qtest.ports import Ledger
from qtest.records.baseline import ProjectBaseline
from qtest.records.judging import Judging
from qtest.records.mutant import NoCoverage
from qtest.records.mutation import Accepted, JudgedModule, MutationReport
from qtest.records.report import SuiteFacts
from qtest.records.run import RunRow, VerdictRow
from qtest.records.sandbox import Guarantees
from qtest.records.source import Omission, Project, RawSourceBundle, Repository
from qtest.records.system import Module, SystemModel
from qtest.stages import Made, Stages
from qtest.wiring import House, now_ms

TOLD_S = 0.2  # between two words about how far it is
KEPT = 200  # verdicts that are written down together


@dataclass
class MutateRun:
    """`hands` mutants are judged at a time; `listen` hears how it goes; `started` on the monotonic clock."""

    house: House
    ledger: Ledger
    config: Config
    run: str
    hands: int
    listen: Callable[[Judging], None]
    started: float
    now: Judging = field(default_factory=Judging)
    _began: float = 0.0
    _told: float = 0.0

    def report(self, spec: str) -> MutationReport:
        """An interrupt ends it early with what is known until then. Raises QTestError."""
        row = begin(self.ledger, self.run, self.config, now_ms(), "mutate")
        try:
            report = self._judged(spec)
        except BaseException as error:
            self.ledger.put((row.model_copy(update={"status": "failed", "note": str(error), "ended": now_ms()}),))
            raise
        artefact = self.house.store.put(report.to_json().encode())
        self.ledger.put((_ended(row, report, artefact),))
        return report

    def _judged(self, spec: str) -> MutationReport:
        self._say(f"fetching {self.config.target.repository}")
        repository = self.house.fetcher.fetch(spec)
        entries = accepted.read(Path(repository.folder, self.config.mutate.accepted))
        memory = Memory(self.ledger, self.house.store, self.run, now_ms, self.config.where.fresh)
        stages = Stages(self.house, self.config, memory)
        self._say("reading the code")
        bundle = stages.ingest(repository)
        system = stages.model(bundle.what).what
        grounds = tuple(self._grounds(stages, bundle, repository))
        subjects = {
            ground.suite.project: tuple(self._subjects(bundle.what, system, ground))
            for ground in grounds
            if ground.setting
        }
        named, lapsed = _marked(entries, bundle.what, [one for found in subjects.values() for one in found])
        report = self._finished(repository, system, grounds, subjects)
        return report.model_copy(update={"accepted": named, "stale": lapsed})

    def _grounds(
        self, stages: Stages, bundle: Made[RawSourceBundle], repository: Repository
    ) -> Iterator[ProjectBaseline]:
        for project in judged_by(self.config.mutate.tests, bundle.what):
            if project.language in LANGUAGES:
                self._say(f"running the tests of {project.name} as they are")
                yield stages.ground(bundle, project, repository.folder).what

    def _subjects(self, bundle: RawSourceBundle, system: SystemModel, ground: ProjectBaseline) -> Iterator[Subject]:
        paths = chosen(system, self.config.target.only)
        for module in system.modules:
            file = bundle.file(module.path)
            if module.project == ground.suite.project and module.path in paths and file and file.role == "source":
                yield self._subject(module, decoded(self.house.store.get(file.sha256)))

    def _subject(self, module: Module, text: str) -> Subject:
        mutants = LANGUAGES[module.language].mutate(text, module.path, module.name, self.config.mutate.arid)
        return Subject(
            module=module.name,
            path=module.path,
            project=module.project,
            text=text,
            mutants=mutants,
            made=sum(not mutant.control for mutant in mutants),
            stable=stable_ids(mutants, text),
        )

    def _finished(
        self,
        repository: Repository,
        system: SystemModel,
        grounds: Sequence[ProjectBaseline],
        subjects: Mapping[str, Sequence[Subject]],
    ) -> MutationReport:
        ready_s = time.monotonic() - self.started
        total = sum(len(subject.mutants) for found in subjects.values() for subject in found)
        self.now = self.now.model_copy(update={"total": total})
        modules: list[JudgedModule] = []
        interrupted = False
        for ground in grounds:
            if ground.suite.empty or interrupted:
                continue
            judged, interrupted = self._project(ground, subjects[ground.suite.project])
            modules += judged
        report = facts(self.config, self.run, repository, grounds, system)
        matrix = self.config.mutate.matrix and not interrupted
        return report.model_copy(
            update={
                "idle": idle(report.tests, [one for module in modules for one in module.verdicts]) if matrix else None,
                "guarantees": self.house.sandbox.probe(),
                "modules": tuple(modules),
                "status": "partial" if interrupted else "completed",
                "red": red(grounds, modules, allow_red=self.config.mutate.allow_red),
                "wall_s": time.monotonic() - self.started,
                "ready_s": ready_s,
                "cpu_s": sum(item.cpu_s for module in modules for item in module.verdicts),
            }
        )

    def _project(self, ground: ProjectBaseline, subjects: Sequence[Subject]) -> tuple[tuple[JudgedModule, ...], bool]:
        """And whether it was interrupted."""
        case = case_of(
            ground, subjects, self.hands, self.config.gates.mutation.limits, matrix=self.config.mutate.matrix
        )
        notes = _Notes(self.ledger, self.run, case)
        found: list[Ruled] = []

        def heard(item: Ruled) -> None:
            found.append(item)
            notes.add(item)
            self._count(item)

        try:
            return mutate(case, subjects, self.house.executor, heard), False
        except KeyboardInterrupt:
            return gathered(case, subjects, found), True
        finally:
            notes.write()

    def _count(self, item: Ruled) -> None:
        status = item.ruling.status if item.ruling else "no coverage"
        counted = {"killed": "killed", "survived": "survived", "no coverage": "survived"}.get(status, "unclear")
        update: dict[str, object] = {"done": self.now.done + 1}
        if not item.mutant.control and status != "not a mutant":
            update[counted] = getattr(self.now, counted) + 1
        self.now = self.now.model_copy(update=update)
        self._tell()

    def _say(self, note: str) -> None:
        self.listen(Judging(note=note, elapsed_s=time.monotonic() - self.started))

    def _tell(self) -> None:
        clock = time.monotonic()
        self._began = self._began or clock
        if clock - self._told < TOLD_S and self.now.done < self.now.total:
            return
        self._told = clock
        self.listen(self.now.model_copy(update={"elapsed_s": clock - self.started, "judging_s": clock - self._began}))


@dataclass
class _Notes:
    """Verdicts on their way into the ledger, so many at a time."""

    ledger: Ledger
    run: str
    case: Case
    _rows: list[VerdictRow] = field(default_factory=list)

    def add(self, item: Ruled) -> None:
        if item.mutant.control or (item.ruling and item.ruling.status == "not a mutant"):
            return
        self._rows.append(verdict_row(self.run, verdict(self.case, item)))
        if len(self._rows) >= KEPT:
            self.write()

    def write(self) -> None:
        self.ledger.put(tuple(self._rows))
        self._rows.clear()


def _marked(
    entries: Sequence[Accepted], bundle: RawSourceBundle, subjects: Sequence[Subject]
) -> tuple[tuple[Accepted, ...], tuple[Accepted, ...]]:
    """What people let live, and what of it has lapsed."""
    known = {subject.path: tuple(subject.stable.values()) for subject in subjects}
    return marks(entries, known, [entry.path for entry in entries if bundle.file(entry.path) is None])


def judged_by(tests: Sequence[str], bundle: RawSourceBundle) -> tuple[Project, ...]:
    """The projects with those of `tests` that are theirs; with all of their own when none is named. Raises UsageError for a path that
    names nothing."""
    if not tests:
        return bundle.projects
    named = tuple(posixpath.normpath(path.replace("\\", "/")) for path in tests)
    for path in named:
        if not any(file.path == path or file.path.startswith(f"{path}/") for file in bundle.files):
            raise UsageError(f"--tests {path}: there is no such file or folder in {bundle.revision.name}")
    owners = {path: project_of(path, bundle.projects) for path in named}
    return tuple(
        project.model_copy(update={"test_paths": tuple(path for path in named if owners[path] == project)})
        for project in bundle.projects
    )


def red(grounds: Sequence[ProjectBaseline], modules: Sequence[JudgedModule], *, allow_red: bool) -> str:
    """Why the result may not be called green: nothing was proven, or not by the whole suite. Empty when it may."""
    problem = next((ground.problem for ground in grounds if ground.problem), "")
    if problem:
        return problem
    suites = [ground.suite for ground in grounds]
    if not suites:
        return "there is no project here that we can test"
    if all(suite.empty for suite in suites):
        return next((suite.reason for suite in suites if suite.reason), "there are no tests")
    unfit = next((suite.reason for suite in suites if suite.unusable or suite.green_runs < suite.runs), "")
    if unfit and not allow_red:
        return f"the suite is not green without any mutant: {unfit}; --allow-red judges by the tests that pass"
    verdicts = [item for module in modules for item in module.verdicts]
    if not verdicts:
        return "no mutant could be made of the code that was asked for"
    if all(isinstance(item.result, NoCoverage) for item in verdicts):
        return "no test runs any of the mutated code"
    return ""


def facts(
    config: Config, run: str, repository: Repository, grounds: Sequence[ProjectBaseline], system: SystemModel
) -> MutationReport:
    """What was there before anything was judged."""
    environment = next((ground.setting.environment for ground in grounds if ground.setting), None)
    problems = [
        Omission(path=ground.suite.project or repository.spec, reason=ground.problem)
        for ground in grounds
        if ground.problem
    ]
    return MutationReport(
        qtest=__version__,
        run=run,
        target=repository.spec,
        revision=repository.revision,
        seed=config.seed,
        settings=config.to_json(),
        python=environment.version if environment else "none",
        environment="; ".join((environment.origin, *environment.notes)) if environment else "none could be made",
        guarantees=Guarantees(adapter="none", items=()),
        unsafe=config.unsafe_no_sandbox,
        suites=tuple(SuiteFacts.of(ground.suite) for ground in grounds),
        tests=tuple(node for ground in grounds for node in ground.suite.usable),
        problems=(*problems, *(Omission(path=problem.path, reason=problem.reason) for problem in system.problems)),
        out=str(config.output.out).rstrip("/"),
    )


def _ended(row: RunRow, report: MutationReport, artefact: str) -> RunRow:
    told = score(report.verdicts)
    return row.model_copy(
        update={
            "status": report.status,
            "ended": now_ms(),
            "revision": report.revision.version or report.revision.sha256,
            "mutants": told.counted + told.unclear,
            "killed": told.killed,
            "killed_before": told.killed,
            "report": artefact,
            "note": report.red,
        }
    )

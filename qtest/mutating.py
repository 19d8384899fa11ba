"""One run of `qtest mutate`: from a repository to the report, written down while it goes."""

import posixpath
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qtest import __version__
from qtest.adapters import accepted
from qtest.asking import asked
from qtest.chronicle import begin
from qtest.config import Config, MutateSettings
from qtest.errors import QTestError, UsageError
from qtest.judged import Notes
from qtest.languages import LANGUAGES
from qtest.languages.python.source import decoded
from qtest.memory import Memory, version
from qtest.model.projects import project_of
from qtest.mutate import Subject, case_of, gathered, mutate, still_asked, unjudged
from qtest.mutation.accepted import marks
from qtest.mutation.cache import Names
from qtest.mutation.changes import Changes, changes
from qtest.mutation.choose import choose
from qtest.mutation.dependencies import Dependencies, trees
from qtest.mutation.distinct import twins
from qtest.mutation.green import red
from qtest.mutation.identity import stable_ids
from qtest.mutation.judge import Ruled
from qtest.mutation.matrix import idle
from qtest.mutation.plan import orders
from qtest.mutation.refused import Module as TypedModule
from qtest.mutation.refused import refusals
from qtest.mutation.score import score
from qtest.mutation.slices import Slices
from qtest.plan.only import chosen
from qtest.ports import Ledger
from qtest.records.baseline import Baseline, ProjectBaseline, Setting
from qtest.records.judging import Judging
from qtest.records.mutant import Mutant
from qtest.records.mutation import Accepted, JudgedModule, MutationReport
from qtest.records.plan import Brief
from qtest.records.record import digest_of
from qtest.records.report import SuiteFacts
from qtest.records.run import RunRow
from qtest.records.sandbox import Guarantees
from qtest.records.source import Omission, Project, RawSourceBundle, Repository
from qtest.records.system import Module, SystemModel
from qtest.stages import Made, Stages
from qtest.wiring import House, now_ms

TOLD_S = 0.2  # between two words about how far it is


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
        whole = tuple(self._subjects(bundle.what, system))
        subjects = self._chosen(whole, bundle.what, repository)
        named, lapsed = _marked(entries, bundle.what, whole)
        report = facts(self.config, self.run, repository, bundle.what, system)
        report = report.model_copy(update={"accepted": named, "stale": lapsed})
        nothing = nothing_to_judge(self.config.mutate, whole, subjects)
        if nothing:
            return report.model_copy(
                update={"note": nothing, "modules": tuple(map(unjudged, subjects)), "wall_s": self._elapsed_s()}
            )
        grounds = tuple(self._grounds(stages, bundle, repository))
        report = self._finished(report, bundle.what, grounds, subjects)
        if report.status == "partial" or not report.alive or not self.config.mutate.ask_s:
            return report
        try:
            baseline = Baseline(projects=grounds)
            plan = stages.plan(system, baseline).what
            return self._asked(report, stages.briefs(bundle.what, system, baseline, plan), baseline)
        except KeyboardInterrupt:  # what was judged stands without the questions
            return report
        except QTestError as error:
            unasked = Omission(path="--ask", reason=f"no calls were looked for: {error}")
            return report.model_copy(update={"problems": (*report.problems, unasked)})

    def _asked(self, report: MutationReport, briefs: Iterator[Brief], baseline: Baseline) -> MutationReport:
        """With a call that shows it for each mutant that lives, where one is found in time."""
        alive: dict[str, list[Mutant]] = {}
        for verdict in report.alive:
            alive.setdefault(verdict.mutant.symbol.partition(":")[0], []).append(verdict.mutant)
        self._say(f"looking for calls that tell {len(report.alive)} mutants which live from the code")
        search, seconds = self.config.search, self.config.mutate.ask_s
        found = asked(briefs, alive, baseline, self.house.executor, search, seconds, self.hands)
        modules = tuple(
            module.model_copy(update={"differences": found.get(module.module)}) for module in report.modules
        )
        return report.model_copy(update={"modules": modules, "wall_s": self._elapsed_s()})

    def _chosen(self, whole: Sequence[Subject], bundle: RawSourceBundle, repository: Repository) -> tuple[Subject, ...]:
        """Modules without a change are not reported when changes were asked for."""
        settings = self.config.mutate
        changes = self._changes(whole, bundle, repository) if settings.since else None
        choice = choose(
            [mutant for subject in whole for mutant in subject.mutants],
            changes=changes,
            most=settings.sample,
            seed=self.config.seed,
            shard=settings.shard,
        )
        narrowed = tuple(subject.narrowed(choice) for subject in whole)
        return tuple(subject for subject in narrowed if not settings.since or subject.unchanged < subject.made)

    def _changes(
        self, whole: Sequence[Subject], bundle: RawSourceBundle, repository: Repository
    ) -> Mapping[str, Changes]:
        """Of each module against the revision. A file that only got another name has none."""
        since = self.config.mutate.since
        if repository.revision.kind != "folder":
            raise UsageError(
                f"--since {since}: {repository.spec} was fetched and has no work tree to compare; expected a folder"
            )
        before = self.house.past(Path(repository.folder), since)
        moved = {digest_of(data) for path, data in before.items() if bundle.file(path) is None}
        new = {subject.path: file.sha256 for subject in whole if (file := bundle.file(subject.path))}
        return {
            subject.path: changes(readable(before.get(subject.path)), subject.text)
            for subject in whole
            if subject.path in before or new.get(subject.path) not in moved
        }

    def _grounds(
        self, stages: Stages, bundle: Made[RawSourceBundle], repository: Repository
    ) -> Iterator[ProjectBaseline]:
        for project in judged_by(self.config.mutate.tests, bundle.what):
            if project.language in LANGUAGES:
                self._say(f"running the tests of {project.name} as they are")
                yield stages.ground(bundle, project, repository.folder).what

    def _subjects(self, bundle: RawSourceBundle, system: SystemModel) -> Iterator[Subject]:
        paths = chosen(system, self.config.target.only)
        roots = [project.root for project in bundle.projects if project.language in LANGUAGES]
        modules = [module for module in system.modules if module.language in LANGUAGES and module.path in paths]
        for root in roots:
            for module in modules:
                file = bundle.file(module.path)
                if module.project == root and file and file.role == "source":
                    yield self._subject(module, decoded(self.house.store.get(file.sha256)))

    def _subject(self, module: Module, text: str) -> Subject:
        mutants = LANGUAGES[module.language].mutate(text, module.path, module.name, self.config.mutate.arid)
        return Subject(
            module=module.name,
            path=module.path,
            project=module.project,
            text=text,
            mutants=mutants,
            whole=mutants,
            made=sum(not mutant.control for mutant in mutants),
            stable=stable_ids(mutants, text),
        )

    def _finished(
        self,
        report: MutationReport,
        bundle: RawSourceBundle,
        grounds: Sequence[ProjectBaseline],
        subjects: Sequence[Subject],
    ) -> MutationReport:
        ready_s = self._elapsed_s()
        self.now = self.now.model_copy(update={"total": sum(len(subject.mutants) for subject in subjects)})
        modules: list[JudgedModule] = []
        problems: list[Omission] = []
        interrupted = False
        for ground in grounds:
            if ground.suite.empty or ground.setting is None or interrupted:
                continue
            of_it = [subject for subject in subjects if subject.project == ground.suite.project]
            of_it, unchecked = self._typed(ground.setting, self._without_twins(ground.setting, of_it))
            problems += unchecked
            judged, interrupted = self._project(ground, of_it, bundle)
            modules += judged
        report = told(report, grounds)
        matrix = self.config.mutate.matrix and not interrupted
        return report.model_copy(
            update={
                "idle": idle(report.tests, [one for module in modules for one in module.verdicts]) if matrix else None,
                "guarantees": self.house.sandbox.probe(),
                "modules": tuple(modules),
                "problems": (*report.problems, *problems),
                "status": "partial" if interrupted else "completed",
                "red": red(
                    grounds,
                    [item for module in modules for item in module.verdicts],
                    allow_red=self.config.mutate.allow_red,
                ),
                "wall_s": self._elapsed_s(),
                "ready_s": ready_s,
                "cpu_s": sum(item.cpu_s for module in modules for item in module.verdicts),
            }
        )

    def _without_twins(self, setting: Setting, subjects: Sequence[Subject]) -> list[Subject]:
        """Of whole modules, so that every shard drops the same ones."""
        dropped = twins([subject.whole for subject in subjects if subject.mutants], setting, self.house.executor)
        return [subject.without(dropped) for subject in subjects]

    def _typed(self, setting: Setting, subjects: Sequence[Subject]) -> tuple[list[Subject], list[Omission]]:
        """And why of some modules no mutant was set aside."""
        if not self.config.mutate.type_check:
            return list(subjects), []
        self._say("asking the type checker about the mutants")
        asked = [TypedModule(subject.path, subject.text, subject.mutants) for subject in subjects]
        found = {one.path: one for one in refusals(asked, setting, self.house.executor)}
        refused = sum(len(one.refused) for one in found.values())
        self.now = self.now.model_copy(update={"total": self.now.total - refused})
        typed = [
            subject.typed(found[subject.path].refused) if subject.path in found else subject for subject in subjects
        ]
        why = [
            Omission(path=path, reason=f"--type-check sets no mutant of it aside: {one.problem}")
            for path, one in sorted(found.items())
            if one.problem
        ]
        return typed, why

    def _project(
        self, ground: ProjectBaseline, subjects: Sequence[Subject], bundle: RawSourceBundle
    ) -> tuple[tuple[JudgedModule, ...], bool]:
        """And whether it was interrupted."""
        case = case_of(
            ground, subjects, self.hands, self.config.gates.mutation.limits, matrix=self.config.mutate.matrix
        )
        planned = list(
            orders((mutant for subject in subjects for mutant in subject.mutants), case.reach, matrix=case.matrix)
        )
        ours = f"{version()} unsafe" if self.config.unsafe_no_sandbox else version()
        read = self.house.store.get
        stable = {name: kept for subject in subjects for name, kept in subject.stable.items()}
        names = Names(case, bundle, Dependencies(bundle, read), Slices(trees(bundle, read)), stable, ours).of_all(
            planned
        )
        notes = Notes(self.ledger, self.run, case, names)
        known = still_asked(notes.known(planned, fresh=self.config.where.fresh), planned)
        found = list(known)
        self.now = self.now.model_copy(update={"total": self.now.total - len(known)})
        if known:
            self._say(f"{len(known)} of {len(planned)} mutants and controls are remembered")

        def heard(item: Ruled) -> None:
            found.append(item)
            notes.add(item)
            self._count(item)

        try:
            return mutate(case, subjects, self.house.executor, heard, known), False
        except KeyboardInterrupt:
            return gathered(case, subjects, found), True
        finally:
            notes.end(known)

    def _count(self, item: Ruled) -> None:
        status = item.ruling.status if item.ruling else "no coverage"
        counted = {"killed": "killed", "survived": "survived", "no coverage": "survived"}.get(status, "unclear")
        update: dict[str, object] = {"done": self.now.done + 1}
        if not item.mutant.control and status != "not a mutant":
            update[counted] = getattr(self.now, counted) + 1
        self.now = self.now.model_copy(update=update)
        self._tell()

    def _elapsed_s(self) -> float:
        return time.monotonic() - self.started

    def _say(self, note: str) -> None:
        self.listen(Judging(note=note, elapsed_s=self._elapsed_s()))

    def _tell(self) -> None:
        clock = time.monotonic()
        self._began = self._began or clock
        if clock - self._told < TOLD_S and self.now.done < self.now.total:
            return
        self._told = clock
        self.listen(self.now.model_copy(update={"elapsed_s": clock - self.started, "judging_s": clock - self._began}))


def nothing_to_judge(settings: MutateSettings, whole: Sequence[Subject], subjects: Sequence[Subject]) -> str:
    """Why there is nothing to do, and nothing wrong with that; empty when there is, or ought to be."""
    if any(subject.mutants for subject in subjects) or not any(subject.made for subject in whole):
        return ""
    if settings.since and all(subject.unchanged == subject.made for subject in subjects):
        return f"nothing that can be mutated has changed since {settings.since}"
    return f"none of the mutants falls into shard {settings.shard}" if settings.shard else ""


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


def readable(data: bytes | None) -> str | None:
    try:
        return None if data is None else decoded(data)
    except SyntaxError:
        return None


def facts(
    config: Config, run: str, repository: Repository, bundle: RawSourceBundle, system: SystemModel
) -> MutationReport:
    """What was there before anything was run."""
    return MutationReport(
        qtest=__version__,
        build=version(),
        run=run,
        target=repository.spec,
        revision=repository.revision,
        content=bundle.content,
        shard=config.mutate.shard,
        seed=config.seed,
        settings=config.kept(),
        python="none",
        environment="none was needed",
        guarantees=Guarantees(adapter="none", items=()),
        unsafe=config.unsafe_no_sandbox,
        problems=tuple(Omission(path=problem.path, reason=problem.reason) for problem in system.problems),
        out=str(config.output.out).rstrip("/"),
    )


def told(report: MutationReport, grounds: Sequence[ProjectBaseline]) -> MutationReport:
    """With what is known of the projects."""
    environment = next((ground.setting.environment for ground in grounds if ground.setting), None)
    problems = [
        Omission(path=ground.suite.project or report.target, reason=ground.problem)
        for ground in grounds
        if ground.problem
    ]
    return report.model_copy(
        update={
            "python": environment.version if environment else "none",
            "environment": "; ".join((environment.origin, *environment.notes)) if environment else "none could be made",
            "suites": tuple(SuiteFacts.of(ground.suite) for ground in grounds),
            "tests": tuple(node for ground in grounds for node in ground.suite.usable),
            "problems": (*problems, *report.problems),
        }
    )


def _ended(row: RunRow, report: MutationReport, artefact: str) -> RunRow:
    reached = score(report.verdicts)
    return row.model_copy(
        update={
            "status": report.status,
            "ended": now_ms(),
            "revision": report.revision.version or report.revision.sha256,
            "mutants": reached.counted + reached.unclear,
            "killed": reached.killed,
            "killed_before": reached.killed,
            "report": artefact,
            "note": report.red or report.note,
        }
    )

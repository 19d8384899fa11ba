"""The stages as functions of one process, over the parts of one machine, and the line they make."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import gates
from qtest.adapters.inline import in_order
from qtest.assembly import Assembly, Coverage
from qtest.config import Config
from qtest.errors import QTestError
from qtest.generate.search.generator import SearchGenerator
from qtest.ingest.bundle import ingest
from qtest.languages import LANGUAGES, PARSERS
from qtest.languages.python.render import locate
from qtest.languages.python.source import decoded
from qtest.measure import baseline as measuring
from qtest.measure.coverage import of_file, together
from qtest.measure.pace import within
from qtest.meter import Meter
from qtest.model.build import build
from qtest.mutation.judge import Case, judge
from qtest.mutation.plan import reach
from qtest.mutation.sampling import sample
from qtest.pipeline import Line
from qtest.plan import brief as briefing
from qtest.plan.select import select
from qtest.ports import Gate
from qtest.proof import Proof
from qtest.records.baseline import Baseline, ProjectBaseline, Setting, Suite
from qtest.records.case import CallCase
from qtest.records.file import TestFile, TestStyle
from qtest.records.mutant import Mutant
from qtest.records.outcome import Draft, ModuleOutcome
from qtest.records.plan import Brief, TestPlan
from qtest.records.source import Project, RawSourceBundle, Repository
from qtest.records.system import SystemModel
from qtest.wiring import House
from qtest.workshop import Judged, Workshop

LANGUAGE = LANGUAGES["python"]


@dataclass
class Stages:
    """What measuring found is kept for the rooms that write."""

    house: House
    config: Config
    meter: Meter
    bundle: RawSourceBundle | None = None
    system: SystemModel | None = None
    plan_made: TestPlan | None = None
    grounds: dict[str, ProjectBaseline] = field(default_factory=dict)
    trouble: dict[str, str] = field(default_factory=dict)
    _mutated: dict[str, tuple[Mutant, ...]] = field(default_factory=dict)

    def line(self) -> Line:
        return Line(
            ingest=self.ingest,
            model=self.model,
            measure=self.measure,
            plan=self.plan,
            brief=self.brief,
            write=self.write,
            assemble=self.assemble,
        )

    def ingest(self, repository: Repository) -> RawSourceBundle:
        self.meter.say("read", note=f"reading {repository.spec}")
        self._original = repository.folder
        self._bundle = self.bundle = ingest(repository, self.house.store)
        self._files = {file.path: file for file in self._bundle.files}
        return self._bundle

    def model(self, bundle: RawSourceBundle) -> SystemModel:
        self.system = build(bundle, self.house.store.get, PARSERS)
        return self.system

    def measure(self, bundle: RawSourceBundle, system: SystemModel) -> Baseline:
        projects = tuple(self._ground(bundle, project) for project in bundle.projects if project.language in LANGUAGES)
        self.grounds = {ground.suite.project: ground for ground in projects}
        self.meter.ready()
        return Baseline(projects=projects)

    def _ground(self, bundle: RawSourceBundle, project: Project) -> ProjectBaseline:
        house = self.house
        folder = house.folder / f"tree-{len(list(house.folder.iterdir()))}"
        house.store.materialise(((file.path, file.sha256, file.executable) for file in bundle.files), str(folder))
        self.meter.say("environment", note=f"preparing an environment for {project.name}")
        try:
            environment = house.environments.prepare(
                project, str(folder), self.config.target.python, original=self._original
            )
        except QTestError as error:
            return ProjectBaseline(setting=None, suite=Suite(project=project.root, command=()), problem=str(error))
        setting = Setting(folder=str(folder), project=project, environment=environment)
        if self.config.target.standalone:
            return ProjectBaseline(setting=setting, suite=Suite(project=project.root, command=()))
        self.meter.say("baseline", note=f"running the tests of {project.name} as they are, three times")
        ground = measuring.measure(setting, house.toolchain, house.sandbox, house.workbench)
        return within(ground, self.config.budget.wall_s)

    def plan(self, system: SystemModel, baseline: Baseline) -> TestPlan:
        self.plan_made = select(system, baseline, self.config.budget, self.config.target.only)
        self.meter.total = len({target.module for target in self.plan_made.targets})
        self.meter.say("plan", note=f"{len(self.plan_made.targets)} targets in {self.meter.total} modules")
        return self.plan_made

    def brief(self, system: SystemModel, baseline: Baseline, plan: TestPlan) -> Iterable[Brief]:
        return briefing.briefs(system, baseline, plan, self._text, self._style, self.config.seed)

    def write(self, briefs: Iterable[Brief]) -> Iterator[Draft]:
        self._briefs: dict[str, Brief] = {}
        workshop = Workshop(
            generators=(self._search(),),
            render=self._render,
            gates=self._gates,
            judge_existing=self._judge_existing,
            allot=self.meter.allot,
        )

        def written(brief: Brief) -> Draft:
            started = self.meter.clock()
            draft = workshop.write(brief)
            self.meter.drafted(brief, draft, self.meter.clock() - started)
            return draft

        def opened() -> Iterator[Brief]:
            for brief in briefs:
                self._briefs[brief.module.name] = brief
                self.meter.say("write", brief.module.name)
                yield brief

        return in_order(written, opened(), self.meter.writers)

    def assemble(self, drafts: Iterable[Draft]) -> Iterator[ModuleOutcome]:
        assembly = Assembly(render=self._render, gates=self._gates, cover=self._cover)
        for draft in drafts:
            self.meter.say("assemble", draft.module)
            started = self.meter.clock()
            outcome = assembly.close(self._briefs[draft.module], draft)
            self.meter.closed(outcome, self.meter.clock() - started)
            yield outcome

    # --- what the rooms are handed ---------------------------------------------------------------------------------

    def _search(self) -> SearchGenerator:
        return SearchGenerator(self.house.workbench, self._setting, self.config.search, time.monotonic)

    def _setting(self, project: str) -> Setting:
        setting = self.grounds[project].setting
        if setting is None:
            raise QTestError(self.grounds[project].problem)
        return setting

    def _text(self, path: str) -> str:
        file = self._files[path]
        return decoded(self.house.store.get(file.sha256))

    def _style(self, root: str) -> TestStyle:
        project = next(project for project in self._bundle.projects if project.root == root)
        prefix = f"{root}/" if root else ""
        tests = [
            file.path
            for file in self._bundle.files
            if file.role == "test" and file.path.startswith(prefix) and file.path.endswith(".py")
        ]
        return self.house.toolchain.style(project, [(path, self._readable(path)) for path in tests[:200]])

    def _readable(self, path: str) -> str:
        try:
            return self._text(path)
        except (UnicodeDecodeError, SyntaxError, LookupError):
            return ""

    def _render(self, brief: Brief, cases: Sequence[CallCase]) -> TestFile:
        """Laid out by the language, then formatted as the project's own."""
        file = LANGUAGE.render(cases, brief.module.name, brief.test_path, brief.style)
        text = self.house.formatter.format(file.text, brief.style)
        return file.model_copy(update={"text": text, "tests": locate(text, file.tests)})

    def _gates(self, brief: Brief, mutants: Sequence[Mutant]) -> Sequence[Gate]:
        setting, house, settings = self._setting(brief.project), self.house, self.config.gates
        controls = [mutant for mutant in self._mutants(brief) if mutant.control]
        return (
            gates.CompileGate(house.checkers, setting),
            gates.RuntimeGate(house.sandbox, house.toolchain, setting, settings.runtime),
            gates.MutationGate(
                house.workbench, house.executor, setting, (*controls, *mutants), brief.source, settings.mutation
            ),
        )

    def _mutants(self, brief: Brief) -> tuple[Mutant, ...]:
        """Made once for a module: reading and editing it takes longer than many a test."""
        if brief.module.name not in self._mutated:
            everything = LANGUAGE.mutate(brief.source, brief.module.path, brief.module.name)
            self._mutated[brief.module.name] = sample(
                everything, self.config.gates.mutation.per_module, self.config.seed
            )
        return self._mutated[brief.module.name]

    def _judge_existing(self, brief: Brief) -> Judged:
        """By the tests that passed every time; where there are none, nothing is killed and all is to do."""
        ground, mutants = self.grounds[brief.project], self._mutants(brief)
        setting = self._setting(brief.project)
        case = Case(
            setting=setting,
            suite="existing",
            text=brief.source,
            reach=reach(ground.suite.measured, ground.suite.usable),
            limits=self.config.gates.mutation.limits,
            batch=self.config.gates.mutation.batch,
        )
        judgement = judge(case, mutants, self.house.executor)
        return Judged(judgement.verdicts, judgement.controls, len(judgement.same_code))

    def _cover(self, brief: Brief, proof: Proof) -> Coverage:
        """Of the module's source: by the existing suite, and by it and the file together."""
        ground = self.grounds[brief.project]
        before = of_file(brief.module.path, ground.suite.measured.files)
        if proof.file is None:
            return Coverage(before, before)
        found = (file for report in proof.reports for file in report.coverage)
        return Coverage(before, together(before, of_file(brief.module.path, found)))

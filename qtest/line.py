"""The line of one process: the stages as they are, with two or more modules written side by side."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from qtest import keys
from qtest.adapters.inline import in_order
from qtest.languages import LANGUAGES
from qtest.meter import Meter
from qtest.pipeline import Line
from qtest.plan.unwritten import joined, unwritten
from qtest.records.baseline import Baseline, ProjectBaseline
from qtest.records.facts import Place, RunFacts
from qtest.records.outcome import Draft, ModuleOutcome
from qtest.records.plan import Brief, TestPlan
from qtest.records.source import Omission, RawSourceBundle, Repository
from qtest.records.system import SystemModel
from qtest.stages import Made, Stages

Written = tuple[Brief, Made[Draft]]
InlineLine = Line[Made[RawSourceBundle], SystemModel, Baseline, TestPlan, Brief, Written]


@dataclass
class Inline:
    """`facts` grow as the stages end; `writers` modules are under way at a time."""

    stages: Stages
    meter: Meter
    learn: Callable[[RunFacts], None] = lambda _: None
    facts: RunFacts = field(default_factory=RunFacts)

    def line(self) -> InlineLine:
        return Line(
            ingest=self._ingest,
            model=self._model,
            measure=self._measure,
            plan=self._plan,
            brief=self._briefs,
            write=self._write,
            assemble=self._assemble,
        )

    def _ingest(self, repository: Repository) -> Made[RawSourceBundle]:
        self.meter.say("read", note=f"reading {repository.spec}")
        self._repository = repository
        self._bundle = self.stages.ingest(repository)
        self._know(repository=repository, bundle=self._bundle.what, guarantees=self.stages.house.sandbox.probe())
        return self._bundle

    def _model(self, bundle: Made[RawSourceBundle]) -> SystemModel:
        made = self.stages.model(bundle.what)
        system = made.what
        self._contexts = keys.context(bundle.what, system)
        self._know(problems=system.problems, system=made.artefact)
        return system

    def _measure(self, bundle: Made[RawSourceBundle], system: SystemModel) -> Baseline:
        projects: list[ProjectBaseline] = []
        for project in bundle.what.projects:
            if project.language in LANGUAGES:
                self.meter.say("environment", note=f"preparing an environment for {project.name}")
                projects.append(self.stages.ground(bundle, project, self._repository.folder).what)
        self.meter.ready()
        self._know(grounds=tuple(brief_ground(ground) for ground in projects))
        return Baseline(projects=tuple(projects))

    def _plan(self, system: SystemModel, baseline: Baseline) -> TestPlan:
        plan = self.stages.plan(system, baseline, self._bundle.what).what
        targets = [target for target in plan.targets if target.written]
        modules = tuple(dict.fromkeys(target.module for target in targets))
        self._rejected = unwritten(plan, system)
        self._baseline = baseline
        self.meter.total = len(modules)
        self.meter.say("plan", note=f"{len(targets)} targets in {len(modules)} modules")
        self._know(modules=modules, left_out=left_out(plan), places=tuple(places(system, plan)))
        return plan

    def _briefs(self, system: SystemModel, baseline: Baseline, plan: TestPlan) -> Iterable[Brief]:
        return self.stages.briefs(self._bundle.what, system, baseline, plan)

    def _write(self, briefs: Iterable[Brief]) -> Iterator[Written]:
        def written(brief: Brief) -> Written:
            started = self.meter.clock()
            draft = self.stages.write(brief, self._ground(brief), self._contexts[brief.module.name], self.meter.allot)
            self.meter.drafted(brief, draft.what, self.meter.clock() - started, remembered=draft.remembered)
            return brief, draft

        def opened() -> Iterator[Brief]:
            for brief in briefs:
                self.meter.say("write", brief.module.name)
                yield brief

        return in_order(written, opened(), self.meter.writers)

    def _assemble(self, drafts: Iterable[Written]) -> Iterator[ModuleOutcome]:
        return joined(self._closed(drafts), self._rejected)

    def _closed(self, drafts: Iterable[Written]) -> Iterator[ModuleOutcome]:
        for brief, draft in drafts:
            name = brief.module.name
            self.meter.say("assemble", name)
            started = self.meter.clock()
            outcome = self.stages.close(brief, self._ground(brief), draft)
            self.meter.closed(outcome.what, self.meter.clock() - started)
            if draft.remembered and outcome.remembered:
                self._know(remembered=(*self.facts.remembered, name))
            yield outcome.what

    def _ground(self, brief: Brief) -> ProjectBaseline:
        ground = self._baseline.of(brief.project)
        assert ground is not None, "a brief is of a project that was measured"
        return ground

    def _know(self, **found: object) -> None:
        self.facts = self.facts.model_copy(update=found)
        self.learn(self.facts)


def left_out(plan: TestPlan) -> tuple[Omission, ...]:
    return tuple(Omission(path=item.symbol, reason=item.reason) for item in plan.left_out)


def places(system: SystemModel, plan: TestPlan) -> Iterator[Place]:
    named = {target.symbol for target in plan.targets} | {item.symbol for item in plan.left_out}
    for module in system.modules:
        if module.name in named:
            yield Place(symbol=module.name, path=module.path)
        for symbol in module.symbols:
            if symbol.id in named:
                yield Place(symbol=symbol.id, path=symbol.path, line=symbol.line, end_line=symbol.end_line)


def brief_ground(ground: ProjectBaseline) -> ProjectBaseline:
    """Without what each test executed."""
    measured = ground.suite.measured.model_copy(update={"tests": (), "shared": (), "lasting": (), "files": ()})
    return ground.model_copy(update={"suite": ground.suite.model_copy(update={"measured": measured})})

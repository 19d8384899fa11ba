"""The concrete parts of one machine, and the line they make."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from qtest.adapters import sandbox as sandboxes
from qtest.adapters.environment import LocalEnvironments
from qtest.adapters.formatter import RuffFormatter
from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.adapters.registry import PackageFetcher
from qtest.adapters.store import FolderStore
from qtest.adapters.workbench import SandboxWorkbench
from qtest.assembly import Assembly
from qtest.config import Config
from qtest.errors import QTestError
from qtest.ingest.bundle import ingest
from qtest.languages import LANGUAGES
from qtest.languages.python.toolchain import PythonToolchain
from qtest.measure import baseline as measuring
from qtest.meter import Meter
from qtest.model.build import build
from qtest.pipeline import Line
from qtest.plan import brief as briefing
from qtest.plan.select import select
from qtest.ports import Sandbox
from qtest.records.baseline import Baseline, ProjectBaseline, Setting, Suite
from qtest.records.outcome import Draft, ModuleOutcome
from qtest.records.plan import Brief, TestPlan
from qtest.records.source import Project, RawSourceBundle, Repository
from qtest.records.system import SystemModel
from qtest.workshop import Workshop

LANGUAGE = LANGUAGES["python"]


def default_cache() -> Path:
    """`$XDG_CACHE_HOME/qtest`, else `~/.cache/qtest`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qtest"


@dataclass
class House:
    """What one machine has. `folder` is private to the run and gone when it ends."""

    sandbox: Sandbox
    toolchain: PythonToolchain
    store: FolderStore
    fetcher: PackageFetcher
    environments: LocalEnvironments
    workbench: SandboxWorkbench
    executor: InlineExecutor
    formatter: RuffFormatter
    folder: Path


@contextmanager
def open_house(*, unsafe: bool = False, cache: Path | None = None) -> Iterator[House]:
    """Raises SandboxError, before anything of the target is touched, when this machine cannot hold it."""
    kept = cache or default_cache()
    folder = Path(tempfile.mkdtemp(prefix="qtest-"))
    sandbox = sandboxes.choose(unsafe=unsafe)
    toolchain = PythonToolchain()
    store = FolderStore(folder / "store")
    workbench = SandboxWorkbench(sandbox, toolchain)
    try:
        yield House(
            sandbox=sandbox,
            toolchain=toolchain,
            store=store,
            fetcher=PackageFetcher(kept),
            environments=LocalEnvironments(kept, sandbox),
            workbench=workbench,
            executor=InlineExecutor(LocalTools(sandbox, workbench, store)),
            formatter=RuffFormatter(),
            folder=folder,
        )
    finally:
        workbench.close()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Stages:
    """The stages as functions of one process. What measuring found is kept for the rooms that write."""

    house: House
    config: Config
    meter: Meter
    bundle: RawSourceBundle | None = None
    system: SystemModel | None = None
    plan_made: TestPlan | None = None
    grounds: dict[str, ProjectBaseline] = field(default_factory=dict)

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
        self.bundle = ingest(repository, self.house.store)
        return self.bundle

    def model(self, bundle: RawSourceBundle) -> SystemModel:
        self.system = build(bundle, self.house.store.get, LANGUAGES)
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
        return measuring.measure(setting, house.toolchain, house.sandbox, house.workbench)

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
        for brief in briefs:
            self._briefs[brief.module.name] = brief
            self.meter.say("write", brief.module.name)
            draft = workshop.write(brief)
            self.meter.drafted(draft)
            yield draft

    def assemble(self, drafts: Iterable[Draft]) -> Iterator[ModuleOutcome]:
        assembly = Assembly(render=self._render, gates=self._gates, cover=self._cover)
        for draft in drafts:
            self.meter.say("assemble", draft.module)
            outcome = assembly.close(self._briefs[draft.module], draft)
            self.meter.closed(outcome)
            yield outcome

    # --- what the rooms are handed ---------------------------------------------------------------------------------

"""The stages as functions over the parts of one process. What a stage once made is remembered, and not made again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from qtest import keys, shipped
from qtest.config import Config
from qtest.declined import noticed
from qtest.desk import Desk
from qtest.errand import sent
from qtest.errors import QTestError
from qtest.generate.concern import picked
from qtest.generate.writer import Writer
from qtest.ingest.bundle import ingest
from qtest.languages import PARSERS
from qtest.languages.python.formatting import FILES, configured
from qtest.languages.python.source import decoded
from qtest.measure.pace import within
from qtest.measure.sent import BaselineOrder, measured
from qtest.memory import Memory
from qtest.model.build import build
from qtest.mutation import accepted
from qtest.plan import brief as briefing
from qtest.plan.concern import concerned, narrowed
from qtest.plan.select import select
from qtest.records.baseline import Baseline, ProjectBaseline, Setting, Suite
from qtest.records.completion import Payer
from qtest.records.file import TestStyle, WrittenFile
from qtest.records.mutation import Accepted
from qtest.records.outcome import Draft, Failure, ModuleOutcome, Rejection
from qtest.records.plan import Brief, Budget, TestPlan
from qtest.records.proof import Declined, ProofFile
from qtest.records.record import Record
from qtest.records.source import Project, RawSourceBundle, Repository
from qtest.records.system import Symbol, SystemModel
from qtest.wiring import House

Kind = TypeVar("Kind", bound=Record)


@dataclass(frozen=True)
class Made(Generic[Kind]):
    """What a stage made, its digest in the store, and whether it was only remembered."""

    what: Kind
    artefact: str
    remembered: bool = False


@dataclass
class Stages:
    """Of one run, in one process. With a `writer`, a language model is asked beside the search."""

    house: House
    config: Config
    memory: Memory
    writer: Writer | None = None

    def ingest(self, repository: Repository) -> Made[RawSourceBundle]:
        bundle = ingest(repository, self.house.store)
        return Made(bundle, self._put(bundle))

    def model(self, bundle: RawSourceBundle) -> Made[SystemModel]:
        name = keys.of_model(bundle)
        return self._remembered(
            name, SystemModel, lambda: build(bundle, self.house.store.get, PARSERS), "model", bundle.revision.name
        )

    def ground(self, bundle: Made[RawSourceBundle], project: Project, original: str) -> Made[ProjectBaseline]:
        """An environment, and the project's own suite in it. `original` is the user's folder, which is only looked at."""
        try:
            setting = self.setting(bundle, project, original)
        except QTestError as error:
            suite = Suite(project=project.root, command=())
            ground = ProjectBaseline(setting=None, suite=suite, problem=str(error))
            return Made(ground, self._put(ground))
        if self.config.target.standalone:
            ground = ProjectBaseline(setting=setting, suite=Suite(project=project.root, command=()))
            return Made(ground, self._put(ground))
        name = keys.of_suite(bundle.what, setting)
        run = self._remembered(
            name,
            Suite,
            lambda: sent(self.house.executor, measured, BaselineOrder(setting=setting)).suite,
            "measure",
            project.name,
        )
        ground = within(ProjectBaseline(setting=setting, suite=run.what), self.config.budget.wall_s)
        return Made(ground, self._put(ground), run.remembered)

    def setting(self, bundle: Made[RawSourceBundle], project: Project, original: str) -> Setting:
        """Raises QTestError when there is no environment for it."""
        folder = self.house.tree(bundle.artefact, bundle.what)
        environment = self.house.environments.prepare(project, folder, self.config.target.python, original=original)
        return Setting(folder=folder, project=project, environment=environment, bundle=bundle.artefact)

    def plan(self, system: SystemModel, baseline: Baseline, bundle: RawSourceBundle | None = None) -> Made[TestPlan]:
        """Where the `bundle` is given, narrowed to what the settings' concern is about."""
        plan = select(system, baseline, self.config.budget, self.config.target.only, self.config.plan)
        if bundle is not None and self.config.target.concern:
            about = self._about(plan, system, _Sources(self.house, bundle).text)
            plan = narrowed(plan, system, about)
        return Made(plan, self._put(plan))

    def _about(self, plan: TestPlan, system: SystemModel, text_of: Callable[[str], str]) -> tuple[Symbol, ...]:
        """By words; a model, where there is one, may add to them."""
        words = self.config.target.concern
        found = concerned(words, system, text_of)
        if self.writer is None:
            return found
        symbols = {symbol.id: symbol for module in system.modules for symbol in module.symbols}
        riskiest = (symbols[target.symbol] for target in plan.targets if target.symbol in symbols)
        listed = {one.id: one for one in (*found, *riskiest)}
        added = picked(words, tuple(listed.values()), self.writer.completer, self.config.writer, self._payer)
        return tuple(dict.fromkeys((*found, *added)))

    def briefs(
        self, bundle: RawSourceBundle, system: SystemModel, baseline: Baseline, plan: TestPlan
    ) -> Iterator[Brief]:
        """With what people have decided about tests and mutants: as files of the repository say, and as an earlier run's folder does."""
        sources = _Sources(self.house, bundle)
        unwanted = (*bundle.declined, *sources.declined())
        entries = sources.accepted(self.config.mutate.accepted)
        for brief in briefing.briefs(system, baseline, plan, sources.text, sources.style, self.config.seed):
            own = tuple(item for item in unwanted if item.target.partition(":")[0] == brief.module.name)
            let = tuple(entry for entry in entries if entry.path == brief.module.path)
            about = tuple(name for name in plan.about if name.partition(":")[0] == brief.module.name)
            found = {"declined": own, "accepted": let, "about": about, "style": self._at_home(brief.style)}
            yield self._hosted(brief, sources).model_copy(update=found)

    def _at_home(self, style: TestStyle) -> TestStyle:
        """Fixtures are only there for tests that go into the project itself."""
        stays = (self.config.output.in_place or self.config.pulls.open) and not self.config.target.standalone
        return style if stays else style.model_copy(update={"fixtures": ()})

    def _hosted(self, brief: Brief, sources: "_Sources") -> Brief:
        """New tests only go into a file that can be written again byte for byte, and if that is wanted."""
        if brief.host is None or (self.config.output.extend and sources.is_plain(brief.host)):
            return brief
        apart = f"{brief.host.path} takes no tests: it is not plain UTF-8" if self.config.output.extend else ""
        return brief.model_copy(update={"host": None, "apart": apart})

    def write(
        self, brief: Brief, ground: ProjectBaseline, context: str, allot: Callable[[Brief], Budget]
    ) -> Made[Draft]:
        """`context` is the digest of what the brief does not hold: see `keys.context`."""
        model = self.writer.key(self.config.writer) if self.writer else ""
        name = keys.of_draft(brief, ground, context, self.config, model)
        budget_s = self.config.budget.wall_s
        known = self.memory.recall(name, Draft, budget_s)
        if known is not None:
            return Made(known, self._put(known), remembered=True)
        draft = self._desk(ground).write(brief, allot)
        if _is_whole(draft):
            return Made(draft, self.memory.keep(name, "write", draft.module, draft, keys.worth(self.config)))
        return Made(draft, self._put(draft))

    def close(self, brief: Brief, ground: ProjectBaseline, draft: Made[Draft]) -> Made[ModuleOutcome]:
        name = keys.of_outcome(draft.artefact, self.config)
        return self._remembered(
            name,
            ModuleOutcome,
            lambda: self._desk(ground).close(brief, draft.what),
            "assemble",
            brief.module.name,
            lambda outcome: not any(isinstance(one, Failure) for one in outcome.outcomes),
        )

    def _desk(self, ground: ProjectBaseline) -> Desk:
        return Desk(
            self.house.executor, self.house.formatter, self.config, ground, writer=self.writer, payer=self._payer
        )

    @property
    def _payer(self) -> Payer:
        return Payer(run=self.memory.run, repository=self.config.target.repository)

    def _remembered(
        self,
        name: str,
        kind: type[Kind],
        make: Callable[[], Kind],
        stage: str,
        item: str,
        is_whole: Callable[[Kind], bool] = lambda _: True,
    ) -> Made[Kind]:
        known = self.memory.recall(name, kind)
        if known is not None:
            return Made(known, self._put(known), remembered=True)
        made = make()
        if not is_whole(made):
            return Made(made, self._put(made))
        return Made(made, self.memory.keep(name, stage, item, made))

    def _put(self, record: Record) -> str:
        return self.house.store.put(record.to_json().encode())


def _is_whole(draft: Draft) -> bool:
    """Not one for which the machinery broke, or which had no turn, or for which a model was asked in vain."""
    return not draft.effort.unanswered and not any(
        isinstance(other, Failure) or (isinstance(other, Rejection) and other.stage == "plan") for other in draft.others
    )


@dataclass(frozen=True)
class _Sources:
    """The texts of a bundle's files."""

    house: House
    bundle: RawSourceBundle

    def text(self, path: str) -> str:
        file = self.bundle.file(path)
        if file is None:
            raise KeyError(path)
        return decoded(self.house.store.get(file.sha256))

    def is_plain(self, written: WrittenFile) -> bool:
        file = self.bundle.file(written.path)
        return file is not None and self.house.store.get(file.sha256) == written.text.encode("utf-8", "surrogateescape")

    def declined(self) -> tuple[Declined, ...]:
        """On record in the proof that lies in the repository, or missing where it says that they stand."""
        names = [file.path for file in self.bundle.files if file.path.startswith(f"{shipped.PARTS}/")]
        whole, *parts = (self._proof(name) for name in (shipped.NAME, *names))
        proof = shipped.combined(whole, parts)
        tests = (file.path for file in self.bundle.files if file.role == "test" and file.language == "python")
        return (*proof.declined, *noticed(proof, {path: self._readable(path) for path in tests}))

    def _proof(self, name: str) -> ProofFile:
        file = self.bundle.file(name)
        if file is None:
            return ProofFile()
        return shipped.parsed(self.house.store.get(file.sha256).decode("utf-8", "replace"), name)

    def accepted(self, name: str) -> tuple[Accepted, ...]:
        file = self.bundle.file(name)
        return accepted.parsed(self.house.store.get(file.sha256).decode("utf-8", "replace"), name) if file else ()

    def style(self, root: str) -> TestStyle:
        project = next(project for project in self.bundle.projects if project.root == root)
        prefix = f"{root}/" if root else ""
        tests = [
            file.path
            for file in self.bundle.files
            if file.role == "test" and file.path.startswith(prefix) and file.path.endswith(".py")
        ]
        learned = self.house.toolchain.style(project, [(path, self._readable(path)) for path in tests[:200]])
        return learned.model_copy(update=self._formatted(root))

    def _formatted(self, root: str) -> dict[str, object]:
        """As the formatter of the project is set up, else that of the repository."""
        for folder in dict.fromkeys((f"{root}/" if root else "", "")):
            texts = {name: self._readable(folder + name) for name in FILES if self.bundle.file(folder + name)}
            if found := configured(texts):
                return found
        return {}

    def _readable(self, path: str) -> str:
        try:
            return self.text(path)
        except (UnicodeDecodeError, SyntaxError, LookupError):
            return ""

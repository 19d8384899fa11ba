"""One run of `qtest diff`: from two revisions to what they do differently."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from qtest import __version__
from qtest.behaviour import Answer, compared, resigned, symbol_changes
from qtest.config import Config
from qtest.errors import QTestError, UsageError
from qtest.generate.search.observed import ObserveOrder, ReplayOrder, observed, replayed
from qtest.languages import LANGUAGES
from qtest.languages.python.source import decoded
from qtest.memory import Memory, NoLedger
from qtest.model.affected import Affected, Revision, affected
from qtest.plan.select import select
from qtest.records.baseline import Baseline, ProjectBaseline, Setting, Suite
from qtest.records.behaviour import BehaviourReport, Observed, Replays, SymbolChange
from qtest.records.behaviour import Side as Which
from qtest.records.mutant import Mutant
from qtest.records.outcome import Failure
from qtest.records.plan import Brief, Budget, TestPlan
from qtest.records.source import Omission, RawSourceBundle, Repository
from qtest.records.system import Module, SystemModel
from qtest.records.workbench import ModuleLoad
from qtest.stages import Made, Stages
from qtest.wiring import House

MOST = 60  # functions whose calls are run again; the ones farthest from the change are left out first
LEAST_S = 2.0  # of search for one module: a shorter one finds little
Kind = TypeVar("Kind", Observed, Replays)
_OTHER = {"old": "new", "new": "old"}


@dataclass
class Side:
    """One revision, read, with a place to run it."""

    stages: Stages
    repository: Repository

    @cached_property
    def bundle(self) -> Made[RawSourceBundle]:
        return self.stages.ingest(self.repository)

    @cached_property
    def system(self) -> SystemModel:
        return self.stages.model(self.bundle.what).what

    @cached_property
    def grounds(self) -> Mapping[str, ProjectBaseline]:
        """By root: an environment for each project, without its suite."""
        found = (project for project in self.bundle.what.projects if project.language in LANGUAGES)
        return {project.root: self._ground(project.root) for project in found}

    def _ground(self, root: str) -> ProjectBaseline:
        project = next(one for one in self.bundle.what.projects if one.root == root)
        suite = Suite(project=root, command=())
        try:
            return ProjectBaseline(
                setting=self.stages.setting(self.bundle, project, self.repository.folder), suite=suite
            )
        except QTestError as error:
            return ProjectBaseline(setting=None, suite=suite, problem=str(error))

    def text(self, module: Module) -> str:
        file = self.bundle.what.file(module.path)
        return decoded(self.stages.house.store.get(file.sha256)) if file else ""

    def setting(self, module: Module) -> Setting | None:
        ground = self.grounds.get(module.project)
        return ground.setting if ground else None

    def briefs(self, targets: Sequence[str]) -> Iterator[Brief]:
        """Of the modules of these functions, in their order; with mutants of them, so that the search looks at what they do."""
        baseline = Baseline(projects=tuple(self.grounds.values()))
        plan = self._plan(baseline, {name.partition(":")[0] for name in targets})
        wanted = tuple(target for target in plan.targets if target.symbol in targets)
        found = self.stages.briefs(self.bundle.what, self.system, baseline, TestPlan(targets=wanted))
        for brief in found:
            yield brief.model_copy(update={"mutants": tuple(self._mutants(brief, set(targets)))})

    def _plan(self, baseline: Baseline, modules: set[str]) -> TestPlan:
        """What a run would call of them: nothing that is dangerous, nothing private that others reach."""
        paths = tuple(module.path for module in self.system.modules if module.name in modules)
        settings = self.stages.config.plan
        if not paths:
            return TestPlan(targets=())
        try:
            return select(self.system, baseline, Budget(), paths, settings)
        except UsageError:  # a pattern of today names nothing in another revision
            return select(self.system, baseline, Budget(), paths, settings.general())

    def _mutants(self, brief: Brief, wanted: set[str]) -> Iterator[Mutant]:
        arid = self.stages.config.mutate.arid
        made = LANGUAGES["python"].mutate(brief.source, brief.module.path, brief.module.name, arid)
        return (one for one in made if one.symbol in wanted and not one.control)


@dataclass
class DiffRun:
    """`budget` is for searching, by `hands` workers side by side; `say` hears how far it is."""

    house: House
    config: Config
    budget: Budget
    hands: int
    say: Callable[[str], None]

    def side(self, repository: Repository) -> Side:
        return Side(Stages(self.house, self.config, Memory(NoLedger(), self.house.store, "", lambda: 0)), repository)

    def report(self, old: Side, new: Side, target: str) -> BehaviourReport:
        started = time.monotonic()
        self.say("reading both revisions")
        found = affected(Revision(old.system, old.text), Revision(new.system, new.text))
        report = BehaviourReport(
            qtest=__version__,
            target=target,
            old=old.repository.revision,
            new=new.repository.revision,
            seed=self.config.seed,
            touched=found.touched,
            reaching=found.reaching,
            symbols=tuple(symbol_changes(found, old.system, new.system)),
            problems=tuple(_problems(old, new)),
            unsafe=self.config.unsafe_no_sandbox,
        )
        if found.replayed:
            report = self._answered(report, found, old, new)
        return report.model_copy(update={"wall_s": time.monotonic() - started})

    def _answered(self, report: BehaviourReport, found: Affected, old: Side, new: Side) -> BehaviourReport:
        targets = found.replayed[:MOST]
        self.say("preparing environments")
        unready = [
            Omission(path=root or report.target, reason=ground.problem)
            for side in (old, new)
            for root, ground in side.grounds.items()
            if ground.problem
        ]
        self.say(f"looking for calls of {len(targets)} functions")
        sides: tuple[tuple[Which, Side], ...] = (("old", old), ("new", new))
        briefs = [(name, side, brief) for name, side in sides for brief in side.briefs(targets)]
        asked = {target.symbol for _, _, brief in briefs for target in brief.targets}
        seen, lost = self._observed(briefs)
        self.say(f"running {sum(len(one.seen) for one in seen)} calls on the other revision")
        again, gone = self._replayed(seen, old, new)
        answer = compared(seen, again, resigned(found, old.system, new.system))
        unplayed = [Omission(path=f"{one.module} ({one.side})", reason=one.problem) for one in seen if one.problem]
        unplayed += [
            Omission(path=f"{one.module} ({_OTHER[one.side]})", reason=one.problem) for one in again if one.problem
        ]
        return report.model_copy(
            update={
                "symbols": tuple(_with_calls(one, answer) for one in report.symbols),
                "changes": tuple(answer.changes),
                "unasked": tuple(name for name in found.replayed if name not in asked),
                "calls": answer.calls,
                "unstable": answer.unstable,
                "unclear": answer.unclear,
                "problems": tuple(dict.fromkeys((*report.problems, *unready, *lost, *gone, *unplayed))),
                "cpu_s": sum(one.cpu_s for one in seen),
            }
        )

    def _observed(self, briefs: Sequence[tuple[Which, Side, Brief]]) -> tuple[list[Observed], list[Omission]]:
        """On both revisions: a way that only one of them has is found there only."""
        share = shared(self.budget, len(briefs), self.hands)
        orders = [
            ObserveOrder(
                setting=setting,
                brief=brief.model_copy(update={"share": share}),
                settings=self.config.search,
                targets=tuple(target.symbol for target in brief.targets),
                side=name,
            )
            for name, side, brief in briefs
            if (setting := side.setting(brief.module))
        ]
        return _parted(self.house.executor.map(observed, orders))

    def _replayed(self, seen: Sequence[Observed], old: Side, new: Side) -> tuple[list[Replays], list[Omission]]:
        other = {"old": new, "new": old}
        orders = [
            ReplayOrder(
                setting=setting,
                load=ModuleLoad(module=module.name, path=module.path),
                candidates=tuple(item.candidate for item in one.seen),
                side=one.side,
            )
            for one in seen
            if one.seen
            and (module := other[one.side].system.module(one.module))
            and (setting := other[one.side].setting(module))
        ]
        return _parted(self.house.executor.map(replayed, orders))


def shared(budget: Budget, modules: int, hands: int) -> Budget:
    """The part of each of several modules, that `hands` work on side by side."""
    if budget.evaluations is not None:
        return Budget(evaluations=budget.evaluations // max(1, modules))
    if budget.wall_s is None or not modules:
        return budget
    return Budget(wall_s=max(LEAST_S, budget.wall_s * min(hands, modules) / modules))


def _parted(results: Iterable[Kind | Failure]) -> tuple[list[Kind], list[Omission]]:
    found: list[Kind] = []
    lost: list[Omission] = []
    for one in results:
        if isinstance(one, Failure):
            lost.append(Omission(path=one.target, reason=one.reason))
        else:
            found.append(one)
    return found, lost


def _with_calls(change: SymbolChange, answer: Answer) -> SymbolChange:
    tried, refused = answer.tried.get(change.symbol, 0), answer.refused.get(change.symbol, 0)
    return change.model_copy(update={"tried": tried, "refused": refused})


def _problems(*sides: Side) -> Iterator[Omission]:
    for side in sides:
        yield from (Omission(path=one.path, reason=one.reason) for one in side.system.problems)

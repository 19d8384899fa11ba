"""One run of `qtest pr-check`: what a change does, what its tests notice of it, and tests for what they do not."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from qtest.adapters.inline import in_order
from qtest.config import Config
from qtest.desk import Desk
from qtest.differing import DiffRun, Side, shared
from qtest.memory import Memory
from qtest.mutating import MutateRun
from qtest.plan.select import select
from qtest.ports import Ledger
from qtest.records.baseline import Baseline, ProjectBaseline
from qtest.records.behaviour import BehaviourReport
from qtest.records.check import CheckReport
from qtest.records.judging import Judging
from qtest.records.mutation import JudgedModule, MutationReport
from qtest.records.outcome import ModuleOutcome
from qtest.records.plan import Brief, Budget, TestPlan
from qtest.records.source import Repository
from qtest.stages import Stages
from qtest.wiring import House, now_ms
from qtest.workshop import Judged

DIFFERING = 0.4  # of the time for searching; the rest is for tests


@dataclass
class Check:
    """`budget` is for searching, by `hands` workers side by side; `listen` hears how the judging goes, `say` the rest."""

    house: House
    ledger: Ledger
    config: Config
    run: str
    hands: int
    budget: Budget
    listen: Callable[[Judging], None]
    say: Callable[[str], None]

    def report(self, old: Repository, new: Repository, spec: str) -> CheckReport:
        started = time.monotonic()
        differing = DiffRun(self.house, _alone(self.config), part(self.budget, DIFFERING), self.hands, self.say)
        here, there = differing.side(old), differing.side(new)
        behaviour = differing.report(here, there, self.config.mutate.since)
        judging = MutateRun(self.house, self.ledger, self.config, self.run, self.hands, self.listen, started)
        mutation = judging.report(spec)
        proposed = tuple(self._proposed(there, mutation, behaviour)) if mutation.alive and not mutation.red else ()
        cpu_s = behaviour.cpu_s + mutation.cpu_s + sum(_cpu_s(module) for module in proposed)
        return CheckReport(
            since=self.config.mutate.since,
            behaviour=behaviour,
            mutation=mutation,
            proposed=proposed,
            wall_s=time.monotonic() - started,
            cpu_s=cpu_s,
        )

    def _proposed(self, new: Side, mutation: MutationReport, change: BehaviourReport) -> Iterator[ModuleOutcome]:
        """Tests of the affected functions, for the mutants on changed lines that live and that nobody has accepted."""
        living = {verdict.id for verdict in mutation.alive}
        judged = {
            module.module: _left(module, mutation)
            for module in mutation.modules
            if living & {v.id for v in module.verdicts}
        }
        memory = Memory(self.ledger, self.house.store, self.run, now_ms, self.config.where.fresh)
        stages = Stages(self.house, self.config, memory)
        grounds = {
            project.root: stages.ground(new.bundle, project, new.repository.folder).what
            for project in new.bundle.what.projects
            if project.root in new.grounds
        }
        baseline = Baseline(projects=tuple(grounds.values()))
        plan = self._plan(new, baseline, tuple(judged), change)
        briefs = list(stages.briefs(new.bundle.what, new.system, baseline, plan))
        self.say(f"looking for tests of {len(plan.targets)} functions in {len(briefs)} modules")
        share = shared(part(self.budget, 1 - DIFFERING), len(briefs), self.hands)

        def written(brief: Brief) -> ModuleOutcome:
            return self._written(brief, grounds[brief.project], judged[brief.module.name], share)

        return in_order(written, briefs, self.hands)

    def _written(self, brief: Brief, ground: ProjectBaseline, judged: Judged, share: Budget) -> ModuleOutcome:
        desk = Desk(self.house.executor, self.house.formatter, self.config, ground, {brief.module.name: judged})
        return desk.close(brief, desk.write(brief, lambda _: share))

    def _plan(self, new: Side, baseline: Baseline, modules: Sequence[str], change: BehaviourReport) -> TestPlan:
        """What a run would test of these modules, as far as it is affected."""
        paths = tuple(module.path for module in new.system.modules if module.name in modules)
        whole = select(new.system, baseline, self.budget, paths, self.config.plan)
        wanted = {*change.touched, *change.reaching, *(one.symbol for one in change.symbols if one.how == "added")}
        return whole.model_copy(
            update={"targets": tuple(target for target in whole.targets if target.symbol in wanted)}
        )


def part(budget: Budget, share: float) -> Budget:
    return Budget(
        wall_s=None if budget.wall_s is None else share * budget.wall_s,
        evaluations=None if budget.evaluations is None else int(share * budget.evaluations),
    )


def _alone(config: Config) -> Config:
    """The suite has no part in what the code does."""
    return config.model_copy(update={"target": config.target.model_copy(update={"standalone": True})})


def _left(module: JudgedModule, report: MutationReport) -> Judged:
    """Without what people have accepted."""
    kept = {verdict.id for verdict in report.unaccepted}
    verdicts = tuple(verdict for verdict in module.verdicts if verdict.id in kept)
    return Judged(verdicts, module.controls, module.same_code)


def _cpu_s(module: ModuleOutcome) -> float:
    return module.effort.cpu_s + sum(verdict.cpu_s for verdict in module.after)

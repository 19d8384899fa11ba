"""Re-judges recorded verdicts the slow honest way."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from qtest.config import Config, recalled
from qtest.errors import QTestError, UsageError
from qtest.languages.python.source import decoded, encoded
from qtest.measure.cold import ColdOrder, ColdRun, cold
from qtest.memory import Memory, NoLedger
from qtest.model.projects import project_of
from qtest.mutating import judged_by
from qtest.mutation.audit import Audited, audited, confirmed
from qtest.mutation.diff import applied
from qtest.records.baseline import Setting, SuiteRun
from qtest.records.mutant import Verdict
from qtest.records.mutation import MutationReport
from qtest.records.outcome import Failure
from qtest.records.source import Project, RawSourceBundle, Repository
from qtest.stages import Made, Stages
from qtest.wiring import House

FACTOR, LEAST_S = 10.0, 30.0  # how much longer than the original a mutant may run, and at least


@dataclass
class Audit:
    """Of one report. `listen` hears one line at a time."""

    house: House
    report: MutationReport
    listen: Callable[[str], None]
    _grounds: dict[str, "_Ground"] = field(default_factory=dict)

    def run(self, verdicts: Sequence[Verdict]) -> tuple[Audited, ...]:
        """In the order given; each disagreement was seen twice. Raises QTestError."""
        stages, bundle, repository = self._source()
        tests = recalled(self.report.settings).mutate.tests
        judging = {project.root: project for project in judged_by(tests, bundle.what)}
        owners = {verdict.id: judging[_owner(verdict, bundle.what).root] for verdict in verdicts}
        for project in owners.values():
            if project.root not in self._grounds:
                self.listen(f"running the tests of {project.name} as they are")
                self._grounds[project.root] = self._ground(stages.setting(bundle, project, repository.folder))
        orders = {
            verdict.id: self._order(verdict, self._grounds[owners[verdict.id].root], bundle.what)
            for verdict in verdicts
        }
        by_id = {verdict.id: verdict for verdict in verdicts}
        original = {name: self._grounds[project.root].original for name, project in owners.items()}
        first = {one.verdict.id: one for one in self._runs(orders, by_id, original)}
        doubted = {name: orders[name] for name, one in first.items() if one.disagrees}
        for again in self._runs(doubted, by_id, original):
            first[again.verdict.id] = confirmed(first[again.verdict.id], again)
        return tuple(first[verdict.id] for verdict in verdicts)

    def _source(self) -> tuple[Stages, Made[RawSourceBundle], Repository]:
        """The same files in the same environment; files that have changed since are refused."""
        config = recalled(self.report.settings)
        stages = Stages(self.house, config, Memory(NoLedger(), self.house.store, "", lambda: 0))
        repository = self.house.fetcher.fetch(_again(self.report, config))
        bundle = stages.ingest(repository)
        if bundle.what.content != self.report.content:
            raise UsageError(f"{self.report.target}: has changed since this report was made; run `qtest mutate` again")
        return stages, bundle, repository

    def _ground(self, setting: Setting) -> "_Ground":
        (done,) = self.house.executor.map(cold, (ColdOrder(setting=setting),))
        if isinstance(done, Failure):
            raise QTestError(done.reason)
        if not done.run.complete or not done.run.tests:
            raise QTestError(f"{setting.project.name}: its suite cannot be run cold ({done.run.problem or 'no tests'})")
        return _Ground(setting, done.run)

    def _order(self, verdict: Verdict, ground: "_Ground", bundle: RawSourceBundle) -> ColdOrder:
        file = bundle.file(verdict.mutant.path)
        if file is None:
            raise UsageError(f"{verdict.mutant.path}: is not in {self.report.target}; the report is of other files")
        data = self.house.store.get(file.sha256)
        text = self.house.store.put(encoded(applied(decoded(data), verdict.mutant), data))
        wall_s = max(LEAST_S, FACTOR * ground.original.wall_s)
        return ColdOrder(setting=ground.setting, name=verdict.id, path=file.path, text=text, wall_s=wall_s)

    def _runs(
        self, orders: Mapping[str, ColdOrder], verdicts: Mapping[str, Verdict], original: Mapping[str, SuiteRun]
    ) -> Iterator[Audited]:
        """What the machinery could not run is unclear."""
        missing = {name: verdicts[name] for name in orders}
        problem = ""
        for seen, done in enumerate(self.house.executor.map(cold, tuple(orders.values())), 1):
            if isinstance(done, ColdRun):
                verdict = missing.pop(done.name)
                yield audited(verdict, original[done.name], done.run)
            else:
                problem = done.reason
            self.listen(f"{seen} of {len(orders)} mutants run cold")
        for verdict in missing.values():
            yield Audited(verdict, "unclear", problem or "it was not run")


@dataclass(frozen=True)
class _Ground:
    setting: Setting
    original: SuiteRun


def _owner(verdict: Verdict, bundle: RawSourceBundle) -> Project:
    owner = project_of(verdict.mutant.path, bundle.projects)
    if owner is None:
        raise UsageError(f"{verdict.mutant.path}: belongs to no project of this repository")
    return owner


def _again(report: MutationReport, config: Config) -> str:
    """The very revision: a branch may have moved since."""
    revision = report.revision
    if revision.kind == "git":
        return f"{revision.name}@{revision.sha256}"
    return f"pypi:{revision.name}" if revision.kind == "pypi" else revision.name

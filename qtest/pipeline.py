"""The order of stages, written once: on one machine they are functions, on a cluster calls to actors."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from qtest.plan.unwritten import with_unwritten
from qtest.records.baseline import Baseline
from qtest.records.outcome import Draft, ModuleOutcome
from qtest.records.plan import Brief, TestPlan
from qtest.records.source import RawSourceBundle, Repository
from qtest.records.system import SystemModel


@dataclass(frozen=True)
class Line:
    """One callable for each stage. `write` and `assemble` are streams: what comes first may leave first."""

    ingest: Callable[[Repository], RawSourceBundle]
    model: Callable[[RawSourceBundle], SystemModel]
    measure: Callable[[RawSourceBundle, SystemModel], Baseline]
    plan: Callable[[SystemModel, Baseline], TestPlan]
    brief: Callable[[SystemModel, Baseline, TestPlan], Iterable[Brief]]
    write: Callable[[Iterable[Brief]], Iterator[Draft]]
    assemble: Callable[[Iterable[Draft]], Iterator[ModuleOutcome]]


def run(line: Line, repository: Repository) -> Iterator[ModuleOutcome]:
    """Modules as they close, in plan order when one process does the work, so that what has been yielded is always valid."""
    bundle = line.ingest(repository)
    system = line.model(bundle)
    baseline = line.measure(bundle, system)
    plan = line.plan(system, baseline)
    briefs = line.brief(system, baseline, plan)
    drafts = line.write(briefs)
    yield from with_unwritten(plan, system, line.assemble(drafts))

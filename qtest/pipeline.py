"""The order of stages, written once: on one machine they are functions, on a cluster calls to actors."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from qtest.records.outcome import ModuleOutcome
from qtest.records.source import Repository

Bundle = TypeVar("Bundle")
System = TypeVar("System")
Ground = TypeVar("Ground")
Plan = TypeVar("Plan")
Work = TypeVar("Work")
Written = TypeVar("Written")


@dataclass(frozen=True)
class Line(Generic[Bundle, System, Ground, Plan, Work, Written]):
    """One callable for each stage. `write` and `assemble` are streams: what comes first may leave first.

    What flows is for the stages to know: records in one process, their digests between many.
    """

    ingest: Callable[[Repository], Bundle]
    model: Callable[[Bundle], System]
    measure: Callable[[Bundle, System], Ground]
    plan: Callable[[System, Ground], Plan]
    brief: Callable[[System, Ground, Plan], Iterable[Work]]
    write: Callable[[Iterable[Work]], Iterable[Written]]
    assemble: Callable[[Iterable[Written]], Iterator[ModuleOutcome]]


def run(line: Line[Bundle, System, Ground, Plan, Work, Written], repository: Repository) -> Iterator[ModuleOutcome]:
    """Modules as they close, in plan order, so that what has been yielded is always valid."""
    bundle = line.ingest(repository)
    system = line.model(bundle)
    ground = line.measure(bundle, system)
    plan = line.plan(system, ground)
    work = line.brief(system, ground, plan)
    written = line.write(work)
    yield from line.assemble(written)

"""How targets end whose level no generator speaks: as rejections beside what became of their module's code."""

from collections.abc import Iterable, Iterator

from qtest.records.outcome import ModuleOutcome, Rejection
from qtest.records.plan import Target, TestPlan
from qtest.records.system import Module, SystemModel

_SAID = {"api": "no generator writes API tests yet", "e2e": "no generator writes end-to-end tests yet"}


def unwritten(plan: TestPlan, system: SystemModel) -> tuple[ModuleOutcome, ...]:
    """For each module that has such targets, an outcome with their rejections alone, in plan order."""
    waiting: dict[str, list[Rejection]] = {}
    for target in plan.targets:
        if not target.written:
            waiting.setdefault(target.module, []).append(_rejection(target))
    return tuple(_outcome(system.module(name), name, rejections) for name, rejections in waiting.items())


def joined(closed: Iterable[ModuleOutcome], rejected: Iterable[ModuleOutcome]) -> Iterator[ModuleOutcome]:
    """Each outcome as it closes, with its module's rejections last; then modules that have nothing else."""
    waiting = {outcome.module: outcome for outcome in rejected}
    for outcome in closed:
        more = waiting.pop(outcome.module, None)
        yield outcome.model_copy(update={"outcomes": (*outcome.outcomes, *more.outcomes)}) if more else outcome
    yield from waiting.values()


def _outcome(module: Module | None, name: str, rejections: Iterable[Rejection]) -> ModuleOutcome:
    return ModuleOutcome(
        module=name,
        path=module.path if module else "",
        project=module.project if module else "",
        source="",
        outcomes=tuple(rejections),
    )


def _rejection(target: Target) -> Rejection:
    return Rejection(
        target=f"{target.symbol} ({target.name})" if target.name else target.symbol,
        stage="plan",
        reason=_SAID[target.level],
    )

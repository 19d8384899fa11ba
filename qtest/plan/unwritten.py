"""How targets end whose level no generator speaks: as rejections beside what became of their module's code."""

from collections.abc import Iterable, Iterator

from qtest.records.outcome import ModuleOutcome, Rejection
from qtest.records.plan import Target, TestPlan
from qtest.records.system import SystemModel

_SAID = {"api": "no generator writes API tests yet", "e2e": "no generator writes end-to-end tests yet"}


def with_unwritten(plan: TestPlan, system: SystemModel, closed: Iterable[ModuleOutcome]) -> Iterator[ModuleOutcome]:
    """Each outcome as it closes, with its module's rejections last; then modules that have nothing else, in plan order."""
    waiting: dict[str, list[Rejection]] = {}
    for target in plan.targets:
        if not target.written:
            waiting.setdefault(target.module, []).append(_rejection(target))
    for outcome in closed:
        rejections = waiting.pop(outcome.module, ())
        yield outcome.model_copy(update={"outcomes": (*outcome.outcomes, *rejections)}) if rejections else outcome
    for name, rejections in waiting.items():
        module = system.module(name)
        yield ModuleOutcome(
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

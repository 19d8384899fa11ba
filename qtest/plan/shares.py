"""Each module's part of the budget."""

import math
from collections.abc import Mapping, Sequence

from qtest.records.plan import Budget, TestPlan
from qtest.records.system import SystemModel

_FLOOR = 0.25  # of an equal share: even the smallest module gets a real try


def shares_of(plan: TestPlan, system: SystemModel) -> dict[str, Budget]:
    """By module that has a written target, in plan order. Evaluations add up exactly; seconds to within rounding."""
    weights = _weights(plan, system)
    names = list(weights)
    parts = _parts(list(weights.values()))
    seconds = [None if plan.budget.wall_s is None else plan.budget.wall_s * part for part in parts]
    counts: Sequence[int | None] = [None] * len(names)
    if plan.budget.evaluations is not None:
        counts = whole(plan.budget.evaluations, parts)
    return {
        name: Budget(wall_s=wall, evaluations=count) for name, wall, count in zip(names, seconds, counts, strict=True)
    }


def _weights(plan: TestPlan, system: SystemModel) -> Mapping[str, float]:
    """Decisions and length of the code that will be tested, a little more where it is risky."""
    sizes = {
        symbol.id: symbol.complexity + (symbol.end_line - symbol.line + 1) / 8
        for module in system.modules
        for symbol in module.symbols
    }
    weights: dict[str, float] = {}
    for target in plan.targets:
        if not target.written:
            continue
        weight = sizes.get(target.symbol, 1.0) + target.risk.score / 8
        weights[target.module] = weights.get(target.module, 0.0) + weight
    return weights


def _parts(weights: Sequence[float]) -> list[float]:
    """Fractions of one, none below the floor. The square root keeps one giant from starving the others."""
    if not weights:
        return []
    roots = [math.sqrt(weight) for weight in weights]
    even, total = 1 / len(weights), sum(roots)
    return [_FLOOR * even + (1 - _FLOOR) * (root / total if total else even) for root in roots]


def whole(total: int, parts: Sequence[float]) -> list[int]:
    """Integers in these proportions that add up to the total: largest remainders first, earlier ones at a tie."""
    exact = [total * part for part in parts]
    counts = [math.floor(value) for value in exact]
    order = sorted(range(len(parts)), key=lambda index: (counts[index] - exact[index], index))
    for index in order[: total - sum(counts)]:
        counts[index] += 1
    return counts

"""The questions that `qtest mutate` ends with: for each mutant that lives, a call that shows it, or that none was found."""

from collections.abc import Iterator, Sequence

from qtest.config import SearchSettings
from qtest.generate.search.differences import DifferenceOrder, differences
from qtest.ports import Executor
from qtest.records.baseline import Baseline, Setting
from qtest.records.difference import Differences
from qtest.records.mutant import Mutant, NoCoverage, Survived
from qtest.records.mutation import JudgedModule
from qtest.records.outcome import Failure
from qtest.records.plan import Brief, Budget

LEAST_S = 2.0  # of search for one module: a shorter one finds little


def asked(
    briefs: Iterator[Brief],
    modules: Sequence[JudgedModule],
    baseline: Baseline,
    executor: Executor,
    settings: SearchSettings,
    budget_s: float,
    hands: int,
) -> tuple[Differences, ...]:
    """Of every module with mutants that live, side by side on `hands` workers, in about `budget_s` seconds of wall."""
    alive = {module.module: tuple(_alive(module)) for module in modules}
    wanted = [brief for brief in briefs if alive.get(brief.module.name)]
    if not wanted or budget_s <= 0:
        return ()
    share = Budget(wall_s=max(LEAST_S, budget_s * hands / len(wanted)))
    orders = [
        DifferenceOrder(
            setting=_setting(baseline, brief),
            brief=brief.model_copy(update={"mutants": alive[brief.module.name], "share": share}),
            settings=settings,
        )
        for brief in wanted
    ]
    found = [done for done in executor.map(differences, orders) if not isinstance(done, Failure)]
    return tuple(sorted(found, key=lambda item: item.module))


def _alive(module: JudgedModule) -> Iterator[Mutant]:
    return (item.mutant for item in module.verdicts if isinstance(item.result, Survived | NoCoverage))


def _setting(baseline: Baseline, brief: Brief) -> Setting:
    ground = baseline.of(brief.project)
    assert ground is not None, "a brief is of a project that was measured"
    assert ground.setting is not None, "a brief is of a project that has an environment"
    return ground.setting

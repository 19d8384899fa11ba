"""The questions that `qtest mutate` ends with: for each mutant that lives, a call that shows it, or that none was found."""

from collections.abc import Iterable, Mapping, Sequence

from qtest.config import SearchSettings
from qtest.generate.search.differences import DifferenceOrder, differences
from qtest.ports import Executor
from qtest.records.baseline import Baseline, Setting
from qtest.records.difference import Differences
from qtest.records.mutant import Mutant
from qtest.records.outcome import Failure
from qtest.records.plan import Brief, Budget

LEAST_S = 2.0  # of search for one module: a shorter one finds little


def asked(
    briefs: Iterable[Brief],
    alive: Mapping[str, Sequence[Mutant]],
    baseline: Baseline,
    executor: Executor,
    settings: SearchSettings,
    budget_s: float,
    hands: int,
) -> Mapping[str, Differences]:
    """By module. `alive` by module too; all of them are searched side by side on `hands` workers, in about `budget_s` seconds of wall."""
    wanted = [brief for brief in briefs if alive.get(brief.module.name)]
    share = Budget(wall_s=max(LEAST_S, budget_s * hands / max(1, len(wanted))))
    orders = [
        DifferenceOrder(
            setting=_setting(baseline, brief),
            brief=brief.model_copy(update={"mutants": tuple(alive[brief.module.name]), "share": share}),
            settings=settings,
        )
        for brief in wanted
    ]
    found = (done for done in executor.map(differences, orders) if not isinstance(done, Failure))
    return {item.module: item for item in found}


def _setting(baseline: Baseline, brief: Brief) -> Setting:
    ground = baseline.of(brief.project)
    assert ground is not None, "a brief is of a project that was measured"
    assert ground.setting is not None, "a brief is of a project that has an environment"
    return ground.setting

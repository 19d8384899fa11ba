"""The same verdicts from one process and from a cluster's workers."""

import time
from contextlib import closing
from pathlib import Path

import pytest

from actors.client import house_on
from qtest.config import Config, MutateSettings, TargetSettings, WhereSettings
from qtest.mutating import MutateRun
from qtest.records.mutant import Killed
from qtest.records.mutation import MutationReport
from qtest.records.run import VerdictRow
from qtest.wiring import home, open_house

SAMPLE = Path(__file__).parents[1] / "samples" / "prices"
pytestmark = [pytest.mark.ray, pytest.mark.sandbox]


def told(report: MutationReport) -> list[tuple[str, str, tuple[str, ...]]]:
    return sorted(
        (item.mutant.id, item.result.status, item.result.by if isinstance(item.result, Killed) else ())
        for item in report.verdicts
    )


def test_a_cluster_gives_the_verdicts_of_one_process(own_ledger: None, tmp_path: Path) -> None:
    config = Config(
        target=TargetSettings(repository=str(SAMPLE)),
        where=WhereSettings(store=str(tmp_path / "ledger"), fresh=True),
        mutate=MutateSettings(ask_s=0),
    )
    with house_on("", config) as (house, ledger, hands):
        far = MutateRun(house, ledger, config, "far", hands, lambda _: None, time.monotonic()).report(str(SAMPLE))
        assert len(ledger.rows(VerdictRow, run="far")) == len(far.verdicts)
    kept = home(str(tmp_path / "near"))
    with closing(kept.ledger()) as ledger, open_house(store=kept.artefacts()) as house:
        near = MutateRun(house, ledger, config, "near", 1, lambda _: None, time.monotonic()).report(str(SAMPLE))
    assert far.verdicts
    assert not far.red
    assert told(far) == told(near)

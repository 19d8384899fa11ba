"""How the seconds of a run are shared out."""

from typing import Any

import pytest

from qtest.meter import FIRST_SHARE, LEAST_S, Meter
from qtest.records.outcome import Draft, Effort, ModuleOutcome
from qtest.records.plan import Brief, Budget
from qtest.records.system import Module


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def brief(name: str, share: float | None) -> Brief:
    module = Module.model_construct(name=name, path=f"{name}.py", project="", sha256="")
    return Brief.model_construct(module=module, share=Budget(wall_s=share), source="", project="", targets=())


def started(budget_s: float | None, total: int, writers: int = 1) -> tuple[Meter, Clock]:
    clock = Clock()
    meter = Meter(clock, lambda _: None, Budget(wall_s=budget_s), writers)
    meter.total = total
    meter.ready()
    return meter, clock


def drafted(meter: Meter, name: str, share: float, searched: float, took: float) -> None:
    draft = Draft(module=name, path="", project="", effort=Effort(wall_s=searched))
    meter.drafted(brief(name, share), draft, took)


def closed(meter: Meter, took: float) -> None:
    outcome: dict[str, Any] = {"module": "", "path": "", "project": "", "source": ""}
    meter.closed(ModuleOutcome(**outcome), took)


def test_the_first_module_searches_a_part_of_its_share() -> None:
    meter, _ = started(100.0, 2)
    assert meter.allot(brief("a", 50.0)).wall_s == pytest.approx(50.0 * FIRST_SHARE)


def test_two_writers_give_each_module_twice_the_time_but_never_more_than_is_left() -> None:
    meter, _ = started(100.0, 4, writers=2)
    assert meter.allot(brief("a", 25.0)).wall_s == pytest.approx(50.0 * FIRST_SHARE)
    alone, _ = started(100.0, 1, writers=2)
    assert alone.allot(brief("a", 100.0)).wall_s == pytest.approx(100.0 * FIRST_SHARE)


def test_the_last_module_gets_what_the_others_left() -> None:
    meter, clock = started(100.0, 2)
    meter.allot(brief("a", 50.0))
    clock.now = 10.0
    drafted(meter, "a", 50.0, searched=4.0, took=8.0)
    closed(meter, 2.0)
    assert meter.allot(brief("b", 50.0)).wall_s == pytest.approx(90.0 * 0.4)


def test_a_module_that_never_asked_leaves_its_share_to_the_others() -> None:
    meter, _ = started(100.0, 2)
    drafted(meter, "a", 50.0, searched=0.0, took=0.0)
    assert meter.allot(brief("b", 50.0)).wall_s == pytest.approx(100.0 * FIRST_SHARE)


def test_a_module_that_could_not_be_proven_in_time_gets_no_turn_and_the_run_says_so() -> None:
    meter, clock = started(30.0, 2)
    meter.allot(brief("a", 15.0))
    clock.now = 20.0
    drafted(meter, "a", 15.0, searched=5.0, took=15.0)
    closed(meter, 5.0)
    assert not meter.cut
    assert meter.allot(brief("b", 15.0)).wall_s == 0.0
    assert meter.cut


def test_however_small_its_share_a_module_gets_a_real_try() -> None:
    meter, _ = started(100.0, 50)
    assert meter.allot(brief("a", 0.5)).wall_s == LEAST_S


def test_a_count_of_evaluations_is_handed_on_as_planned() -> None:
    meter, _ = started(None, 2)
    assert meter.allot(brief("a", None)) == Budget(wall_s=None)

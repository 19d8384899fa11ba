"""How the seconds of a run are shared out."""

from typing import Any

import pytest

from qtest.languages.python.mutate import mutate
from qtest.meter import IMPORTED_S, LEAST_S, MODULE_S, SEARCH, SWAPPED_S, Meter
from qtest.records.outcome import Draft, Effort, ModuleOutcome
from qtest.records.plan import Brief, Budget
from qtest.records.system import Module


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


CHANGE = next(mutant for mutant in mutate("def f():\n    return 1\n", "m.py", "m") if not mutant.control)


def brief(name: str, share: float | None, mutants: int = 0, imported: int = 0) -> Brief:
    module = Module.model_construct(name=name, path=f"{name}.py", project="", sha256="")
    called, at_import = (CHANGE.model_copy(update={"runs_at": when}) for when in ("call", "import"))
    made = [called] * mutants + [at_import] * imported
    return Brief.model_construct(
        module=module, share=Budget(wall_s=share), source="", project="", targets=(), mutants=tuple(made)
    )


def started(budget_s: float | None, total: int, writers: int = 1) -> tuple[Meter, Clock]:
    clock = Clock()
    meter = Meter(clock, lambda _: None, Budget(wall_s=budget_s), writers)
    meter.total = total
    meter.ready()
    return meter, clock


def drafted(meter: Meter, name: str, share: float, searched: float, took: float) -> None:
    draft = Draft(module=name, path="", project="", effort=Effort(wall_s=searched))
    meter.drafted(brief(name, share), draft, took)


def closed(meter: Meter, name: str, took: float) -> None:
    outcome: dict[str, Any] = {"module": name, "path": "", "project": "", "source": ""}
    meter.closed(ModuleOutcome(**outcome), took)


def test_a_search_leaves_the_time_that_proving_takes() -> None:
    meter, _ = started(40.0, 2)
    expected = MODULE_S + 200 * SWAPPED_S + 10 * IMPORTED_S
    assert meter.allot(brief("a", 20.0, mutants=200, imported=10)).wall_s == pytest.approx(20.0 - expected)


def test_a_search_has_a_part_however_much_there_is_to_prove() -> None:
    meter, _ = started(40.0, 1)
    assert meter.allot(brief("a", 40.0, mutants=10_000)).wall_s == pytest.approx(40.0 * SEARCH[0])


def test_a_search_takes_no_more_than_its_part_however_little_there_is_to_prove() -> None:
    meter, _ = started(1000.0, 2)
    assert meter.allot(brief("a", 500.0)).wall_s == pytest.approx(500.0 * SEARCH[1])


def test_two_writers_give_each_module_twice_the_time_but_never_more_than_is_left() -> None:
    meter, _ = started(1000.0, 4, writers=2)
    assert meter.allot(brief("a", 250.0)).wall_s == pytest.approx(500.0 * SEARCH[1])
    alone, _ = started(1000.0, 1, writers=2)
    assert alone.allot(brief("a", 1000.0)).wall_s == pytest.approx(1000.0 * SEARCH[1])


def test_the_last_module_gets_what_the_others_left() -> None:
    meter, clock = started(1000.0, 2)
    meter.allot(brief("a", 500.0))
    clock.now = 100.0
    drafted(meter, "a", 500.0, searched=50.0, took=60.0)
    closed(meter, "a", 10.0)
    assert meter.allot(brief("b", 500.0)).wall_s == pytest.approx(900.0 * SEARCH[1])


def test_a_module_that_never_asked_leaves_its_share_to_the_others() -> None:
    meter, _ = started(1000.0, 2)
    drafted(meter, "a", 500.0, searched=0.0, took=0.0)
    assert meter.allot(brief("b", 500.0)).wall_s == pytest.approx(1000.0 * SEARCH[1])


def test_what_proving_took_so_far_is_expected_of_the_next() -> None:
    meter, clock = started(100.0, 2)
    meter.allot(brief("a", 50.0))
    clock.now = 20.0
    drafted(meter, "a", 50.0, searched=2.0, took=2.0 + MODULE_S)
    closed(meter, "a", 2 * MODULE_S)
    assert meter.allot(brief("b", 50.0)).wall_s == pytest.approx(min(80.0 * SEARCH[1], 80.0 - 3 * MODULE_S))


def test_a_module_that_could_not_be_proven_in_time_gets_no_turn_and_the_run_says_so() -> None:
    meter, clock = started(30.0, 2)
    meter.allot(brief("a", 15.0))
    clock.now = 27.0
    drafted(meter, "a", 15.0, searched=5.0, took=5.0 + MODULE_S)
    closed(meter, "a", 0.0)
    assert not meter.cut
    assert meter.allot(brief("b", 15.0)).wall_s == 0.0
    assert meter.cut


def test_the_first_module_gets_a_try_however_short_the_budget() -> None:
    meter, _ = started(1.0, 1)
    assert meter.allot(brief("a", 1.0, mutants=1000)).wall_s == LEAST_S


def test_however_small_its_share_a_module_gets_a_real_try() -> None:
    meter, _ = started(100.0, 50)
    assert meter.allot(brief("a", 0.5)).wall_s == LEAST_S


def test_a_count_of_evaluations_is_handed_on_as_planned() -> None:
    meter, _ = started(None, 2)
    assert meter.allot(brief("a", None)) == Budget(wall_s=None)

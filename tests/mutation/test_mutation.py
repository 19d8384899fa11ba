"""Which tests are asked, and what becomes of their answers."""

import difflib
from pathlib import Path

import pytest

from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.adapters.store import FolderStore
from qtest.errors import ControlFailed
from qtest.fakes import FakeSandbox, FakeWorkbench
from qtest.languages.python.mutate import mutate
from qtest.mutation.batches import even
from qtest.mutation.diff import applied, diff
from qtest.mutation.judge import FIRST_LOOK_S, Case, Judgement, judge
from qtest.mutation.plan import orders, reach
from qtest.mutation.sampling import sample
from qtest.mutation.score import score
from qtest.records.baseline import Environment, FileLines, Setting, SuiteRun, TestCoverage
from qtest.records.mutant import Inconclusive, Killed, Mutant, MutantRun, NoCoverage, Survived, TimedOut
from qtest.records.sandbox import Completed
from qtest.records.source import Project
from qtest.records.workbench import JudgeLimits, JudgeOrder

TEXT = "def f(a):\n    b = a + 1\n    return b\n\n\ndef g():\n    return 2\n\n\nK = 3\n"
MUTANTS = mutate(TEXT, "m.py", "m")
PROJECT = Project(root="", language="python", name="m", layout="module", import_roots=("",), packages=("m",))
SETTING = Setting(
    folder="/tree", project=PROJECT, environment=Environment(python="py", version="3.11", origin="", readable=())
)


def test_of(node: str, *lines: int, cpu_s: float = 0.1, spawns: bool = False) -> TestCoverage:
    return TestCoverage(
        node=node, outcome="passed", wall_s=cpu_s, lines=(FileLines(path="m.py", lines=lines),), spawns=spawns
    )


test_of.__test__ = False  # type: ignore[attr-defined]
SLOW = test_of("t::slow", 2, 3, cpu_s=9)
FAST = test_of("t::fast", 2)
RUN = SuiteRun(tests=(SLOW, FAST), complete=True, shared=(FileLines(path="m.py", lines=(1, 6, 10)),))


def at(line: int) -> Mutant:
    return next(mutant for mutant in MUTANTS if mutant.line == line and not mutant.control)


def order_at(line: int, run: SuiteRun = RUN, usable: tuple[str, ...] = ("t::slow", "t::fast")) -> JudgeOrder | None:
    return next(order for _, order in orders([at(line)], reach(run, usable)))


def test_tests_that_execute_the_statement_are_asked_fastest_first() -> None:
    order = order_at(2)
    assert order is not None
    assert (order.tests, order.how, order.matrix) == (("t::fast", "t::slow"), "swap", False)


def test_tests_that_do_not_execute_it_are_not_asked() -> None:
    order = order_at(3)
    assert order is not None
    assert order.tests == ("t::slow",)


def test_an_unusable_test_is_never_asked() -> None:
    order = order_at(2, usable=("t::slow",))
    assert order is not None
    assert order.tests == ("t::slow",)


def test_a_statement_that_nothing_executes_gets_no_order() -> None:
    assert order_at(7) is None


def test_what_runs_at_import_is_imported_anew_for_every_test() -> None:
    order = order_at(10)
    assert order is not None
    assert (set(order.tests), order.how) == ({"t::fast", "t::slow"}, "fresh import")


def test_a_function_that_ran_while_importing_is_imported_anew() -> None:
    run = RUN.model_copy(update={"shared": (FileLines(path="m.py", lines=(2,)),)})
    order = order_at(2, run)
    assert order is not None
    assert order.how == "fresh import"


def test_what_outlives_its_test_is_judged_by_the_whole_suite_in_order() -> None:
    run = RUN.model_copy(update={"lasting": (FileLines(path="m.py", lines=(3,)),)})
    order = order_at(3, run)
    assert order is not None
    assert (order.tests, order.how) == (("t::slow", "t::fast"), "swap")


def test_tests_that_start_processes_are_asked_last_about_everything() -> None:
    run = RUN.model_copy(update={"tests": (test_of("t::child", spawns=True, cpu_s=0.01), SLOW, FAST)})
    everyone = ("t::child", "t::slow", "t::fast")
    reached = order_at(2, run, everyone)
    unreached = order_at(7, run, everyone)
    assert reached is not None and unreached is not None
    assert reached.tests == ("t::fast", "t::slow", "t::child")
    assert unreached.tests == ("t::child",)


# --- judging ------------------------------------------------------------------------------------------------------------


def judged(
    workbench: FakeWorkbench, tmp_path: Path, mutants: tuple[Mutant, ...] = MUTANTS, batch: int = 3
) -> Judgement:
    tools = LocalTools(FakeSandbox(lambda _: Completed(code=0)), workbench, FolderStore(tmp_path))
    case = Case(
        setting=SETTING,
        suite="existing",
        texts={mutant.path: TEXT for mutant in mutants},
        reach=reach(RUN, ("t::slow", "t::fast")),
        limits=JudgeLimits(),
        split=even(batch),
    )
    return judge(case, mutants, InlineExecutor((tools,)))


def killing_controls() -> dict[str, tuple[str, ...]]:
    return {mutant.id: ("t::fast",) for mutant in MUTANTS if mutant.control == "raise"}


def test_every_mutant_has_one_verdict_in_order_and_controls_have_none(tmp_path: Path) -> None:
    found = judged(FakeWorkbench(kills=killing_controls()), tmp_path)
    assert [row.mutant for row in found.verdicts] == [mutant for mutant in MUTANTS if not mutant.control]


def test_a_killed_mutant_names_its_killer_and_the_others_survive(tmp_path: Path) -> None:
    victim = at(2)
    found = judged(FakeWorkbench(kills={**killing_controls(), victim.id: ("t::slow",)}), tmp_path)
    rows = {row.mutant.id: row for row in found.verdicts}
    result = rows[victim.id].result
    assert isinstance(result, Killed)
    assert result.by == ("t::slow",)
    assert isinstance(rows[at(3).id].result, Survived)
    assert isinstance(rows[at(7).id].result, NoCoverage)


def test_batches_are_no_larger_than_asked(tmp_path: Path) -> None:
    workbench = FakeWorkbench(kills=killing_controls())
    judged(workbench, tmp_path, batch=2)
    assert max(workbench.batches) == 2


def test_a_mutant_nobody_answers_for_is_inconclusive(tmp_path: Path) -> None:
    silent: dict[str, MutantRun | None] = {at(2).id: None}
    found = judged(FakeWorkbench(kills=killing_controls(), runs=silent), tmp_path)
    assert isinstance({row.mutant.id: row.result for row in found.verdicts}[at(2).id], Inconclusive)


def test_what_was_lost_with_its_worker_is_run_once_more(tmp_path: Path) -> None:
    lost = MutantRun(mutant=at(2).id, ended="lost", note="the worker is gone")
    workbench = FakeWorkbench(kills=killing_controls(), runs={at(2).id: lost})
    found = judged(workbench, tmp_path)
    assert [order.alone for order in workbench.orders if order.mutant.id == at(2).id] == [False, True]
    assert isinstance({row.mutant.id: row.result for row in found.verdicts}[at(2).id], Inconclusive)


def test_edits_that_are_no_mutants_get_no_verdict_and_are_told(tmp_path: Path) -> None:
    same = MutantRun(mutant=at(2).id, ended="not run", note="same code")
    found = judged(FakeWorkbench(kills=killing_controls(), runs={at(2).id: same}), tmp_path)
    assert found.same_code == (at(2).id,)
    assert at(2).id not in {row.mutant.id for row in found.verdicts}


def test_a_time_limit_confirmed_alone_is_timed_out(tmp_path: Path) -> None:
    hanging = MutantRun(mutant=at(2).id, ended="signal", code=9, limit="cpu", alone=True, planned=("t::fast",))
    found = judged(FakeWorkbench(kills=killing_controls(), runs={at(2).id: hanging}), tmp_path)
    assert isinstance({row.mutant.id: row.result for row in found.verdicts}[at(2).id], TimedOut)


def test_what_blocks_is_looked_at_briefly_and_then_again_with_the_whole_limit(tmp_path: Path) -> None:
    blocked = MutantRun(mutant=at(2).id, ended="signal", code=9, limit="blocked", planned=("t::fast",))
    workbench = FakeWorkbench(kills=killing_controls(), runs={at(2).id: blocked})
    found = judged(workbench, tmp_path)
    again = [order for order in workbench.orders if order.alone]
    assert [order.mutant.id for order in again] == [at(2).id]
    assert {limit.blocked_s for limit in workbench.limits[:-1]} == {FIRST_LOOK_S}
    assert workbench.limits[-1].blocked_s == JudgeLimits().blocked_s
    result = {row.mutant.id: row.result for row in found.verdicts}[at(2).id]
    assert isinstance(result, Inconclusive)  # the fake's answer does not say that it was alone: no timeout is believed


def test_a_dying_no_op_refuses_the_module(tmp_path: Path) -> None:
    no_op = next(mutant for mutant in MUTANTS if mutant.control == "no-op")
    with pytest.raises(ControlFailed, match="m:f"):
        judged(FakeWorkbench(kills={no_op.id: ("t::fast",)}), tmp_path)


def test_a_living_raise_makes_its_function_doubtful(tmp_path: Path) -> None:
    controls = judged(FakeWorkbench(), tmp_path).controls
    assert (controls.raise_dead, controls.raise_total) == (0, 1)
    assert controls.doubtful[0].startswith("m:f: ")


def test_controls_of_functions_that_nothing_runs_are_not_counted(tmp_path: Path) -> None:
    controls = judged(FakeWorkbench(kills=killing_controls()), tmp_path).controls
    assert (controls.no_op_alive, controls.no_op_total, controls.raise_dead, controls.doubtful) == (1, 1, 1, ())


# --- score, sample, diff ------------------------------------------------------------------------------------------------


def test_the_score_leaves_unclear_ends_out_and_widens_to_an_interval(tmp_path: Path) -> None:
    victim = at(2)
    hanging = MutantRun(mutant=at(3).id, ended="signal", code=9, limit="cpu", alone=True)
    workbench = FakeWorkbench(kills={**killing_controls(), victim.id: ("t::fast",)}, runs={at(3).id: hanging})
    found = score(judged(workbench, tmp_path).verdicts)
    total = len([mutant for mutant in MUTANTS if not mutant.control])
    assert (found.killed, found.timed_out, found.counted) == (1, 1, total - 1)
    assert found.value == 1 / (total - 1)
    assert found.interval == (1 / total, 2 / total)


def test_nothing_judged_has_no_score() -> None:
    assert (score(()).value, score(()).interval) == (None, None)


def test_a_sample_is_seeded_keeps_controls_and_leaves_no_function_out() -> None:
    chosen = sample(MUTANTS, 4, "seed")
    assert chosen == sample(MUTANTS, 4, "seed")
    assert [mutant for mutant in chosen if mutant.control] == [mutant for mutant in MUTANTS if mutant.control]
    assert len([mutant for mutant in chosen if not mutant.control]) == 4
    assert list(chosen) == [mutant for mutant in MUTANTS if mutant in chosen]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("tail", ["", "# no line end", "\x0c# form feed\n"])
def test_a_diff_says_what_difflib_says(end: str, tail: str) -> None:
    text = TEXT.replace("\n", end) + tail
    mutants = mutate(text, "m.py", "m")
    assert mutants
    for mutant in mutants:
        old, new = (part.replace(end, "\n").split("\n") for part in (text, applied(text, mutant)))
        expected = [line for line in difflib.unified_diff(old, new, n=0, lineterm="") if line[:3] not in ("---", "+++")]
        shown = diff(text, mutant).split("\n")[2:]
        assert [line for line in shown if line[:1] in "+-"] == [line for line in expected if line[:1] in "+-"]
        line = text.count(end, 0, mutant.start) + 1
        assert shown[0].startswith(f"@@ -{max(1, line - 1)},")

"""How mutants are sent out to be judged, and what is made of what comes back."""

from collections.abc import Iterator, Sequence
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.errors import ControlFailed, WorkerLost
from qtest.fakes import FakeSandbox, FakeWorkbench, MemoryStore
from qtest.languages.python.mutate import mutate
from qtest.mutation.batches import even
from qtest.mutation.diff import diff
from qtest.mutation.judge import (
    FIRST_LOOK_S,
    Case,
    Judgement,
    Ruled,
    controls,
    judge,
    judging_cold,
    ruled,
    verdict,
)
from qtest.mutation.plan import reach
from qtest.records.baseline import Environment, FileLines, Setting, SuiteRun, TestCoverage
from qtest.records.mutant import (
    Controls,
    Failing,
    Inconclusive,
    Killed,
    Mutant,
    MutantRun,
    NoCoverage,
    Survived,
    TimedOut,
)
from qtest.records.sandbox import Completed
from qtest.records.source import Project
from qtest.records.workbench import JudgeLimits, JudgeOrder

TEXT = "def f(a):\n    return a + 1\n\n\ndef unreached():\n    return 2\n\n\ndef h(a):\n    return a - 1\n"
MUTANTS = mutate(TEXT, "m.py", "m")
OTHERS = mutate(TEXT, "n.py", "n")
SLOW, FAST = "t.py::slow", "t.py::fast"
SETTING = Setting(
    folder="/tree",
    project=Project(root="", language="python", name="m", layout="module", import_roots=("",)),
    environment=Environment(python="py", version="3.11", origin="", readable=()),
)
LINES = tuple(FileLines(path=path, lines=(2, 10)) for path in ("m.py", "n.py"))
RUN = SuiteRun(
    tests=(
        TestCoverage(node=SLOW, outcome="passed", wall_s=9, lines=LINES),
        TestCoverage(node=FAST, outcome="passed", lines=LINES),
    ),
    complete=True,
)
CASE = Case(
    setting=SETTING,
    suite="existing",
    texts={"m.py": TEXT, "n.py": TEXT},
    reach=reach(RUN, (SLOW, FAST)),
    limits=JudgeLimits(),
)


def of(mutants: Sequence[Mutant], line: int, control: str = "") -> list[Mutant]:
    return [mutant for mutant in mutants if mutant.line == line and mutant.control == control]


F, F2, *_ = of(MUTANTS, 2)
(H, *_) = of(MUTANTS, 10)
NO_OP, RAISE = (next(mutant for mutant in MUTANTS if mutant.control == kind) for kind in ("no-op", "raise"))


def bench(**more: Any) -> FakeWorkbench:
    """One whose `raise` controls die, as they should."""
    raising = {mutant.id: (FAST,) for mutant in (*MUTANTS, *OTHERS) if mutant.control == "raise"}
    return FakeWorkbench(kills={**raising, **more.pop("kills", {})}, **more)


def executor(workbench: FakeWorkbench) -> InlineExecutor:
    return InlineExecutor((LocalTools(FakeSandbox(lambda _: Completed(code=0)), workbench, MemoryStore()),))


def judged(workbench: FakeWorkbench, case: Case = CASE, mutants: Sequence[Mutant] = MUTANTS) -> Judgement:
    return judge(case, mutants, executor(workbench))


def result_of(mutant: Mutant, found: Judgement) -> object:
    return next(row.result for row in found.verdicts if row.mutant == mutant)


@pytest.mark.parametrize(
    ("record", "name"), [(CASE, "suite"), (Judgement((), Controls(), ()), "verdicts"), (Ruled(F), "run")]
)
def test_what_is_judged_and_how_it_ended_cannot_be_changed(record: object, name: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(record, name, None)


# --- what is sent -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("matrix", [False, True])
def test_the_whole_matrix_is_asked_for_when_it_is_wanted_of_controls_too(matrix: bool) -> None:
    workbench = bench()
    judged(workbench, replace(CASE, matrix=matrix))
    assert {order.matrix for order in workbench.orders} == {matrix}
    assert {order.mutant.control for order in workbench.orders} == {"", "no-op", "raise"}


def test_only_the_first_killer_is_asked_for_where_nothing_else_is_said() -> None:
    workbench = bench()
    judged(workbench)
    assert {order.matrix for order in workbench.orders} == {False}


def test_each_mutant_that_something_executes_is_sent_once_controls_that_change_nothing_first() -> None:
    workbench = bench()
    judged(workbench)
    sent = [order.mutant for order in workbench.orders]
    reached = [mutant for mutant in MUTANTS if mutant.line in (2, 10)]
    no_ops = [mutant for mutant in reached if mutant.control == "no-op"]
    assert sent == no_ops + [mutant for mutant in reached if mutant not in no_ops]


def test_the_judge_works_in_the_cases_setting_and_collects_its_files() -> None:
    workbench = bench()
    judged(workbench, replace(CASE, files=("t.py", "u.py")))
    assert set(zip((setting.folder for setting in workbench.settings), workbench.files, strict=True)) == {
        ("/tree", ("t.py", "u.py"))
    }


def test_a_case_without_files_leaves_it_to_the_orders_which_are_collected() -> None:
    workbench = bench()
    judged(workbench)
    assert set(workbench.files) == {()}


def test_what_blocks_is_looked_at_for_two_seconds_first() -> None:
    workbench = bench()
    judged(workbench)
    assert FIRST_LOOK_S == 2.0
    assert {limits.blocked_s for limits in workbench.limits} == {2.0}


# --- again --------------------------------------------------------------------------------------------------------------


def stopped(mutant: Mutant, **how: Any) -> MutantRun:
    return MutantRun(mutant=mutant.id, planned=(FAST, SLOW), **{"ended": "signal", "code": 9, **how})


def test_what_hit_a_limit_is_run_again_alone_in_one_batch_if_it_computes_and_each_by_itself_if_it_blocks() -> None:
    computing, blocked = of(MUTANTS, 2)[:2], of(MUTANTS, 10)[:2]
    runs: dict[str, MutantRun | None] = {one.id: stopped(one, limit="cpu") for one in computing}
    runs |= {one.id: stopped(one, limit="blocked") for one in blocked}
    workbench = bench(runs=runs)
    judged(workbench)
    again = [order.mutant for order in workbench.orders if order.alone]
    assert again == computing + blocked
    assert workbench.batches[-3:] == [2, 1, 1]


class Breaking(FakeWorkbench):
    """Breaks on every batch that one mutant is in."""

    broken: str = ""

    def judge(
        self, setting: Setting, orders: Sequence[JudgeOrder], limits: JudgeLimits, files: Sequence[str] = ()
    ) -> Iterator[MutantRun]:
        if self.broken in {order.mutant.id for order in orders}:
            self.orders.extend(orders)
            raise WorkerLost("the machine was switched off")
        return super().judge(setting, orders, limits, files)


def test_a_batch_that_broke_is_run_again_alone_and_the_others_are_judged_all_the_same() -> None:
    workbench = Breaking(kills=bench().kills)
    workbench.broken = F.id
    found = judged(workbench, replace(CASE, split=even(1)))
    assert result_of(F, found) == Inconclusive(reason="its worker was lost: the machine was switched off")
    assert [order.alone for order in workbench.orders if order.mutant == F] == [False, True]
    assert isinstance(result_of(F2, found), Survived)
    assert isinstance(result_of(H, found), Survived)


def test_what_was_lost_says_how_it_was_to_be_judged() -> None:
    imported = Mutant.model_validate(F.model_dump() | {"runs_at": "import"})
    found = judged(bench(runs={F.id: None}), mutants=(imported,))
    (row,) = found.verdicts
    assert (row.how, row.result) == ("fresh import", Inconclusive(reason="its worker was lost"))


class Babbling(FakeWorkbench):
    """Answers twice, the second time otherwise, and for a mutant that nobody asked about."""

    def judge(
        self, setting: Setting, orders: Sequence[JudgeOrder], limits: JudgeLimits, files: Sequence[str] = ()
    ) -> Iterator[MutantRun]:
        for run in super().judge(setting, orders, limits, files):
            yield run
            yield MutantRun(mutant=run.mutant, note="a second word")
            yield MutantRun(mutant="stranger")


def test_the_first_answer_for_a_mutant_counts_and_no_other() -> None:
    found = judged(Babbling(kills={**bench().kills, F.id: (FAST,)}))
    assert isinstance(result_of(F, found), Killed)
    assert isinstance(result_of(H, found), Survived)


# --- cold ---------------------------------------------------------------------------------------------------------------


class Shaken(FakeWorkbench):
    """The no-op of `m.py` dies of our tricks, and lives when it is run cold."""

    def judge(
        self, setting: Setting, orders: Sequence[JudgeOrder], limits: JudgeLimits, files: Sequence[str] = ()
    ) -> Iterator[MutantRun]:
        for order in orders:
            self.kills[NO_OP.id] = () if order.how == "cold" else (FAST,)
            yield from super().judge(setting, [order], limits, files)


def test_a_file_whose_no_op_dies_of_our_tricks_is_judged_cold_and_another_is_not() -> None:
    workbench = Shaken(kills={**bench().kills, F.id: (SLOW,)})
    found = judged(workbench, mutants=(*MUTANTS, *OTHERS))
    sent = [(order.mutant.path, order.mutant.id, order.how) for order in workbench.orders]
    reached = [mutant for mutant in MUTANTS if mutant.line in (2, 10)]
    assert sorted(item for item in sent if item[0] == "m.py" and item[2] == "cold") == sorted(
        ("m.py", mutant.id, "cold") for mutant in reached
    )
    tried = {mutant.id for mutant in reached if mutant.control == "no-op"}
    assert {name for path, name, how in sent if path == "m.py" and how != "cold"} == tried
    assert {how for path, _, how in sent if path == "n.py"} == {"swap"}
    assert {row.how for row in found.verdicts if row.mutant in reached} == {"cold"}
    assert result_of(F, found) == Killed(by=(SLOW,), first=_assertion(SLOW))
    assert (found.controls.no_op_alive, found.controls.no_op_total) == (4, 4)


def _assertion(node: str) -> Failing:
    return Failing(node=node, phase="call", kind="assertion", error="AssertionError")


def test_cold_judging_says_of_each_mutant_once_what_became_of_it_and_asks_the_whole_suite_in_order() -> None:
    workbench = bench()
    found = list(judging_cold(CASE, MUTANTS, executor(workbench)))
    assert sorted(item.mutant.id for item in found) == sorted(mutant.id for mutant in MUTANTS)
    assert {item.mutant for item in found if item.run is None} == {one for one in MUTANTS if one.line not in (2, 10)}
    assert {(order.tests, order.how) for order in workbench.orders} == {((SLOW, FAST), "cold")}


def test_a_no_op_that_dies_cold_too_ends_it_all() -> None:
    with pytest.raises(ControlFailed) as caught:
        judged(bench(kills={NO_OP.id: (FAST,)}))
    said = f"m:f: a control that changes nothing was killed by {FAST}; no verdict of this module can be believed"
    assert str(caught.value) == said


# --- controls -----------------------------------------------------------------------------------------------------------


def test_controls_are_counted_but_for_those_that_nothing_runs() -> None:
    found = judged(bench()).controls
    assert found == Controls(no_op_alive=2, no_op_total=2, raise_dead=2, raise_total=2)


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (MutantRun(mutant=RAISE.id, ended="signal", code=9), "ended by signal 9"),
        (MutantRun(mutant=RAISE.id, ended="signal", limit="cpu", alone=True), "cpu"),
        (
            MutantRun(
                mutant=RAISE.id, ended="exit", completed=True, tripwire=True, applied=True, planned=(FAST,), finished=(FAST,)
            ),
            "the error is swallowed by a caller or its tests",
        ),
    ],
    ids=["signal", "limit", "swallowed"],
)  # fmt: skip
def test_a_raise_that_is_not_killed_makes_its_function_doubtful_with_the_reason(run: MutantRun, why: str) -> None:
    said = f"m:f: raising at its start was not noticed ({why})"
    assert controls([ruled(RAISE, run)]) == Controls(raise_total=1, doubtful=(said,))


def test_edits_that_are_no_mutants_are_told_and_have_no_verdict_nor_have_controls() -> None:
    runs: dict[str, MutantRun | None] = {one.id: MutantRun(mutant=one.id, note="same code") for one in (F, NO_OP)}
    found = judged(bench(runs=runs))
    assert found.same_code == (F.id,)
    assert [row.mutant for row in found.verdicts] == [one for one in MUTANTS if not one.control and one != F]


# --- verdicts -----------------------------------------------------------------------------------------------------------

BY_HAND = Mutant(
    id="a1", path="m.py", file_digest="", symbol="m:f", operator="constant", line=2, end_line=2, start=25, end=26,
    original="1", replacement="2",
)  # fmt: skip
WHOLE = MutantRun(
    mutant="a1", applied=True, executed=True, planned=(FAST, SLOW), finished=(FAST, SLOW), completed=True,
    tripwire=True, ended="exit", wall_s=0.5, cpu_s=0.25,
)  # fmt: skip


def whole(**other: Any) -> MutantRun:
    return MutantRun.model_validate(WHOLE.model_dump() | other)


def test_a_verdict_tells_all_about_its_mutant_and_its_run() -> None:
    found = verdict(CASE, ruled(BY_HAND, WHOLE))
    assert (found.mutant, found.suite, found.file) == (BY_HAND, "existing", "")
    assert (found.result, found.how) == (Survived(tests=2), "swap")
    assert found.proof == "its code was installed; its statement was entered"
    assert found.diff == diff(TEXT, BY_HAND)
    assert (found.wall_s, found.cpu_s) == (0.5, 0.25)


def test_a_verdict_has_the_same_short_name_today_and_tomorrow() -> None:
    found = verdict(CASE, ruled(BY_HAND, WHOLE))
    assert (found.id, found.replay) == ("94726d347821", "qtest replay 94726d347821")


def test_a_generated_file_and_its_text_are_part_of_the_name() -> None:
    case = replace(CASE, suite="generated", file="t.py", file_text="x")
    cases = [CASE, case, replace(case, file_text="y")]
    assert len({verdict(one, ruled(BY_HAND, WHOLE)).id for one in cases}) == 3
    assert verdict(case, ruled(BY_HAND, WHOLE)).file == "t.py"


def test_what_nothing_runs_has_no_coverage_took_no_time_and_proves_nothing() -> None:
    found = verdict(CASE, Ruled(BY_HAND))
    assert (found.result, found.how, found.proof) == (NoCoverage(), "not run", "")
    assert (found.wall_s, found.cpu_s) == (0.0, 0.0)


def test_what_was_not_run_though_it_should_have_been_is_inconclusive() -> None:
    found = verdict(CASE, ruled(BY_HAND, MutantRun(mutant="a1", how="fresh import", note="no room")))
    assert (found.result, found.how, found.proof) == (Inconclusive(reason="no room"), "not run", "")


def test_the_first_failure_is_that_of_the_first_test_that_kills() -> None:
    spent = Failing(node=SLOW, phase="call", kind="memory")
    found = verdict(CASE, ruled(BY_HAND, whole(failing=(spent, _assertion(FAST)))))
    assert found.result == Killed(by=(FAST,), first=_assertion(FAST))


@pytest.mark.parametrize("limit", ["cpu", "blocked"])
@pytest.mark.parametrize(("finished", "during"), [((), FAST), ((FAST,), SLOW), ((FAST, SLOW), "")])
def test_a_timeout_names_its_limit_and_the_test_it_was_in(limit: str, finished: tuple[str, ...], during: str) -> None:
    run = whole(ended="signal", limit=limit, alone=True, finished=finished)
    assert verdict(CASE, ruled(BY_HAND, run)).result == TimedOut.model_validate({"limit": limit, "during": during})


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"code": 3}, "the process ended with exit code 3 before its tests had"),
        ({"applied": False}, "the mutant was not applied"),
        ({"completed": False}, "there is no record that its tests were run to the end"),
        ({"tripwire": False}, "the test that must fail did not: pytest's word cannot be believed"),
        ({"executed": False, "failing": (_assertion(FAST),)}, "a test failed, but the mutated statement was not executed"),
        ({"finished": (FAST,)}, "some of its tests did not finish"),
        ({"ended": "lost", "note": "gone"}, "its worker was lost: gone"),
        ({"limit": "memory"}, "hit its memory limit"),
        ({"limit": "cpu"}, "hit its cpu limit, and was not run again alone"),
    ],
)  # fmt: skip
def test_what_was_seen_of_a_run_is_what_is_ruled_upon(other: dict[str, Any], reason: str) -> None:
    assert verdict(CASE, ruled(BY_HAND, whole(**other))).result == Inconclusive(reason=reason)


@pytest.mark.parametrize(
    ("other", "proof"),
    [
        ({}, "its code was installed; its statement was entered"),
        ({"how": "fresh import"}, "its text was imported; its statement was entered"),
        ({"how": "cold"}, "its text was in the file that a new interpreter read; its statement was entered"),
        ({"executed": False}, "its code was installed; its statement was not entered"),
        ({"executed": None}, "its code was installed; its statement may have run in another process"),
        ({"applied": False}, "it was not applied; its statement was entered"),
        ({"note": "odd"}, "its code was installed; its statement was entered; odd"),
        ({"completed": False}, "its code was installed; its statement was entered"),
        ({"completed": False, "applied": False}, "it ended before it could say what it ran"),
        ({"completed": False, "applied": False, "note": "odd"}, "it ended before it could say what it ran: odd"),
    ],
)
def test_the_proof_says_how_it_was_applied_and_whether_it_was_executed(other: dict[str, Any], proof: str) -> None:
    assert verdict(CASE, ruled(BY_HAND, whole(**other))).proof == proof


def test_a_run_is_none_that_was_remembered_unless_it_is_said() -> None:
    assert not ruled(BY_HAND, WHOLE).remembered

"""Judges mutants by a suite: one way for the baseline's kills, the gate and `mutate`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qtest.errors import ControlFailed
from qtest.mutation.diff import diff
from qtest.mutation.plan import Reach, orders
from qtest.ports import Executor, Tools
from qtest.records.baseline import Setting
from qtest.records.mutant import (
    Controls,
    Inconclusive,
    Killed,
    Mutant,
    MutantResult,
    MutantRun,
    NoCoverage,
    Survived,
    TimedOut,
    Verdict,
)
from qtest.records.outcome import Failure
from qtest.records.record import Record, digest_of
from qtest.records.workbench import JudgeLimits, JudgeOrder
from qtest.verdict import Facts, Ruling, rule

FIRST_LOOK_S = 2.0  # blocked for so long is run again with the whole limit: most of what blocks does so for good, and waiting twice is dear


@dataclass(frozen=True)
class Case:
    """Everything about one act of judging: whose tests, where, and of which text. `file` is the generated file, if it is one."""

    setting: Setting
    suite: Literal["existing", "generated"]
    text: str
    reach: Reach
    limits: JudgeLimits
    file: str = ""
    file_text: str = ""
    matrix: bool = False
    batch: int = 200


@dataclass(frozen=True)
class Judgement:
    """`same_code` are edits, by id, that compile to what was there: they were never mutants."""

    verdicts: tuple[Verdict, ...]
    controls: Controls = field(default_factory=Controls)
    same_code: tuple[str, ...] = ()


class Batch(Record):
    setting: Setting
    orders: tuple[JudgeOrder, ...]
    limits: JudgeLimits


def judge(case: Case, mutants: Sequence[Mutant], executor: Executor) -> Judgement:
    """Controls among the mutants are looked at before any other: ControlFailed when a no-op dies."""
    runs = list(_runs(case, sorted(mutants, key=lambda mutant: not mutant.control), executor))
    checked = _controls(case, ((mutant, run) for mutant, run in runs if mutant.control))
    verdicts: list[Verdict] = []
    same: list[str] = []
    for mutant, run in ((mutant, run) for mutant, run in runs if not mutant.control):
        ruling = rule(facts_of(run)) if run else None
        if ruling and ruling.status == "not a mutant":
            same.append(mutant.id)
            continue
        verdicts.append(_verdict(case, mutant, run, ruling))
    return Judgement(tuple(verdicts), checked, tuple(same))


def judged(tools: Tools, batch: Batch) -> tuple[MutantRun, ...]:
    """What an executor is given: one batch on one warm judge."""
    return tuple(tools.workbench.judge(batch.setting, batch.orders, batch.limits))


def _runs(case: Case, mutants: Sequence[Mutant], executor: Executor) -> Iterator[tuple[Mutant, MutantRun | None]]:
    """In the order of the mutants; None for those that nothing executes."""
    planned = list(orders(mutants, case.reach, matrix=case.matrix))
    wanted = [order for _, order in planned if order]
    brief = case.limits.model_copy(update={"blocked_s": min(case.limits.blocked_s, FIRST_LOOK_S)})
    seen, problem = _mapped(executor, [_batch(case, part, brief) for part in _parts(wanted, case.batch)])
    seen |= _mapped(executor, [_batch(case, part, case.limits) for part in _again(wanted, seen)])[0]
    for mutant, order in planned:
        if order is None:
            yield mutant, None
        else:
            yield mutant, seen.get(mutant.id) or MutantRun(mutant=mutant.id, how=order.how, ended="lost", note=problem)


def _again(wanted: Sequence[JudgeOrder], seen: Mapping[str, MutantRun]) -> Iterator[Sequence[JudgeOrder]]:
    """Those that hit a limit, to be run once more with the whole of it. What computes does so one by one; what blocks needs no CPU
    and may wait beside others."""
    limits = {order.mutant.id: run.limit for order in wanted if (run := seen.get(order.mutant.id))}
    slow = [order.model_copy(update={"alone": True}) for order in wanted]
    computing = [order for order in slow if limits.get(order.mutant.id) == "cpu"]
    if computing:
        yield computing
    yield from ([order] for order in slow if limits.get(order.mutant.id) == "blocked")


def _batch(case: Case, part: Sequence[JudgeOrder], limits: JudgeLimits) -> Batch:
    return Batch(setting=case.setting, orders=tuple(part), limits=limits)


def _mapped(executor: Executor, batches: Sequence[Batch]) -> tuple[dict[str, MutantRun], str]:
    """Runs by mutant, and the last thing that went wrong."""
    seen: dict[str, MutantRun] = {}
    problem = ""
    for done in executor.map(judged, batches):
        if isinstance(done, Failure):
            problem = done.reason
        else:
            seen.update({run.mutant: run for run in done})
    return seen, problem


def _parts(items: Sequence[JudgeOrder], size: int) -> Iterator[Sequence[JudgeOrder]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _controls(case: Case, runs: Iterator[tuple[Mutant, MutantRun | None]]) -> Controls:
    alive = dead = total_alive = total_dead = 0
    doubtful = []
    for mutant, run in runs:
        if run is None:
            continue  # nothing runs the function: there is nothing to control
        ruling = rule(facts_of(run))
        if mutant.control == "no-op":
            if ruling.status == "killed":
                raise ControlFailed(
                    f"{mutant.symbol}: a control that changes nothing was killed by {ruling.by[0]}; no verdict of this module can be believed"
                )
            if ruling.status == "survived":
                alive += 1
            total_alive += 1
        else:
            total_dead += 1
            dead += ruling.status == "killed"
            if ruling.status != "killed":
                doubtful.append(f"{mutant.symbol}: raising at its start was not noticed ({_why(ruling)})")
    return Controls(
        no_op_alive=alive, no_op_total=total_alive, raise_dead=dead, raise_total=total_dead, doubtful=tuple(doubtful)
    )


def _why(ruling: Ruling) -> str:
    return (
        "the error is swallowed by a caller or its tests"
        if ruling.status == "survived"
        else ruling.reason or ruling.status
    )


def facts_of(run: MutantRun) -> Facts:
    return Facts(
        applied=run.applied,
        executed=run.executed,
        planned=run.planned,
        finished=run.finished,
        failing=tuple((failing.node, failing.kind) for failing in run.failing),
        completed=run.completed,
        tripwire=run.tripwire,
        ended=run.ended,
        code=run.code,
        limit=run.limit,
        alone=run.alone,
        note=run.note,
    )


def _verdict(case: Case, mutant: Mutant, run: MutantRun | None, ruling: Ruling | None) -> Verdict:
    identity = digest_of(f"{mutant.id}\0{case.suite}\0{case.file_text}")[:12]
    result = _result(run, ruling)
    return Verdict(
        id=identity,
        mutant=mutant,
        suite=case.suite,
        file=case.file,
        result=result,
        how=run.how if run and run.ended != "not run" else "not run",
        proof=_proof(run),
        diff=diff(case.text, mutant),
        wall_s=run.wall_s if run else 0.0,
        cpu_s=run.cpu_s if run else 0.0,
        replay=f"qtest replay {identity}",
    )


def _result(run: MutantRun | None, ruling: Ruling | None) -> MutantResult:
    if run is None or ruling is None:
        return NoCoverage()
    if ruling.status == "killed":
        first = next(failing for failing in run.failing if failing.node == ruling.by[0])
        return Killed(by=ruling.by, first=first)
    if ruling.status == "survived":
        return Survived(tests=len(run.finished))
    if ruling.status == "timed out":
        return TimedOut(
            limit="cpu" if run.limit == "cpu" else "blocked",
            during=run.planned[len(run.finished)] if len(run.finished) < len(run.planned) else "",
        )
    return Inconclusive(reason=ruling.reason)


def _proof(run: MutantRun | None) -> str:
    if run is None or run.ended == "not run":
        return ""
    applied = "its code was installed" if run.how == "swap" else "its text was imported"
    executed = {
        True: "its statement was entered",
        False: "its statement was not entered",
        None: "its statement may have run in another process",
    }
    return f"{applied if run.applied else 'it was not applied'}; {executed[run.executed]}" + (
        f"; {run.note}" if run.note else ""
    )

"""Judges mutants by a suite: one way for the baseline's kills, the gate and `mutate`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from qtest.errors import ControlFailed
from qtest.mutation.batches import BY_200, Split
from qtest.mutation.diff import diff
from qtest.mutation.plan import Reach, cold, orders
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
    """Everything about one act of judging: whose tests, where, and of which texts (by path). `file` is the generated file, if it is
    one. `files` are what a warm judge collects: those that a batch's orders name, when empty."""

    setting: Setting
    suite: Literal["existing", "generated"]
    texts: Mapping[str, str]
    reach: Reach
    limits: JudgeLimits
    file: str = ""
    file_text: str = ""
    files: tuple[str, ...] = ()
    matrix: bool = False
    split: Split = BY_200


@dataclass(frozen=True)
class Judgement:
    """`same_code` are edits, by id, that compile to what was there: they were never mutants."""

    verdicts: tuple[Verdict, ...]
    controls: Controls
    same_code: tuple[str, ...]


class Batch(Record):
    setting: Setting
    orders: tuple[JudgeOrder, ...]
    limits: JudgeLimits
    files: tuple[str, ...]


@dataclass(frozen=True)
class Ruled:
    """What became of one mutant or control; no run and no ruling when nothing executes it. `remembered` from an earlier run."""

    mutant: Mutant
    run: MutantRun | None = None
    ruling: Ruling | None = None
    remembered: bool = False


def judge(case: Case, mutants: Sequence[Mutant], executor: Executor) -> Judgement:
    """Verdicts in the order of the mutants. Raises ControlFailed when a no-op dies."""
    return folded(case, mutants, judging(case, mutants, executor))


def judging(case: Case, mutants: Sequence[Mutant], executor: Executor) -> Iterator[Ruled]:
    """As they become known, controls that change nothing first. A file in which one dies does not bear our tricks, though its tests may
    be sound: its mutants are judged cold. Raises ControlFailed when one dies there too."""
    unfit: set[str] = set()
    for item in _ruled(case, orders(_no_ops(mutants), case.reach, matrix=case.matrix), executor):
        if _killer(item):
            unfit.add(item.mutant.path)
        elif item.mutant.path not in unfit:
            yield item
    able = [mutant for mutant in mutants if mutant.path not in unfit and mutant.control != "no-op"]
    yield from _ruled(case, orders(able, case.reach, matrix=case.matrix), executor)
    yield from judging_cold(case, [mutant for mutant in mutants if mutant.path in unfit], executor)


def judging_cold(case: Case, mutants: Sequence[Mutant], executor: Executor) -> Iterator[Ruled]:
    """By the whole suite, in their file and by a new interpreter, as they become known."""
    reached = [mutant for mutant, order in orders(mutants, case.reach) if order]
    known = {mutant.id for mutant in reached}
    yield from (Ruled(mutant) for mutant in mutants if mutant.id not in known)
    for item in _ruled(case, cold(_no_ops(reached), case.reach), executor):
        killer = _killer(item)
        if killer:
            raise ControlFailed(
                f"{item.mutant.symbol}: a control that changes nothing was killed by {killer}; no verdict of this module can be believed"
            )
        yield item
    others = (mutant for mutant in reached if mutant.control != "no-op")
    yield from _ruled(case, cold(others, case.reach), executor)


def _no_ops(mutants: Sequence[Mutant]) -> Iterator[Mutant]:
    return (mutant for mutant in mutants if mutant.control == "no-op")


def _killer(item: Ruled) -> str:
    """The first test that kills it; empty when none does."""
    return item.ruling.by[0] if item.ruling and item.ruling.status == "killed" else ""


def folded(case: Case, mutants: Sequence[Mutant], found: Iterable[Ruled]) -> Judgement:
    by_id = {item.mutant.id: item for item in found}
    ordered = [by_id[mutant.id] for mutant in mutants]
    return Judgement(
        verdicts=tuple(verdict(case, item) for item in ordered if not item.mutant.control and not _was_none(item)),
        controls=controls(item for item in ordered if item.mutant.control),
        same_code=tuple(item.mutant.id for item in ordered if not item.mutant.control and _was_none(item)),
    )


def judged(tools: Tools, batch: Batch) -> tuple[MutantRun, ...]:
    """What an executor is given: one batch on one warm judge."""
    return tuple(tools.workbench.judge(batch.setting, batch.orders, batch.limits, batch.files))


def _was_none(item: Ruled) -> bool:
    """An edit that proved to change nothing: it was never a mutant."""
    return item.ruling is not None and item.ruling.status == "not a mutant"


def _ruled(case: Case, planned: Iterable[tuple[Mutant, JudgeOrder | None]], executor: Executor) -> Iterator[Ruled]:
    """Without an order nothing executes it. What hit a limit, or was lost, is run again after all others."""
    wanted: dict[str, tuple[Mutant, JudgeOrder]] = {}
    for mutant, order in planned:
        if order is None:
            yield Ruled(mutant)
        else:
            wanted[mutant.id] = (mutant, order)
    brief = case.limits.model_copy(update={"blocked_s": min(case.limits.blocked_s, FIRST_LOOK_S)})
    unsettled: dict[str, MutantRun] = {}
    batches = [_batch(case, part, brief) for part in case.split([order for _, order in wanted.values()])]
    for run in _mapped(executor, batches):
        if run.limit in ("cpu", "blocked") or run.ended == "lost":
            unsettled[run.mutant] = run
        else:
            yield ruled(wanted[run.mutant][0], run)
    again = [_batch(case, part, case.limits) for part in _again([wanted[name][1] for name in unsettled], unsettled)]
    for run in _mapped(executor, again):
        yield ruled(wanted[run.mutant][0], run)


def ruled(mutant: Mutant, run: MutantRun) -> Ruled:
    return Ruled(mutant, run, rule(facts_of(run)))


def _again(wanted: Sequence[JudgeOrder], seen: Mapping[str, MutantRun]) -> Iterator[Sequence[JudgeOrder]]:
    """Those that hit a limit, to be run once more with the whole of it, and those whose worker was lost, which may be another's fault.
    What computes is run one by one; what blocks needs no CPU and may wait beside others."""
    slow = [order.model_copy(update={"alone": True}) for order in wanted]
    computing = [order for order in slow if seen[order.mutant.id].limit == "cpu"]
    if computing:
        yield computing
    yield from ([order] for order in slow if seen[order.mutant.id].limit != "cpu")


def _batch(case: Case, part: Sequence[JudgeOrder], limits: JudgeLimits) -> Batch:
    return Batch(setting=case.setting, orders=tuple(part), limits=limits, files=case.files)


def _mapped(executor: Executor, batches: Sequence[Batch]) -> Iterator[MutantRun]:
    """One run for each order, as batches come back; those of a batch that broke are lost, with what is known of the reason."""
    missing = {order.mutant.id: order for batch in batches for order in batch.orders}
    problem = ""
    for done in executor.map(judged, batches):
        if isinstance(done, Failure):
            problem = done.reason
            continue
        for run in done:
            if missing.pop(run.mutant, None):
                yield run
    for order in missing.values():
        yield MutantRun(mutant=order.mutant.id, how=order.how, ended="lost", note=problem)


def controls(found: Iterable[Ruled]) -> Controls:
    """Functions that nothing runs have nothing to control."""
    alive = dead = total_alive = total_dead = 0
    doubtful = []
    for item in found:
        if item.ruling is None:
            continue
        if item.mutant.control == "no-op":
            alive += item.ruling.status == "survived"
            total_alive += 1
        else:
            total_dead += 1
            dead += item.ruling.status == "killed"
            if item.ruling.status != "killed":
                doubtful.append(f"{item.mutant.symbol}: raising at its start was not noticed ({_why(item.ruling)})")
    return Controls(
        no_op_alive=alive, no_op_total=total_alive, raise_dead=dead, raise_total=total_dead, doubtful=tuple(doubtful)
    )


def _why(ruling: Ruling) -> str:
    return "the error is swallowed by a caller or its tests" if ruling.status == "survived" else ruling.reason


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


def verdict(case: Case, item: Ruled) -> Verdict:
    mutant, run = item.mutant, item.run or MutantRun(mutant=item.mutant.id)
    identity = digest_of(f"{mutant.id}\0{case.suite}\0{case.file_text}")[:12]
    return Verdict(
        id=identity,
        mutant=mutant,
        suite=case.suite,
        file=case.file,
        result=_result(run) if item.run else NoCoverage(),
        how=run.how if run.ended != "not run" else "not run",
        proof=_proof(run),
        diff=diff(case.texts[mutant.path], mutant),
        wall_s=run.wall_s,
        cpu_s=run.cpu_s,
        replay=f"qtest replay {identity}",
    )


def _result(run: MutantRun) -> MutantResult:
    ruling = rule(facts_of(run))
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


def _proof(run: MutantRun) -> str:
    if run.ended == "not run":
        return ""
    if not run.completed and not run.applied:
        return f"it ended before it could say what it ran{': ' + run.note if run.note else ''}"
    applied = {
        "swap": "its code was installed",
        "fresh import": "its text was imported",
        "cold": "its text was in the file that a new interpreter read",
    }[run.how]
    executed = {
        True: "its statement was entered",
        False: "its statement was not entered",
        None: "its statement may have run in another process",
    }
    return f"{applied if run.applied else 'it was not applied'}; {executed[run.executed]}" + (
        f"; {run.note}" if run.note else ""
    )

"""Kept cases become a file: as few as kill what they all kill, and the gates judge the very text that ships."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from qtest.errors import QTestError
from qtest.proof import Gates, Proof, Render, nodes_of, prove
from qtest.records.baseline import FileCoverage
from qtest.records.case import CallCase
from qtest.records.file import RenderedTest, TestFile
from qtest.records.mutant import Killed, Verdict
from qtest.records.outcome import Draft, Failure, Kept, ModuleOutcome, Outcome, Rejection, ValidatedTest
from qtest.records.plan import Brief

ROUNDS = 3  # after a round every case left has a kill of its own, unless regrouping changed what a test kills


@dataclass(frozen=True)
class Coverage:
    before: FileCoverage | None = None
    after: FileCoverage | None = None


@dataclass(frozen=True)
class Assembly:
    """`cover` tells what is executed of the module's source without the file and with it, as the gates saw it."""

    render: Render
    gates: Gates
    cover: Callable[[Brief, Proof], Coverage]

    def close(self, brief: Brief, draft: Draft) -> ModuleOutcome:
        """The module's last word. Never raises for its sake: broken machinery is a Failure in it."""
        try:
            proof = self._prove(brief, draft)
        except QTestError as error:
            proof = Proof(None, dropped=())
            draft = draft.model_copy(
                update={"others": (*draft.others, Failure(target=draft.module, reason=f"assembly: {error}"))}
            )
        coverage = self.cover(brief, proof)
        tests = validated(proof)
        outcomes: tuple[Outcome, ...] = (*tests, *summed((*draft.others, *proof.dropped)))
        return ModuleOutcome(
            module=draft.module,
            path=draft.path,
            project=draft.project,
            source=brief.source,
            file=proof.file,
            outcomes=outcomes,
            before=draft.before,
            after=last_word(draft.after, proof.verdicts),
            gates=proof.reports,
            coverage_before=coverage.before,
            coverage_after=coverage.after,
            controls=draft.controls,
            same_code=draft.same_code,
            effort=draft.effort,
            accepted=draft.accepted,
            note=_note(draft, bool(tests)),
        )

    def _prove(self, brief: Brief, draft: Draft) -> Proof:
        chosen = cover(draft.kept)
        dropped: tuple[Rejection, ...] = _not_needed(brief, draft.kept, chosen)
        claimed = {mutant for item in chosen for mutant in item.kills}
        mutants = tuple(v.mutant for v in draft.after if v.mutant.id in claimed)
        cases: Sequence[CallCase] = tuple(item.case for item in chosen)
        proof = Proof(None)
        for _ in range(ROUNDS):
            proof = self._judged(brief, draft, cases) or prove(brief, cases, self.render, self.gates(brief, mutants))
            dropped += proof.dropped
            if proof.file is None:
                break
            idle = {case.id for node, case in nodes_of(proof.file) if not _own_kills((node,), proof.verdicts)}
            if not idle:
                break
            dropped += tuple(_idle(case) for _, case in nodes_of(proof.file) if case.id in idle)
            cases = tuple(case for _, case in nodes_of(proof.file) if case.id not in idle)
            proof = replace(proof, file=None)
        return replace(proof, dropped=dropped)

    def _judged(self, brief: Brief, draft: Draft, cases: Sequence[CallCase]) -> Proof | None:
        """The draft's own proof, where the text that ships is the very text that was judged."""
        if draft.file is None:
            return None
        if draft.file.apart and brief.host:
            brief = brief.model_copy(update={"host": None, "apart": draft.file.apart})
        if self.render(brief, cases) != draft.file:
            return None
        return Proof(draft.file, draft.gates)


def cover(kept: Iterable[Kept]) -> tuple[Kept, ...]:
    """A small set that kills all that `kept` kills: greedy by new kills for its length, then without those the others make
    superfluous (Chvátal's heuristic for set cover). In the order the generator gave."""
    pool = list(kept)
    alive = {mutant for item in pool for mutant in item.kills}
    chosen: list[Kept] = []
    while alive:
        best = max(pool, key=lambda item: (len(alive & set(item.kills)) / _cost(item.case), -pool.index(item)))
        chosen.append(best)
        alive -= set(best.kills)
    for item in sorted(chosen, key=lambda item: (len(item.kills), -_cost(item.case))):
        others = {mutant for other in chosen if other is not item for mutant in other.kills}
        if set(item.kills) <= others:
            chosen.remove(item)
    return tuple(item for item in pool if item in chosen)


def validated(proof: Proof) -> tuple[ValidatedTest, ...]:
    if proof.file is None:
        return ()
    return tuple(_validated(proof.file, test, proof.verdicts) for test in proof.file.tests)


def last_word(draft: Iterable[Verdict], final: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """A mutant's verdict by the shipped text where there is one; else by the draft's, whose tests are a superset."""
    by_mutant = {verdict.mutant.id: verdict for verdict in draft}
    by_mutant.update({verdict.mutant.id: verdict for verdict in final})
    return tuple(by_mutant.values())


def summed(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Rejections of one target at one stage for one reason are told once, with their count."""
    told: dict[tuple[str, str, str], Rejection] = {}
    rest: list[Outcome] = []
    for outcome in outcomes:
        if not isinstance(outcome, Rejection):
            rest.append(outcome)
            continue
        key = (outcome.target, outcome.stage, outcome.reason)
        before = told.get(key)
        told[key] = outcome if before is None else before.model_copy(update={"count": before.count + outcome.count})
    return (*rest, *told.values())


def _cost(case: CallCase) -> float:
    return 40.0 + len(repr(case.input)) + sum(len(repr(step)) for step in case.setup)


def _own_kills(nodes: Sequence[str], verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    mine = set(nodes)
    return tuple(
        v.mutant.id for v in verdicts if isinstance(v.result, Killed) and v.result.by and set(v.result.by) <= mine
    )


def _validated(file: TestFile, test: RenderedTest, verdicts: Sequence[Verdict]) -> ValidatedTest:
    nodes = tuple(f"{file.path}::{node}" for node in test.nodes)
    own = _own_kills(nodes, verdicts)
    also = tuple(
        v.mutant.id
        for v in verdicts
        if isinstance(v.result, Killed) and set(v.result.by) & set(nodes) and v.mutant.id not in own
    )
    text = "\n".join(file.text.splitlines()[test.line - 1 : test.end_line])
    return ValidatedTest(
        target=test.cases[0].target,
        file=file.path,
        name=test.name,
        nodes=nodes,
        text=text,
        cases=test.cases,
        kills=own,
        also=also,
    )


def _not_needed(brief: Brief, kept: Iterable[Kept], chosen: Sequence[Kept]) -> tuple[Rejection, ...]:
    count = sum(1 for item in kept if item not in chosen)
    reason = "the kept tests kill everything it kills"
    return (Rejection(target=brief.module.name, stage="assembly", reason=reason, count=count),) if count else ()


def _idle(case: CallCase) -> Rejection:
    return Rejection(
        target=case.target, stage="assembly", reason="no kill of its own in the text that ships", case=case
    )


def _note(draft: Draft, has_tests: bool) -> str:
    if has_tests:
        return ""
    if not draft.before:
        return "nothing in it could be mutated" if not draft.others else ""
    if all(isinstance(v.result, Killed) for v in draft.before):
        return "your suite already kills every mutant of it"
    if all(isinstance(v.result, Killed) or v.mutant.id in draft.accepted for v in draft.before):
        return "your suite already kills every mutant of it that is not accepted"
    return "" if draft.others else "no input was found that kills a mutant your suite leaves alive"

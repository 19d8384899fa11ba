"""The rounds of one module: each generator in its turn proposes, the gates judge, what is proven is kept, and what became of the rest
goes into the next round."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qtest.declined import unwanted
from qtest.errors import QTestError
from qtest.generate.cited import weighed
from qtest.ports import Editor, Gate, Generator
from qtest.proof import Gates, Proof, Render, evidence_of, kept_by, nodes_of, prove
from qtest.records.case import CallCase
from qtest.records.mutant import Killed, Verdict
from qtest.records.outcome import Draft, Effort, Failure, Feedback, Kept, Opinion, Rejection, Scored, SuspectedBug
from qtest.records.plan import Brief

Other = SuspectedBug | Rejection | Failure
IDLE = "it passes, and kills none of the mutants that were asked about"
ALONE = "its file cannot be run to the end"


@dataclass
class Rounds:
    """Of one draft. `brief` holds the mutants that live, ever fewer."""

    draft: Draft
    brief: Brief
    render: Render
    gates: Gates
    editor: Editor | None = None
    kept: list[Kept] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
    effort: Effort = field(default_factory=Effort)
    after: dict[str, Verdict] = field(default_factory=dict)

    def run(self, generators: Sequence[Generator]) -> Draft:
        for generator in generators:
            self._turn(generator)
        kept = self._titled()
        return self.draft.model_copy(
            update={
                "kept": kept,
                "others": tuple(self.others),
                "effort": self.effort,
                "after": tuple(self.after.values()),
            }
        )

    def _turn(self, generator: Generator) -> None:
        feedback = Feedback()
        for _ in range(generator.rounds):
            if not any(not mutant.control for mutant in self.brief.mutants):
                return
            try:
                found = self._round(generator, feedback)
            except QTestError as error:
                self.others.append(Failure(target=self.brief.module.name, reason=f"{generator.name}: {error}"))
                return
            if not found.rejected:  # nothing to mend
                return
            feedback = Feedback(
                reports=found.reports,
                rejected=(*feedback.rejected, *found.rejected),
                tokens=feedback.tokens + found.tokens,
            )

    def _round(self, generator: Generator, feedback: Feedback) -> Feedback:
        cases, rejected, tokens = self._proposed(generator, feedback)
        opinions = self._opinions(cases)
        proof, alone = self._proved(generator, cases)
        found = kept_by(proof)
        dropped = [*alone, *proof.dropped]
        if generator.rounds > 1:
            dropped += _idle(cases, found, dropped)
        dropped += [_refused(item.case, opinions[item.case.id]) for item in found if _refuses(item.case, opinions)]
        self.effort += Effort(critic=_scored(opinions.values(), {item.case.id for item in found}))
        self.others.extend(weighed(one, self.brief) for one in dropped)
        self._keep([item for item in found if not _refuses(item.case, opinions)], proof)
        self._learn(proof, {item.case.id for item in found if _refuses(item.case, opinions)})
        asked = [_asked(case, opinions[case.id]) for case in cases if _asks(case, opinions)]
        return Feedback(reports=proof.reports, rejected=(*rejected, *dropped, *asked), tokens=tokens)

    def _proved(self, generator: Generator, cases: Sequence[CallCase]) -> tuple[Proof, tuple[Rejection, ...]]:
        """Together; where that fails and no case can be blamed, as when one never ends, those that pass alone. With what failed alone."""
        gates = self.gates(self.brief, self.brief.mutants)
        proof = prove(self.brief, cases, self.render, gates)
        unblamed = any(one.case is None for one in proof.dropped)
        if generator.rounds == 1 or proof.file is not None or not unblamed:
            return proof, ()
        before = {one.case.id for one in proof.dropped if one.case}
        failed = {case.id: case for case in cases if case.id not in before and self._fails(case, gates)}
        told = (Rejection(target=case.target, stage="runtime", reason=ALONE, case=case) for case in failed.values())
        left = [case for case in cases if case.id not in failed and case.id not in before]
        earlier = tuple(one for one in proof.dropped if one.case)
        return prove(self.brief, left, self.render, gates), (*earlier, *told)

    def _fails(self, case: CallCase, gates: Sequence[Gate]) -> bool:
        return prove(self.brief, [case], self.render, [gate for gate in gates if gate.name != "mutation"]).file is None

    def _proposed(self, generator: Generator, feedback: Feedback) -> tuple[list[CallCase], list[Rejection], int]:
        """The cases, what was refused at once, and the tokens that it took."""
        cases: list[CallCase] = []
        others: list[Other] = []
        effort = Effort()
        for proposal in generator.propose(self.brief, feedback):
            if isinstance(proposal, CallCase):
                refused = unwanted(proposal, self.brief.declined)
                if refused is None:
                    cases.append(proposal)
                else:
                    others.append(refused)
            elif isinstance(proposal, Effort):
                effort += proposal
            else:
                others.append(proposal)
        self.others.extend(others)
        self.effort += effort
        return cases, [one for one in others if isinstance(one, Rejection)], effort.tokens

    def _opinions(self, cases: Sequence[CallCase]) -> dict[str, Opinion]:
        """Of what a model wrote: what the search found is nobody's opinion."""
        written = [case for case in cases if case.provenance.origin == "model"]
        if not written or self.editor is None:
            return {}
        said, effort = self.editor.review(self.brief, written)
        self.effort += effort
        return {one.case: one for one in said if one.case in {case.id for case in written}}

    def _keep(self, kept: Sequence[Kept], proof: Proof) -> None:
        """The controls of the gates stand beside those of the own suite; edits that proved to be no mutants are struck out."""
        equivalent = {mutant for report in proof.reports for mutant in report.equivalent}
        update: dict[str, object] = {
            "controls": sum((report.controls for report in proof.reports), self.draft.controls),
            "same_code": self.draft.same_code + len(equivalent),
            "before": tuple(verdict for verdict in self.draft.before if verdict.mutant.id not in equivalent),
        }
        if kept:
            update |= {"file": proof.file, "gates": proof.reports}
        self.draft = self.draft.model_copy(update=update)
        self.kept.extend(kept)
        gone = equivalent | {mutant for item in kept for mutant in item.kills}
        left = tuple(mutant for mutant in self.brief.mutants if mutant.id not in gone)
        self.brief = self.brief.model_copy(update={"mutants": left})

    def _learn(self, proof: Proof, refused: Collection[str]) -> None:
        """A mutant that only refused cases kill lives on."""
        gone = {node for node, case in (nodes_of(proof.file) if proof.file else ()) if case.id in refused}
        for verdict in evidence_of(proof.reports):
            killers = set(verdict.result.by) if isinstance(verdict.result, Killed) else set()
            if not killers or killers - gone:
                self.after[verdict.mutant.id] = verdict

    def _titled(self) -> tuple[Kept, ...]:
        """Under better names and in a better order, when they are the same tests for all that they claim."""
        if not self.kept or self.editor is None:
            return tuple(self.kept)
        kills = {item.case.id: item.kills for item in self.kept}
        titled, effort = self.editor.title(self.brief, [item.case for item in self.kept])
        self.effort += effort
        if sorted(map(_claims, titled)) != sorted(_claims(item.case) for item in self.kept):
            return tuple(self.kept)
        return tuple(Kept(case=case, kills=kills[case.id]) for case in titled)


def _claims(case: CallCase) -> str:
    """All of it but what it is called."""
    return case.model_copy(update={"description": ""}).to_json()


def _idle(cases: Sequence[CallCase], found: Sequence[Kept], dropped: Sequence[Rejection]) -> list[Rejection]:
    ended = {item.case.id for item in found} | {one.case.id for one in dropped if one.case}
    return [
        Rejection(target=case.target, stage="mutation", reason=IDLE, case=case)
        for case in cases
        if case.id not in ended
    ]


def _refuses(case: CallCase, opinions: Mapping[str, Opinion]) -> bool:
    return case.id in opinions and opinions[case.id].verdict == "reject"


def _asks(case: CallCase, opinions: Mapping[str, Opinion]) -> bool:
    return case.id in opinions and opinions[case.id].verdict == "ask"


def _refused(case: CallCase, opinion: Opinion) -> Rejection:
    return Rejection(target=case.target, stage="critic", reason=opinion.reason or "no reason was given", case=case)


def _asked(case: CallCase, opinion: Opinion) -> Rejection:
    """For the next round only: the case itself stands."""
    return Rejection(target=case.target, stage="critic", reason=f"add an assertion: {opinion.reason}", case=case)


def _scored(opinions: Iterable[Opinion], killing: Collection[str]) -> Scored:
    """`killing` are the cases that kill a mutant."""
    said = list(opinions)
    refused = [one.case for one in said if one.verdict == "reject"]
    passed = [one.case for one in said if one.verdict != "reject"]
    return Scored(
        refused=len(refused),
        refused_killing=sum(case in killing for case in refused),
        passed=len(passed),
        passed_killing=sum(case in killing for case in passed),
    )

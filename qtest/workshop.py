"""The one loop: for one module, ask the generators, render, ask the gates, keep what is proven, feed the findings back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from qtest.declined import unwanted
from qtest.errors import ControlFailed, QTestError
from qtest.mutation.accepted import let_live
from qtest.ports import Generator
from qtest.proof import Gates, Render, evidence_of, kept_by, prove
from qtest.records.case import CallCase
from qtest.records.mutant import Controls, Verdict
from qtest.records.mutation import lives
from qtest.records.outcome import Draft, Effort, Failure, GateReport, Kept, Rejection, SuspectedBug
from qtest.records.plan import Brief, Budget


@dataclass(frozen=True)
class Judged:
    """What the project's own suite does to a module's mutants, and our controls in the same run."""

    verdicts: tuple[Verdict, ...]
    controls: Controls = field(default_factory=Controls)
    same_code: int = 0


@dataclass(frozen=True)
class Workshop:
    """`judge_existing` gives the own suite's verdicts; `allot` says how much of the budget is left for this brief now."""

    generators: Sequence[Generator]
    render: Render
    gates: Gates
    judge_existing: Callable[[Brief], Judged]
    allot: Callable[[Brief], Budget]

    def write(self, brief: Brief) -> Draft:
        """Never raises for a module's sake: broken machinery is a Failure in its draft."""
        draft = Draft(module=brief.module.name, path=brief.module.path, project=brief.project)
        try:
            judged = self.judge_existing(brief)
        except ControlFailed as error:
            return draft.model_copy(update={"others": (Failure(target=brief.module.name, reason=str(error)),)})
        except QTestError as error:
            return draft.model_copy(
                update={"others": (Failure(target=brief.module.name, reason=f"judging the existing tests: {error}"),)}
            )
        draft = draft.model_copy(
            update={
                "before": judged.verdicts,
                "controls": judged.controls,
                "same_code": judged.same_code,
                "accepted": tuple(v.mutant.id for v in let_live(judged.verdicts, brief.accepted)),
            }
        )
        live = tuple(v.mutant for v in judged.verdicts if lives(v) and v.mutant.id not in draft.accepted)
        if not live:
            return draft
        brief = brief.model_copy(update={"mutants": live})
        share = self.allot(brief)
        if share.wall_s is not None and share.wall_s <= 0:
            return draft.model_copy(
                update={
                    "others": (
                        Rejection(
                            target=brief.module.name, stage="plan", reason="the budget was spent before its turn"
                        ),
                    )
                }
            )
        return self._propose(draft, brief.model_copy(update={"share": share}))

    def _propose(self, draft: Draft, brief: Brief) -> Draft:
        kept: list[Kept] = []
        others: list[SuspectedBug | Rejection | Failure] = []
        effort = Effort()
        feedback: tuple[GateReport, ...] = ()
        for generator in self.generators:
            cases: list[CallCase] = []
            try:
                for proposal in generator.propose(brief, feedback):
                    if isinstance(proposal, CallCase):
                        refused = unwanted(proposal, brief.declined)
                        if refused is None:
                            cases.append(proposal)
                        else:
                            others.append(refused)
                    elif isinstance(proposal, Effort):
                        effort = proposal
                    else:
                        others.append(proposal)
                proof = prove(brief, cases, self.render, self.gates(brief, brief.mutants))
            except QTestError as error:
                others.append(Failure(target=brief.module.name, reason=f"{generator.name}: {error}"))
                continue
            others.extend(proof.dropped)
            kept.extend(kept_by(proof))
            feedback = proof.reports
            draft = _settled(draft, proof.reports).model_copy(update={"file": proof.file, "gates": proof.reports})
            dead = {mutant for item in kept for mutant in item.kills}
            brief = brief.model_copy(update={"mutants": tuple(m for m in brief.mutants if m.id not in dead)})
        return draft.model_copy(
            update={"kept": tuple(kept), "others": tuple(others), "effort": effort, "after": evidence_of(feedback)}
        )


def _settled(draft: Draft, reports: tuple[GateReport, ...]) -> Draft:
    """The controls of the gates beside those of the own suite; edits that proved to be no mutants are struck out."""
    equivalent = {mutant for report in reports for mutant in report.equivalent}
    return draft.model_copy(
        update={
            "controls": sum((report.controls for report in reports), draft.controls),
            "same_code": draft.same_code + len(equivalent),
            "before": tuple(verdict for verdict in draft.before if verdict.mutant.id not in equivalent),
        }
    )

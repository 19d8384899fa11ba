"""One module, from its brief to a draft: what its own suite leaves alive is what the generators are asked about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from qtest.errors import ControlFailed, QTestError
from qtest.mutation.accepted import let_live
from qtest.plan.concern import is_about
from qtest.ports import Editor, Generator
from qtest.proof import Gates, Render
from qtest.records.mutant import Controls, Verdict
from qtest.records.mutation import lives
from qtest.records.outcome import Draft, Failure, Rejection
from qtest.records.plan import Brief, Budget
from qtest.rounds import Rounds


@dataclass(frozen=True)
class Judged:
    """What the project's own suite does to a module's mutants, and our controls in the same run."""

    verdicts: tuple[Verdict, ...]
    controls: Controls = field(default_factory=Controls)
    same_code: int = 0


@dataclass(frozen=True)
class Workshop:
    """`judge_existing` gives the own suite's verdicts; `allot` says how much of the budget is left for this brief now. An `editor` reads
    what a model wrote, and names what was kept."""

    generators: Sequence[Generator]
    render: Render
    gates: Gates
    judge_existing: Callable[[Brief], Judged]
    allot: Callable[[Brief], Budget]
    editor: Editor | None = None

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
        if brief.about:
            live = tuple(mutant for mutant in live if is_about(mutant.symbol, brief.about))
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
        brief = brief.model_copy(update={"share": share})
        return Rounds(draft, brief, self.render, self.gates, self.editor).run(self.generators)

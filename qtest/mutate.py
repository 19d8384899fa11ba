"""What `qtest mutate` does: judge every mutant of a project's own code by its own tests."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qtest.mutation.batches import guided
from qtest.mutation.judge import Case, Ruled, folded, judging
from qtest.mutation.plan import reach, runs
from qtest.ports import Executor
from qtest.records.baseline import ProjectBaseline
from qtest.records.mutant import Mutant
from qtest.records.mutation import JudgedModule
from qtest.records.workbench import JudgeLimits

START_S = 1.5  # of a sandbox, an interpreter and pytest in it, before any test


@dataclass(frozen=True)
class Subject:
    """One module: `made` mutants could be made of its text, `mutants` are those that are asked about, controls among them.
    `stable` names all that could be made, by id."""

    module: str
    path: str
    project: str
    text: str
    mutants: tuple[Mutant, ...]
    made: int
    stable: Mapping[str, str] = field(default_factory=dict)


def case_of(
    ground: ProjectBaseline, subjects: Sequence[Subject], workers: int, limits: JudgeLimits, *, matrix: bool
) -> Case:
    """How the subjects of a project are judged by the tests that passed every time."""
    suite = ground.suite
    assert ground.setting is not None, "a project without an environment is not judged"
    return Case(
        setting=ground.setting,
        suite="existing",
        texts={subject.path: subject.text for subject in subjects},
        reach=reach(suite.measured, suite.usable),
        limits=limits,
        files=tuple(sorted({node.partition("::")[0] for node in suite.usable})),
        matrix=matrix,
        split=guided(suite.measured.tests, workers, START_S + 2 * suite.measured.wall_s),
    )


def mutate(
    case: Case, subjects: Sequence[Subject], executor: Executor, heard: Callable[[Ruled], None]
) -> tuple[JudgedModule, ...]:
    """All mutants in one stream, so that no worker waits for the end of a module. `heard` is told each as it becomes known. Raises
    ControlFailed when a control that changes nothing dies."""
    found: list[Ruled] = []
    for ruled in judging(case, [mutant for subject in subjects for mutant in subject.mutants], executor):
        found.append(ruled)
        heard(ruled)
    return gathered(case, subjects, found)


def gathered(case: Case, subjects: Sequence[Subject], found: Iterable[Ruled]) -> tuple[JudgedModule, ...]:
    """What is known, by module; a module's unjudged mutants are left out."""
    known = {ruled.mutant.id: ruled for ruled in found}
    seen = runs(case.reach)
    return tuple(
        _module(case, subject, known).model_copy(update={"runs": seen.get(subject.path, ())}) for subject in subjects
    )


def _module(case: Case, subject: Subject, known: dict[str, Ruled]) -> JudgedModule:
    judged = [mutant for mutant in subject.mutants if mutant.id in known]
    judgement = folded(case, judged, (known[mutant.id] for mutant in judged))
    verdicts = tuple(
        verdict.model_copy(update={"stable": subject.stable.get(verdict.mutant.id, "")})
        for verdict in judgement.verdicts
    )
    return JudgedModule(
        module=subject.module,
        path=subject.path,
        project=subject.project,
        text=subject.text,
        verdicts=verdicts,
        controls=judgement.controls,
        made=subject.made,
        same_code=len(judgement.same_code),
        sampled_out=subject.made - sum(not mutant.control for mutant in subject.mutants),
    )

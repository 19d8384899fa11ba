"""What `qtest mutate` does: judge every mutant of a project's own code by its own tests."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qtest.mutation.batches import guided
from qtest.mutation.choose import Choice
from qtest.mutation.judge import Case, Ruled, folded, judging, judging_cold, verdict
from qtest.mutation.plan import reach, runs
from qtest.ports import Executor
from qtest.records.baseline import ProjectBaseline
from qtest.records.mutant import Mutant, Refused, Verdict
from qtest.records.mutation import JudgedModule
from qtest.records.workbench import JudgeLimits, JudgeOrder

START_S = 1.5  # of a sandbox, an interpreter and pytest in it, before any test


@dataclass(frozen=True)
class Subject:
    """One module: `made` mutants could be made of its text, `whole` are all of them and the controls, `stable` names them by id, and
    `dropped` of those asked about compile to the code of the original or of another. `mutants` are those that are asked about, controls among them; the others are on lines that did not
    change, were not drawn, or belong to another shard."""

    module: str
    path: str
    project: str
    text: str
    mutants: tuple[Mutant, ...]
    made: int
    whole: tuple[Mutant, ...] = ()
    stable: Mapping[str, str] = field(default_factory=dict)
    dropped: int = 0
    unchanged: int = 0
    sampled_out: int = 0
    elsewhere: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)
    set_aside: tuple[Mutant, ...] = ()

    def narrowed(self, choice: Choice) -> "Subject":
        real = {mutant.id for mutant in self.mutants if not mutant.control}
        asked, drawn = len(real & choice.asked), len(real & choice.drawn)
        return replace(
            self,
            mutants=tuple(mutant for mutant in self.mutants if mutant.id in choice.here),
            unchanged=self.made - asked,
            sampled_out=asked - drawn,
            elsewhere=drawn - len(real & choice.here),
        )

    def typed(self, refused: Mapping[str, str]) -> "Subject":
        """Those that the type checker refuses, with what it says, are not asked about."""
        aside = tuple(mutant for mutant in self.mutants if mutant.id in refused)
        kept = tuple(mutant for mutant in self.mutants if mutant.id not in refused)
        return replace(self, mutants=kept, refused=refused, set_aside=aside)

    def without(self, twins: Collection[str]) -> "Subject":
        kept = tuple(mutant for mutant in self.mutants if mutant.id not in twins)
        return replace(self, mutants=kept, dropped=len(self.mutants) - len(kept))


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
    case: Case,
    subjects: Sequence[Subject],
    executor: Executor,
    heard: Callable[[Ruled], None],
    known: Sequence[Ruled] = (),
) -> tuple[JudgedModule, ...]:
    """All mutants in one stream, so that no worker waits for the end of a module; those that are `known` are not judged. `heard` is told
    each as it becomes known. Raises ControlFailed when a control that changes nothing dies."""
    there = {item.mutant.id for item in known}
    wanted = [mutant for subject in subjects for mutant in subject.mutants if mutant.id not in there]
    found = list(known)
    for item in _judging(case, wanted, known, executor):
        found.append(item)
        heard(item)
    return gathered(case, subjects, found)


def _judging(case: Case, wanted: Sequence[Mutant], known: Sequence[Ruled], executor: Executor) -> Iterator[Ruled]:
    """Where a file turns out not to bear our tricks, what is known of it from a run that did not see that is judged again."""
    unfit: set[str] = set()
    for item in judging(case, wanted, executor):
        if item.run and item.run.how == "cold":
            unfit.add(item.mutant.path)
        yield item
    yield from judging_cold(case, [item.mutant for item in known if item.mutant.path in unfit], executor)


def still_asked(known: Sequence[Ruled], planned: Sequence[tuple[Mutant, JudgeOrder | None]]) -> list[Ruled]:
    """Of what is known, without the controls of functions that have a mutant to be judged: these are made with it."""
    there = {item.mutant.id for item in known}
    symbols = {mutant.symbol for mutant, order in planned if order and not mutant.control and mutant.id not in there}
    return [item for item in known if not (item.mutant.control and item.mutant.symbol in symbols)]


def gathered(case: Case, subjects: Sequence[Subject], found: Iterable[Ruled]) -> tuple[JudgedModule, ...]:
    """What is known, by module, the last word on each; a module's unjudged mutants are left out."""
    known = {ruled.mutant.id: ruled for ruled in found}
    seen = runs(case.reach)
    return tuple(
        _module(case, subject, known).model_copy(update={"runs": seen.get(subject.path, ())}) for subject in subjects
    )


def _module(case: Case, subject: Subject, known: dict[str, Ruled]) -> JudgedModule:
    judged = [mutant for mutant in subject.mutants if mutant.id in known]
    judgement = folded(case, judged, (known[mutant.id] for mutant in judged))
    verdicts = tuple(
        one.model_copy(update={"stable": subject.stable.get(one.mutant.id, "")})
        for one in (*judgement.verdicts, *_refusals(case, subject))
    )
    return unjudged(subject).model_copy(
        update={
            "verdicts": verdicts,
            "controls": judgement.controls,
            "same_code": subject.dropped + len(judgement.same_code),
            "remembered": sum(known[one.mutant.id].remembered for one in judgement.verdicts),
        }
    )


def _refusals(case: Case, subject: Subject) -> Iterator[Verdict]:
    for mutant in subject.set_aside:
        unasked = verdict(case, Ruled(mutant))
        yield unasked.model_copy(update={"result": Refused(message=subject.refused[mutant.id])})


def unjudged(subject: Subject) -> JudgedModule:
    return JudgedModule(
        module=subject.module,
        path=subject.path,
        project=subject.project,
        text=subject.text,
        made=subject.made,
        sampled_out=subject.sampled_out,
        unchanged=subject.unchanged,
        elsewhere=subject.elsewhere,
    )

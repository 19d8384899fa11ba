"""What people have decided about tests and mutants holds in the workshop."""

from collections.abc import Iterator, Sequence

import pytest

from qtest.assembly import Assembly, Coverage
from qtest.fakes import plain_mutant
from qtest.records.case import CallCase, Equals, Null
from qtest.records.file import TestFile
from qtest.records.mutant import Failing, Killed, Survived, Verdict
from qtest.records.mutation import Accepted
from qtest.records.outcome import Draft, Feedback, Rejection
from qtest.records.plan import Brief, Budget
from qtest.records.proof import Declined
from qtest.records.report import RunReport
from qtest.records.sandbox import Guarantees
from qtest.records.source import Revision
from qtest.records.system import Module
from qtest.report.tally import accepted_line, tally
from qtest.workshop import Judged, Workshop

CASE = CallCase(id="c1", target="m:f", input=Null(), expect=(Equals(Null()),))
ENTRY = Accepted(id="s1", path="m.py", symbol="m:f", operator="o", change="", reason="equal")


class Proposer:
    """Proposes one case, and keeps the mutants that it was asked about."""

    name = "proposer"
    rounds = 1

    def __init__(self) -> None:
        self.asked: list[str] = []

    def propose(self, brief: Brief, feedback: Feedback) -> Iterator[CallCase]:
        self.asked += [mutant.id for mutant in brief.mutants]
        yield CASE


def verdict(name: str, *, dead: bool = False) -> Verdict:
    mutant = plain_mutant(id=f"m{name}")
    killed = Killed(by=("t",), first=Failing(node="t", phase="call", kind="assertion"))
    result = killed if dead else Survived(tests=1)
    return Verdict(id=f"v{name}", mutant=mutant, suite="existing", result=result, stable=f"s{name}")


def written(
    *verdicts: Verdict, declined: tuple[Declined, ...] = (), about: tuple[str, ...] = ()
) -> tuple[Proposer, Brief, Draft]:
    proposer = Proposer()
    brief = Brief(
        module=Module(name="m", path="m.py", project="", sha256=""),
        source="x",
        project="",
        targets=(),
        accepted=(ENTRY,),
        declined=declined,
        about=about,
    )
    workshop = Workshop(
        generators=(proposer,),
        render=_nothing_to_render,
        gates=lambda brief, mutants: (),
        judge_existing=lambda _: Judged(verdicts),
        allot=lambda _: Budget(),
    )
    return proposer, brief, workshop.write(brief)


def _nothing_to_render(brief: Brief, cases: Sequence[CallCase]) -> TestFile:
    raise AssertionError("nothing was left to render")


def test_a_declined_case_goes_no_further_and_is_told_with_its_reason() -> None:
    unwanted = Declined(file="t.py", test="test_f", target="m:f", claims=("c1",), reason="slow")
    _, _, draft = written(verdict("2"), declined=(unwanted,))
    assert draft.others == (Rejection(target="m:f", stage="declined", reason="test_f was declined: slow", case=CASE),)


def test_an_accepted_mutant_is_not_hunted() -> None:
    unwanted = Declined(file="t.py", test="test_f", target="m:f", claims=("c1",))
    proposer, _, _ = written(verdict("1"), verdict("2"), verdict("3", dead=True), declined=(unwanted,))
    assert proposer.asked == ["m2"]


@pytest.mark.parametrize(("about", "asked"), [(("m:f",), ["m2"]), (("m:g",), []), ((), ["m2"])])
def test_where_a_concern_is_about_some_functions_only_their_mutants_are_hunted(
    about: tuple[str, ...], asked: list[str]
) -> None:
    unwanted = Declined(file="t.py", test="test_f", target="m:f", claims=("c1",))
    assert written(verdict("2"), declined=(unwanted,), about=about)[0].asked == asked


def test_where_only_accepted_mutants_live_nobody_is_asked_and_the_score_is_given_both_ways() -> None:
    proposer, brief, draft = written(verdict("1"), verdict("3", dead=True))
    assert proposer.asked == []
    assembly = Assembly(_nothing_to_render, lambda brief, mutants: (), lambda brief, proof: Coverage())
    module = assembly.close(brief, draft)
    assert module.accepted == ("m1",)
    assert module.note == "your suite already kills every mutant of it that is not accepted"
    counted = tally([module])
    assert (counted.score_after, counted.whole.score_after) == (1.0, 0.5)
    report = RunReport(
        qtest="0", target="x", revision=Revision(kind="folder", name="x"), seed="0", settings="{}", python="none",
        environment="none", guarantees=Guarantees(adapter="fake", items=()), modules=(module,),
    )  # fmt: skip
    assert accepted_line(report) == "1 accepted mutant lives and was not hunted; with them the score is 50 %"

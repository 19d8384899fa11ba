"""Rounds of proposing and judging, over generators and gates that do as they are told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from qtest.ports import Gate
from qtest.records.case import Call, CallCase, Equals, Int, Provenance
from qtest.records.file import RenderedTest, TestFile
from qtest.records.mutant import Failing, Killed, Mutant, Survived, Verdict
from qtest.records.outcome import (
    Draft,
    Effort,
    Feedback,
    Finding,
    GateReport,
    Opinion,
    Rejection,
    Scored,
    Spent,
    SuspectedBug,
)
from qtest.records.plan import Brief
from qtest.records.system import Module, Symbol
from qtest.rounds import ALONE, IDLE, Rounds

PROMISE = "It is always one or more."
SYMBOL = Symbol(id="m:f", module="m", qualname="f", kind="function", path="m.py", line=1, end_line=1, docstring=PROMISE)
BRIEF = Brief(
    module=Module(name="m", path="m.py", project="", sha256="", symbols=(SYMBOL,)), source="x", project="", targets=()
)
WRONG = "fails on the code as it is: assert 0 == 1"


def case(name: str, source: str = "", origin: str = "model") -> CallCase:
    provenance = Provenance(generator="g", origin=origin, source=source)  # type: ignore[arg-type]
    return CallCase(id=name, target="m:f", input=Call("m:f"), expect=(Equals(Int(1)),), provenance=provenance)


def mutant(name: str) -> Mutant:
    return Mutant(
        id=name, path="m.py", file_digest="", symbol="m:f", operator="o", line=1, end_line=1, start=0, end=1,
        original="a", replacement="b",
    )  # fmt: skip


@dataclass
class Proposer:
    """Proposes the next list each time, and remembers what it was told."""

    lists: Sequence[Sequence[CallCase | Rejection]]
    rounds: int = 3
    name: str = "proposer"
    told: list[Feedback] = field(default_factory=list)
    living: list[set[str]] = field(default_factory=list)

    def propose(self, brief: Brief, feedback: Feedback) -> Iterator[CallCase | Rejection | Effort]:
        self.told.append(feedback)
        self.living.append({mutant.id for mutant in brief.mutants})
        yield from self.lists[len(self.told) - 1]
        yield Effort(wall_s=1.0, spent=(Spent(tier="TIER1", answers=1, input_tokens=10),))


@dataclass
class Runtime:
    wrong: frozenset[str]
    name: str = "runtime"

    def check(self, file: TestFile) -> GateReport:
        if "endless" in file.text:
            return GateReport(gate="runtime", result="failed", findings=(Finding(text="the file could not be run"),))
        bad = [test.name for test in file.tests if test.cases[0].id in self.wrong]
        found = tuple(Finding(text=WRONG, node=name, cause="wrong") for name in bad)
        return GateReport(gate="runtime", result="failed" if bad else "passed", findings=found)


@dataclass
class Mutation:
    """Each case kills the mutant of its name."""

    mutants: Sequence[Mutant]
    name: str = "mutation"

    def check(self, file: TestFile) -> GateReport:
        names = {test.cases[0].id: f"{file.path}::{test.name}" for test in file.tests}
        return GateReport(
            gate="mutation", result="passed", evidence=tuple(_verdict(one, names.get(one.id)) for one in self.mutants)
        )


def _verdict(one: Mutant, node: str | None) -> Verdict:
    killed = Killed(by=(node,), first=Failing(node=node, phase="call", kind="assertion")) if node else None
    return Verdict(id=one.id, mutant=one, suite="generated", result=killed or Survived(tests=1))


def rendered(_: Brief, cases: Sequence[CallCase]) -> TestFile:
    tests = tuple(
        RenderedTest(name=f"test_{one.id}", nodes=(f"test_{one.id}",), cases=(one,), line=number, end_line=number)
        for number, one in enumerate(cases, 1)
    )
    return TestFile(
        path="t.py", text="".join(f"{one.id}\n" for one in cases), language="python", module="m", tests=tests
    )


@dataclass
class Reader:
    """Answers the port `Editor`: has these opinions, and titles by a function."""

    opinions: tuple[Opinion, ...] = ()
    retitle: Callable[[Sequence[CallCase]], Sequence[CallCase]] = tuple
    seen: list[str] = field(default_factory=list)

    def review(self, brief: Brief, cases: Sequence[CallCase]) -> tuple[tuple[Opinion, ...], Effort]:
        self.seen += [case.id for case in cases]
        return self.opinions, Effort()

    def title(self, brief: Brief, cases: Sequence[CallCase]) -> tuple[tuple[CallCase, ...], Effort]:
        return tuple(self.retitle(cases)), Effort()


def run(*proposers: Proposer, wrong: str = "", mutants: str = "ab", editor: Reader | None = None) -> Draft:
    def gates(brief: Brief, mutants: Sequence[Mutant]) -> Sequence[Gate]:
        return (Runtime(frozenset(wrong)), Mutation(mutants))

    draft = Draft(module="m", path="m.py", project="")
    brief = BRIEF.model_copy(update={"mutants": tuple(map(mutant, mutants))})
    return Rounds(draft, brief, rendered, gates, editor).run(proposers)


def kept(draft: Draft) -> list[str]:
    return [item.case.id for item in draft.kept]


def test_the_next_generator_is_asked_about_what_the_first_left_alive_and_what_both_found_stays() -> None:
    first, second = Proposer([[case("a", origin="search")]], rounds=1), Proposer([[case("b")]])
    draft = run(first, second)
    assert second.living == [{"b"}]
    assert kept(draft) == ["a", "b"]
    assert [verdict.result.status for verdict in draft.after] == ["killed", "killed"]


def test_nobody_is_asked_when_nothing_lives() -> None:
    second = Proposer([[case("b")]])
    run(Proposer([[case("a")]], rounds=1), second, mutants="a")
    assert second.told == []


def test_what_the_gates_said_is_told_in_the_next_round_and_grows() -> None:
    proposer = Proposer([[case("x")], [case("y"), case("z")], [case("a")]])
    draft = run(proposer, wrong="xy")
    assert proposer.told[0] == Feedback()
    assert [(one.stage, one.reason) for one in proposer.told[1].rejected] == [("runtime", WRONG)]
    assert [one.case.id for one in proposer.told[2].rejected if one.case] == ["x", "y", "z"]
    assert proposer.told[2].rejected[-1].reason == IDLE
    assert (proposer.told[1].tokens, proposer.told[2].tokens) == (10, 20)
    assert kept(draft) == ["a"]
    assert draft.effort.spent == (Spent(tier="TIER1", answers=3, input_tokens=30),)


def test_a_case_that_never_ends_costs_the_others_nothing() -> None:
    proposer = Proposer([[case("a"), case("endless"), case("x"), case("b")], [], []])
    draft = run(proposer, wrong="x", mutants="abz")
    assert kept(draft) == ["a", "b"]
    told = {one.case.id: one.reason for one in proposer.told[1].rejected if one.case}
    assert set(told) == {"endless", "x"}
    assert told["endless"] == ALONE


def test_rounds_end_when_there_is_nothing_to_mend() -> None:
    proposer = Proposer([[case("a")]])
    run(proposer)
    assert len(proposer.told) == 1


def test_an_answer_that_is_none_is_mended_too_and_counted() -> None:
    bad = Rejection(target="m:f", stage="model", reason="the answer is not JSON")
    proposer = Proposer([[bad], [bad], [bad]])
    draft = run(proposer)
    assert len(proposer.told) == 3
    assert draft.others == (bad, bad, bad)
    assert draft.file is None


@pytest.mark.parametrize(
    ("cited", "is_bug"),
    [(PROMISE, True), ("It  is always\none or more.", True), ("", False), ("It is always two.", False), ("is", False)],
)
def test_what_the_code_contradicts_is_a_suspected_bug_only_where_its_documentation_says_so(
    cited: str, is_bug: bool
) -> None:
    source = " ".join(cited.split())
    draft = run(Proposer([[case("x", source)], [], []]), wrong="x")
    (found,) = draft.others
    assert isinstance(found, SuspectedBug) is is_bug
    if isinstance(found, SuspectedBug):
        assert found.contract == f"its documentation says: {PROMISE}"
        assert found.observed == "assert 0 == 1"
        assert "print(repr(f()))" in found.repro


def test_a_critic_sees_what_a_model_wrote_and_its_words_are_scored_by_the_mutation_gate() -> None:
    said = (Opinion(case="b", verdict="reject", reason="an accident"), Opinion(case="x"), Opinion(case="c"))
    reader = Reader(said)
    search = Proposer([[case("a", origin="search")]], rounds=1)
    draft = run(search, Proposer([[case("b"), case("x"), case("c")], [], []]), mutants="abc", editor=reader)
    assert reader.seen[:3] == ["b", "x", "c"]
    assert kept(draft) == ["a", "c"]
    assert {one.mutant.id for one in draft.after if isinstance(one.result, Killed)} == {"a", "c"}
    assert draft.effort.critic == Scored(refused=1, refused_killing=1, passed=2, passed_killing=1)
    assert ("critic", "an accident") in [(one.stage, one.reason) for one in draft.others if isinstance(one, Rejection)]


def test_a_critic_that_asks_for_an_assertion_is_heard_in_the_next_round_and_the_test_stands() -> None:
    proposer = Proposer([[case("a")], []])
    draft = run(proposer, editor=Reader((Opinion(case="a", verdict="ask", reason="look at the message"),)))
    assert kept(draft) == ["a"]
    assert [one.reason for one in proposer.told[1].rejected] == ["add an assertion: look at the message"]


def test_tests_stand_under_the_names_and_in_the_order_that_the_editor_gives() -> None:
    def turned(cases: Sequence[CallCase]) -> list[CallCase]:
        return [one.model_copy(update={"description": f"named {one.id}"}) for one in reversed(cases)]

    draft = run(Proposer([[case("a"), case("b")]]), editor=Reader(retitle=turned))
    assert [(item.case.id, item.case.description, item.kills) for item in draft.kept] == [
        ("b", "named b", ("b",)),
        ("a", "named a", ("a",)),
    ]


@pytest.mark.parametrize(
    "retitle",
    [
        lambda cases: cases[1:],
        lambda cases: [*cases, cases[0]],
        lambda cases: [one.model_copy(update={"expect": (Equals(Int(2)),)}) for one in cases],
        lambda cases: [one.model_copy(update={"input": Call("m:g")}) for one in cases],
    ],
    ids=["fewer", "twice", "other-expectation", "other-call"],
)
def test_an_editor_that_changes_what_is_claimed_changes_nothing(
    retitle: Callable[[Sequence[CallCase]], Sequence[CallCase]],
) -> None:
    draft = run(Proposer([[case("a"), case("b")]]), editor=Reader(retitle=retitle))
    assert [item.case for item in draft.kept] == [case("a"), case("b")]

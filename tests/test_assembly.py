"""From kept cases to the file that ships, over gates that say what they are told."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from qtest.assembly import Assembly, Coverage
from qtest.languages.python.mutate import mutate
from qtest.ports import Gate
from qtest.proof import Proof
from qtest.records.case import Call, CallCase, Equals, Int
from qtest.records.file import RenderedTest, TestFile
from qtest.records.mutant import Failing, Killed, Mutant, Survived, Verdict
from qtest.records.outcome import Draft, GateReport, Kept, Rejection, ValidatedTest
from qtest.records.plan import Brief
from qtest.records.system import Module

PATH = "tests/test_m.py"
MUTANTS = [m for m in mutate("def f(a):\n    return a + 1 if a > 2 else 0\n", "m.py", "m") if not m.control]
BRIEF = Brief.model_construct(
    module=Module.model_construct(name="m", path="m.py", project="", sha256=""),
    source="",
    project="",
    targets=(),
)


def case(name: str) -> CallCase:
    return CallCase(
        id=name,
        description=name,
        target="m:f",
        input=Call(symbol="m:f", arguments=()),
        expect=(Equals(value=Int(value=1)),),
    )


A, B = case("a"), case("b")


def rendered(brief: Brief, cases: Sequence[CallCase]) -> TestFile:
    tests = tuple(
        RenderedTest(name=f"test_{one.id}", nodes=(f"test_{one.id}",), cases=(one,), line=number, end_line=number)
        for number, one in enumerate(cases, 1)
    )
    text = "".join(f"def test_{one.id}(): ...\n" for one in cases)
    return TestFile(path=PATH, text=text, language="python", module="m", tests=tests)


def verdict(mutant: Mutant, *killers: str) -> Verdict:
    nodes = tuple(f"{PATH}::test_{name}" for name in killers)
    first = Failing(node=nodes[0] if nodes else "", phase="call", kind="assertion", error="AssertionError")
    return Verdict(
        id=mutant.id,
        mutant=mutant,
        suite="generated",
        result=Killed(by=nodes, first=first) if nodes else Survived(tests=1),
        how="swap",
        diff="",
        replay="",
    )


@dataclass
class Told:
    """A gate that kills by `kills`, as far as the tests are in the file."""

    kills: dict[str, tuple[str, ...]]
    seen: list[str] = field(default_factory=list)
    name: str = "mutation"

    def check(self, file: TestFile) -> GateReport:
        self.seen.append(file.text)
        there = {test.cases[0].id for test in file.tests}
        rows = [verdict(m, *(k for k in self.kills.get(m.id, ()) if k in there)) for m in MUTANTS]
        return GateReport(gate="mutation", result="passed", evidence=tuple(rows))


def closed(draft: Draft, gate: Told) -> tuple[list[ValidatedTest], list[Rejection]]:
    def gates(brief: Brief, mutants: Sequence[Mutant]) -> Sequence[Gate]:
        return (gate,)

    def cover(brief: Brief, proof: Proof) -> Coverage:
        return Coverage()

    outcomes = Assembly(render=rendered, gates=gates, cover=cover).close(BRIEF, draft).outcomes
    return (
        [one for one in outcomes if isinstance(one, ValidatedTest)],
        [one for one in outcomes if isinstance(one, Rejection)],
    )


def drafted(gate: Told, *cases: CallCase) -> Draft:
    file = rendered(BRIEF, cases)
    report = gate.check(file)
    kept = tuple(
        Kept(case=one, kills=tuple(sorted(m for m, killers in gate.kills.items() if one.id in killers)))
        for one in cases
    )
    gate.seen.clear()
    return Draft(module="m", path="m.py", project="", kept=kept, after=report.evidence, file=file, gates=(report,))


FIRST, SECOND = MUTANTS[0].id, MUTANTS[1].id


def test_a_text_that_was_judged_as_it_ships_is_not_judged_again() -> None:
    gate = Told({FIRST: ("a",), SECOND: ("b",)})
    tests, _ = closed(drafted(gate, A, B), gate)
    assert [(test.name, test.kills) for test in tests] == [("test_a", (FIRST,)), ("test_b", (SECOND,))]
    assert gate.seen == []


def test_a_text_that_lost_a_test_is_judged_anew() -> None:
    gate = Told({FIRST: ("a", "b"), SECOND: ("a",)})
    tests, rejections = closed(drafted(gate, A, B), gate)
    assert [test.name for test in tests] == ["test_a"]
    assert gate.seen == ["def test_a(): ...\n"]
    assert [one.reason for one in rejections] == ["the kept tests kill everything it kills"]


def test_a_test_without_a_kill_of_its_own_in_the_final_text_is_dropped() -> None:
    draft = drafted(Told({FIRST: ("a",), SECOND: ("b",)}), A, B).model_copy(update={"file": None, "gates": ()})
    final = Told({FIRST: ("a",), SECOND: ("a", "b")})
    tests, rejections = closed(draft, final)
    assert [test.name for test in tests] == ["test_a"]
    assert [one.reason for one in rejections] == ["no kill of its own in the text that ships"]
    assert len(final.seen) == 2

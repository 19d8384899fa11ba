"""Which cases a gate's findings cost, over a gate that says what it is told."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from qtest.proof import prove
from qtest.records.case import Call, CallCase, Equals, Int
from qtest.records.file import RenderedTest, TestFile, WrittenFile
from qtest.records.outcome import Finding, GateReport
from qtest.records.plan import Brief
from qtest.records.system import Module

BRIEF = Brief.model_construct(module=Module.model_construct(name="m", path="m.py", project="", sha256=""))


def case(name: str) -> CallCase:
    call = Call(symbol=f"m:{name}", arguments=())
    return CallCase(id=name, description=name, target=f"m:{name}", input=call, expect=(Equals(value=Int(value=1)),))


def rendered(_: Brief, cases: Sequence[CallCase]) -> TestFile:
    """An import line, then a test of one line for each case."""
    tests = tuple(
        RenderedTest(name=f"test_{one.id}", nodes=(f"test_{one.id}",), cases=(one,), line=number, end_line=number)
        for number, one in enumerate(cases, 2)
    )
    lines = [f"from m import {', '.join(one.id for one in cases)}"]
    lines += [f"def test_{one.id}(): assert {one.id}() == 1" for one in cases]
    return TestFile(path="test_m.py", text="\n".join(lines) + "\n", language="python", module="m", tests=tests)


@dataclass
class Finds:
    """A gate that finds something as long as the text has the word."""

    finding: Finding
    word: str
    name: str = "compile"

    def check(self, file: TestFile) -> GateReport:
        bad = self.word in file.text
        return GateReport(gate="compile", result="failed" if bad else "passed", findings=(self.finding,) if bad else ())


def proven(finding: Finding, word: str = "Tee") -> tuple[list[str], list[str]]:
    """The cases that stand, and those that were dropped."""
    proof = prove(BRIEF, [case("Tee"), case("cycle")], rendered, [Finds(finding, word)])
    standing = [one.id for test in proof.file.tests for one in test.cases] if proof.file else []
    return standing, [item.case.id for item in proof.dropped if item.case]


def test_what_is_found_in_a_test_costs_that_test() -> None:
    assert proven(Finding(text="anything", line=2)) == (["cycle"], ["Tee"])


def test_what_is_found_in_an_import_costs_the_tests_that_use_the_name() -> None:
    said = 'Module "m" has no attribute "Tee"; maybe "cycle"?'
    assert proven(Finding(text=said, line=1)) == (["cycle"], ["Tee"])


def test_what_no_test_can_be_blamed_for_costs_the_file() -> None:
    assert proven(Finding(text='Cannot find module "m"', line=1)) == ([], [])


def test_what_is_not_proven_among_other_tests_is_tried_in_a_file_of_its_own() -> None:
    def among(brief: Brief, cases: Sequence[CallCase]) -> TestFile:
        file = rendered(brief, cases)
        return file.model_copy(update={"text": f"{file.text}# theirs\n"}) if brief.host else file

    brief = BRIEF.model_copy(update={"host": WrittenFile(path="test_m.py", text="# theirs\n")})
    proof = prove(brief, [case("cycle")], among, [Finds(Finding(text="no room"), "theirs")])
    assert proof.file is not None
    assert "theirs" not in proof.file.text


@pytest.mark.parametrize(("line", "ours"), [(0, True), (1, False), (2, True), (3, False), (4, True)])
def test_a_line_that_the_host_has_is_the_hosts_but_in_a_test_of_ours(line: int, ours: bool) -> None:
    test = RenderedTest(name="test_a", nodes=(), cases=(), line=4, end_line=4)
    text = "import a\nimport b\n\nimport a\n"
    file = TestFile(path="t.py", text=text, language="python", module="m", tests=(test,), host="import a\n\n")
    assert file.owns(line) is ours

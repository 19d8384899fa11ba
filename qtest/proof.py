"""Proving a list of cases: render them, ask the gates, drop those the gates name, and ask again."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from qtest.ports import Gate
from qtest.records.case import CallCase
from qtest.records.file import RenderedTest, TestFile
from qtest.records.mutant import Killed, Mutant, Verdict
from qtest.records.outcome import Finding, GateReport, Kept, Rejection
from qtest.records.plan import Brief

Render = Callable[[Brief, Sequence[CallCase]], TestFile]
Gates = Callable[[Brief, Sequence[Mutant]], Sequence[Gate]]

_QUOTED, _WORD = re.compile(r"[\"'`]([^\"'`]+)[\"'`]"), re.compile(r"\w+")
ROUNDS = 4  # each drops the cases that the gates named; a file that still fails then is given up


@dataclass(frozen=True)
class Proof:
    """How proving a list of cases ended: the file that stands, what the gates said last, and who was dropped for what."""

    file: TestFile | None
    reports: tuple[GateReport, ...] = ()
    dropped: tuple[Rejection, ...] = ()

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return tuple(verdict for report in self.reports for verdict in report.evidence)


def prove(brief: Brief, cases: Sequence[CallCase], render: Render, gates: Sequence[Gate]) -> Proof:
    """Render and ask the gates; drop the cases they name, and ask again, at most `ROUNDS` times. What is not proven in a module of tests
    that is there is tried in a file of its own."""
    proof = _proven(brief, cases, render, gates)
    if proof.file is not None or brief.host is None or not cases:
        return proof
    reason = proof.dropped[-1].reason if proof.dropped else "nothing was proven in it"
    alone = brief.model_copy(update={"host": None, "apart": f"{brief.host.path} takes no tests: {reason}"})
    return _proven(alone, cases, render, gates)


def _proven(brief: Brief, cases: Sequence[CallCase], render: Render, gates: Sequence[Gate]) -> Proof:
    proof = Proof(file=None)
    left = tuple(cases)
    for _ in range(ROUNDS):
        if not left:
            return replace(proof, file=None)
        file = render(brief, left)
        reports = tuple(_chain(gates, file))
        proof = replace(proof, file=file, reports=reports)
        last = reports[-1]
        if last.result == "passed" or last.gate == "mutation":
            return proof
        blamed = _blamed(last, file)
        if not blamed:
            reason = (
                last.findings[0].text if last.findings else f"the {last.gate} gate said {last.result} without a finding"
            )
            return Proof(
                None,
                reports,
                (*proof.dropped, Rejection(target=brief.module.name, stage=last.gate, reason=reason, count=len(left))),
            )
        rejections = tuple(
            Rejection(target=case.target, stage=last.gate, reason=_reason(finding), case=case)
            for case, finding in blamed
        )
        names = {case.id for case, _ in blamed}
        left = tuple(case for case in left if case.id not in names)
        proof = replace(proof, dropped=proof.dropped + rejections)
    return replace(proof, file=None)


def kept_by(proof: Proof) -> tuple[Kept, ...]:
    """The cases of a proven file with the mutants each was judged to kill; those that kill none are left out."""
    if proof.file is None:
        return ()
    kills: dict[str, list[str]] = {}
    for verdict in proof.verdicts:
        if isinstance(verdict.result, Killed):
            for node in verdict.result.by:
                kills.setdefault(node, []).append(verdict.mutant.id)
    found = ((case, kills.get(node, [])) for node, case in nodes_of(proof.file))
    return tuple(Kept(case=case, kills=tuple(sorted(dead))) for case, dead in found if dead)


def nodes_of(file: TestFile) -> Iterator[tuple[str, CallCase]]:
    """Every (full node id, case) of the file, in order."""
    for test in file.tests:
        for node, case in zip(test.nodes, test.cases, strict=True):
            yield f"{file.path}::{node}", case


def evidence_of(reports: Iterable[GateReport]) -> tuple[Verdict, ...]:
    return tuple(verdict for report in reports for verdict in report.evidence)


def _chain(gates: Sequence[Gate], file: TestFile) -> Iterator[GateReport]:
    for gate in gates:
        report = gate.check(file)
        yield report
        if report.result != "passed":
            return


def _blamed(report: GateReport, file: TestFile) -> list[tuple[CallCase, Finding]]:
    by_node = dict(nodes_of(file))
    found: dict[str, tuple[CallCase, Finding]] = {}
    for finding in report.findings:
        if finding.node:
            name = finding.node if finding.node in by_node else f"{file.path}::{finding.node}"
            cases = [by_node[name]] if name in by_node else []
        else:
            tests = [test for test in file.tests if test.line <= finding.line <= test.end_line]
            cases = [case for test in tests or _users(finding, file) for case in test.cases]
        for case in cases:
            found.setdefault(case.id, (case, finding))
    return list(found.values())


def _users(finding: Finding, file: TestFile) -> list[RenderedTest]:
    """Tests that use the first name which the finding speaks of: its line, an import say, is no test's own."""
    lines = file.text.splitlines()
    words = {test.name: set(_WORD.findall("\n".join(lines[test.line - 1 : test.end_line]))) for test in file.tests}
    spoken = (name for quoted in _QUOTED.findall(finding.text) for name in _WORD.findall(quoted))
    for name in spoken:
        users = [test for test in file.tests if name in words[test.name]]
        if users and name not in _WORD.findall(file.module):
            return users
    return []


def _reason(finding: Finding) -> str:
    return f"flaky ({finding.cause}): {finding.text}" if finding.cause not in ("", "wrong") else finding.text

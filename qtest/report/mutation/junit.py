"""JUnit XML: a suite for each module, a case for each mutant. Killed passes, a survivor fails, what has no clear end is an error,
what a person accepted or the type checker refuses is skipped."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping

from qtest.mutation.words import change
from qtest.records.mutant import Inconclusive, Refused, TimedOut, Verdict
from qtest.records.mutation import Accepted, JudgedModule, MutationReport, lives
from qtest.report.junit import clean
from qtest.report.mutation.told import Runs, accepted_of, controls, ending, first_line, line_of, name, question, runs

_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def junit(report: MutationReport) -> str:
    root = ET.Element("testsuites", name="qtest mutate", time=f"{report.wall_s:.3f}")
    root.append(_whole(report))
    reasons = report.reasons
    for module in report.modules:
        if module.verdicts:
            root.append(_suite(module, reasons))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _whole(report: MutationReport) -> ET.Element:
    """The run as one case: an error when it may not be called green, whatever the mutants say."""
    problem = report.red or ("it was interrupted" if report.status == "partial" else "")
    suite = ET.Element("testsuite", name="qtest", tests="1", failures="0", errors=str(int(bool(problem))), skipped="0")
    properties = ET.SubElement(suite, "properties")
    for title, value in (
        ("target", report.target),
        ("seed", report.seed),
        ("result", first_line(report)),
        ("controls", controls(report)),
        ("sandbox", "none: the code under test ran unprotected" if report.unsafe else report.guarantees.adapter),
    ):
        ET.SubElement(properties, "property", name=title, value=clean(value))
    case = ET.SubElement(suite, "testcase", classname="qtest", name="the run", time=f"{report.wall_s:.3f}")
    if problem:
        ET.SubElement(case, "error", type="red", message=clean(problem))
    return suite


def _suite(module: JudgedModule, reasons: Mapping[str, Accepted]) -> ET.Element:
    by_line = runs(module)
    cases = [
        _case(verdict, line_of(verdict.mutant, module.text), by_line, accepted_of(verdict, reasons))
        for verdict in module.verdicts
    ]
    counts = {title: sum(case.find(tag) is not None for case in cases) for title, tag in _COUNTED.items()}
    suite = ET.Element("testsuite", name=clean(module.module), tests=str(len(cases)))
    for title, count in counts.items():
        suite.set(title, str(count))
    suite.extend(cases)
    return suite


def _case(verdict: Verdict, line: int, by_line: Runs, accepted: Accepted | None) -> ET.Element:
    mutant = verdict.mutant
    case = ET.Element(
        "testcase",
        classname=clean(mutant.symbol),
        name=clean(f"{name(verdict)} line {line}: {change(mutant)}"),
        file=clean(mutant.path),
        line=str(line),
        time=f"{verdict.wall_s:.3f}",
    )
    if lives(verdict) and accepted:
        ET.SubElement(case, "skipped", message=clean(f"accepted: {accepted.reason}"))
    elif isinstance(verdict.result, Refused):
        ET.SubElement(case, "skipped", message=clean(ending(verdict)))
    elif lives(verdict):
        said = ET.SubElement(case, "failure", type=verdict.result.status, message=clean(question(verdict, by_line)))
        said.text = clean(verdict.diff)
    elif isinstance(verdict.result, TimedOut | Inconclusive):
        ET.SubElement(case, "error", type=verdict.result.status, message=clean(ending(verdict))).text = clean(
            verdict.diff
        )
    return case

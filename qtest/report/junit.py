"""JUnit XML, as CI servers read it: a suite for each module; tests pass, suspected bugs fail, rejections are skipped."""

import re
import xml.etree.ElementTree as ET

from qtest.records.outcome import Failure, ModuleOutcome, Outcome, Rejection, SuspectedBug, ValidatedTest
from qtest.records.report import RunReport
from qtest.report.tally import controls_line, first_line

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: RunReport) -> str:
    root = ET.Element("testsuites", name="qtest", time=f"{report.wall_s:.3f}")
    properties = ET.SubElement(
        ET.SubElement(root, "testsuite", name="qtest", tests="0", failures="0", errors="0", skipped="0"), "properties"
    )
    for name, value in (
        ("target", report.target),
        ("seed", report.seed),
        ("result", first_line(report)),
        ("controls", controls_line(report)),
        ("sandbox", "none: the code under test ran unprotected" if report.unsafe else report.guarantees.adapter),
    ):
        ET.SubElement(properties, "property", name=name, value=clean(value))
    for module in report.modules:
        root.append(_suite(module))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(module: ModuleOutcome) -> ET.Element:
    kinds = [type(outcome) for outcome in module.outcomes]
    counts = {
        "tests": len(kinds),
        "failures": kinds.count(SuspectedBug),
        "errors": kinds.count(Failure),
        "skipped": kinds.count(Rejection),
    }
    suite = ET.Element(
        "testsuite", {"name": clean(module.module), **{name: str(count) for name, count in counts.items()}}
    )
    for outcome in module.outcomes:
        suite.append(_case(module, outcome))
    return suite


def _case(module: ModuleOutcome, outcome: Outcome) -> ET.Element:
    if isinstance(outcome, ValidatedTest):
        case = ET.Element(
            "testcase", classname=clean(module.module), name=clean(outcome.name), file=clean(outcome.file), time="0"
        )
        properties = ET.SubElement(case, "properties")
        ET.SubElement(properties, "property", name="kills", value=" ".join(outcome.kills))
        return case
    case = ET.Element("testcase", classname=clean(module.module), name=clean(outcome.target), time="0")
    if isinstance(outcome, SuspectedBug):
        ET.SubElement(
            case, "failure", type="suspected bug", message=clean(f"{outcome.contract}; {outcome.observed}")
        ).text = clean(outcome.repro)
    elif isinstance(outcome, Rejection):
        ET.SubElement(
            case,
            "skipped",
            message=clean(
                f"{outcome.stage}: {outcome.reason}" + (f" ({outcome.count} times)" if outcome.count > 1 else "")
            ),
        )
    else:
        ET.SubElement(case, "error", type="machinery", message=clean(outcome.reason)).text = clean(outcome.detail)
    return case


def clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)

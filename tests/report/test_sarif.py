"""SARIF of a run and of judged mutants, against what of the standard's schema we use."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from qtest.records.mutation import MutationReport
from qtest.records.outcome import SuspectedBug
from qtest.records.report import RunReport
from qtest.report.sarif import of_mutants, of_run

HERE = Path(__file__).parent
BUG = SuspectedBug(target="textkit:count", contract="says so", observed="it raises", repro="print(1)\n")


def results(text: str) -> list[dict[str, Any]]:
    """Of a valid file."""
    found = json.loads(text)
    jsonschema.validate(found, json.loads((HERE / "sarif-cut.schema.json").read_text()))
    listed: list[dict[str, Any]] = found["runs"][0]["results"]
    return listed


@pytest.fixture
def run() -> RunReport:
    report = RunReport.from_json((HERE / "golden" / "textkit.json").read_text("utf-8"))
    module = report.modules[0]
    return report.model_copy(update={"modules": (module.model_copy(update={"outcomes": (BUG,)}),)})


def test_a_suspected_bug_is_a_warning_and_a_survivor_a_note(run: RunReport) -> None:
    told = [(one["ruleId"], one["level"]) for one in results(of_run(run))]
    assert told == [("suspected-bug", "warning"), ("survivor", "note")]


def test_places_are_relative_to_the_repository(run: RunReport) -> None:
    place = results(of_run(run))[1]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "textkit/__init__.py", "uriBaseId": "SRCROOT"}
    assert place["region"]["startLine"] == 22


def test_each_result_has_a_fingerprint_of_its_own_that_stays(
    report: Callable[..., MutationReport],
) -> None:
    made = report()
    found = results(of_mutants(made))
    assert [one["partialFingerprints"]["qtest/v1"] for one in found] == [verdict.stable for verdict in made.alive]
    assert len({verdict.stable for verdict in made.alive}) == len(found) > 1


def test_what_no_test_runs_has_a_rule_of_its_own(report: Callable[..., MutationReport]) -> None:
    assert {one["ruleId"] for one in results(of_mutants(report()))} == {"survivor", "not-covered"}

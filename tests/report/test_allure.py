"""The files for Allure: their shape, and that none of them calls a mutant dead that is not."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from qtest.mutation.accepted import entry
from qtest.records.mutation import MutationReport
from qtest.records.outcome import Failure, ModuleOutcome, Rejection, SuspectedBug, ValidatedTest
from qtest.records.report import RunReport
from qtest.records.sandbox import Guarantees
from qtest.records.source import Revision
from qtest.report.files import write as write_run
from qtest.report.mutation.files import write

Reporter = Callable[..., MutationReport]
TEXT = {"type": "string", "minLength": 1}
ITEMS = {
    name: {"type": "array", "items": {"type": "object", "properties": dict.fromkeys(fields, TEXT), "required": fields}}
    for name, fields in {
        "labels": ["name", "value"],
        "parameters": ["name", "value"],
        "links": ["name", "url"],
        "attachments": ["name", "source", "type"],
    }.items()
}
SCHEMA = {  # https://allurereport.org/docs/how-it-works-test-result-file/
    "type": "object",
    "additionalProperties": False,
    "required": ["uuid", "historyId", "testCaseId", "fullName", "name", "status", "stage", *ITEMS],
    "properties": {
        **dict.fromkeys(("uuid", "historyId", "testCaseId", "fullName", "name"), TEXT),
        "status": {"enum": ["failed", "broken", "passed", "skipped"]},
        "statusDetails": {"type": "object", "additionalProperties": False, "properties": {"message": TEXT}},
        "stage": {"const": "finished"},
        **ITEMS,
    },
}


def results(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*-result.json"))]


def of_mutants(found: MutationReport, out: Path) -> list[dict[str, Any]]:
    write(found, out)
    return results(out / "qtest-mutation" / "allure-results")


def parameter(result: dict[str, Any], name: str) -> str:
    return next((str(one["value"]) for one in result["parameters"] if one["name"] == name), "")


def label(result: dict[str, Any], name: str) -> str:
    return next(str(one["value"]) for one in result["labels"] if one["name"] == name)


def ran(*outcomes: ValidatedTest | SuspectedBug | Rejection | Failure, **more: object) -> RunReport:
    module = ModuleOutcome(module="money", path="money.py", project="", source="x = 1\n", outcomes=outcomes)
    made = RunReport(
        qtest="0", target="shop", revision=Revision(kind="folder", name="x"), seed="0", settings="{}", python="none",
        environment="none", guarantees=Guarantees(adapter="fake", items=()), modules=(module,),
    )  # fmt: skip
    return made.model_copy(update=dict(more))


PASSES = ValidatedTest(
    target="money:f", file="test_money.py", name="test_f", nodes=("test_money.py::test_f",), text="def test_f(): ...\n",
    cases=(), kills=("a", "b"),
)  # fmt: skip
BUG = SuspectedBug(target="money:f", contract="it returns int", observed="TypeError", repro="f(1)\n")
REJECTED = Rejection(target="money:g", stage="runtime", reason="flaky", count=3)
BROKEN = Failure(target="money:h", reason="worker lost", detail="Traceback \ud800")


def test_every_file_of_mutants_has_the_documented_shape(report: Reporter, tmp_path: Path) -> None:
    found = of_mutants(report(), tmp_path)
    assert len(found) == len(report().verdicts) + 1
    for result in found:
        jsonschema.Draft202012Validator(SCHEMA).validate(result)


@pytest.mark.parametrize(
    ("ended", "status"),
    [
        ("killed", "passed"),
        ("survived", "failed"),
        ("no coverage", "skipped"),
        ("timed out", "broken"),
        ("inconclusive", "broken"),
    ],
)
def test_every_end_of_a_mutant_has_its_status(report: Reporter, tmp_path: Path, ended: str, status: str) -> None:
    found = [one["status"] for one in of_mutants(report(), tmp_path) if parameter(one, "ended") == ended]
    assert found
    assert set(found) == {status}


def test_an_accepted_survivor_is_skipped_with_its_reason(report: Reporter, tmp_path: Path) -> None:
    victim = next(one for one in report().verdicts if one.result.status == "survived")
    accepted = (entry(victim, "it is <equal>", "Ann", "2025-01-31"),)
    found = of_mutants(report(accepted=accepted), tmp_path)
    told = next(one for one in found if one["name"].startswith(victim.stable))
    assert (told["status"], told["statusDetails"]["message"]) == ("skipped", "accepted: it is <equal>")


def test_a_mutant_stands_in_its_module_and_function_with_its_diff_attached(report: Reporter, tmp_path: Path) -> None:
    victim = next(one for one in report().verdicts if one.result.status == "survived")
    told = next(one for one in of_mutants(report(), tmp_path) if one["name"].startswith(victim.stable))
    names = ("parentSuite", "suite", "subSuite", "package")
    assert [label(told, name) for name in names] == ["qtest mutate", "money", victim.mutant.symbol, "money"]
    attached = told["attachments"][0]
    assert (attached["name"], attached["type"]) == ("diff", "text/plain")
    assert (tmp_path / "qtest-mutation" / "allure-results" / attached["source"]).read_text() == victim.diff


def test_history_follows_a_mutant_from_run_to_run_and_uuids_do_not(report: Reporter, tmp_path: Path) -> None:
    first, second = (of_mutants(report(run=run), tmp_path / run) for run in ("one", "two"))
    assert {one["historyId"] for one in first} == {one["historyId"] for one in second}
    assert len({one["historyId"] for one in first}) == len(first)
    assert not {one["uuid"] for one in first} & {one["uuid"] for one in second}
    assert all(str(uuid.UUID(one["uuid"])) == one["uuid"] for one in first)


def test_a_red_run_is_a_broken_case_whatever_the_mutants_say(report: Reporter, tmp_path: Path) -> None:
    whole = next(one for one in of_mutants(report(red="the suite is not green"), tmp_path) if one["name"] == "the run")
    assert (whole["status"], whole["statusDetails"]["message"]) == ("broken", "the suite is not green")


def test_what_an_earlier_run_left_in_the_folder_is_gone(report: Reporter, tmp_path: Path) -> None:
    of_mutants(report(run="one"), tmp_path)
    found = of_mutants(report(run="two", modules=report().modules[1:]), tmp_path)
    assert [one["name"] for one in found] == ["the run"]
    assert {path.name for path in (tmp_path / "qtest-mutation").iterdir() if path.name.startswith(".")} == set()


def test_the_exits_of_a_run_have_their_statuses(tmp_path: Path) -> None:
    write_run(ran(PASSES, BUG, REJECTED, REJECTED, BROKEN), tmp_path)
    found = results(tmp_path / "qtest-report" / "allure-results")
    for result in found:
        jsonschema.Draft202012Validator(SCHEMA).validate(result)
    told = sorted((one["name"], one["status"], one["statusDetails"].get("message", "")) for one in found)
    assert told == [
        ("money:f", "failed", "it returns int; TypeError"),
        ("money:g", "skipped", "runtime: flaky (3 times)"),
        ("money:g", "skipped", "runtime: flaky (3 times)"),
        ("money:h", "broken", "worker lost"),
        ("test_f", "passed", ""),
        ("the run", "passed", ""),
    ]


@pytest.mark.parametrize(("ended", "status"), [("partial", "skipped"), ("failed", "broken")])
def test_a_run_that_is_not_whole_does_not_pass(tmp_path: Path, ended: str, status: str) -> None:
    write_run(ran(status=ended), tmp_path)
    found = results(tmp_path / "qtest-report" / "allure-results")
    assert [(one["name"], one["status"]) for one in found] == [("the run", status)]

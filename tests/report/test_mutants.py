"""What `qtest mutate` shows, in each form."""

import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from rich.console import Console

from qtest.mutation.accepted import entry
from qtest.records.difference import Difference, Differences
from qtest.records.mutant import Verdict
from qtest.records.mutation import Accepted, IdleTests, MutationReport
from qtest.report.mutation.elements import elements, viewer
from qtest.report.mutation.files import read, write
from qtest.report.mutation.html import html
from qtest.report.mutation.junit import junit
from qtest.report.mutation.terminal import show
from qtest.report.mutation.told import first_line, question, runs

Reporter = Callable[..., MutationReport]
SCHEMA = json.loads((Path(__file__).parent / "schemas" / "mutation-testing-report-schema.json").read_text())
STALE = Accepted(
    id="0" * 12, path="src/money.py", symbol="money:gone", operator="constant", change="`1` → `2`", reason="was equal"
)


def ended(found: MutationReport, status: str) -> Verdict:
    return next(verdict for verdict in found.verdicts if verdict.result.status == status)


def accepting(found: MutationReport, *verdicts: Verdict) -> MutationReport:
    entries = tuple(entry(verdict, "the <text> is free", "Ann", "2025-01-31") for verdict in verdicts)
    return found.model_copy(update={"accepted": entries, "stale": (STALE,)})


def terminal(found: MutationReport) -> str:
    stream = io.StringIO()
    show(found, Console(file=stream, highlight=False, width=160))
    return stream.getvalue()


def test_a_survivor_is_asked_about_with_the_tests_that_run_it(report: Reporter) -> None:
    found = report()
    by_line = runs(found.modules[0])
    asked = {verdict.mutant.line: question(verdict, by_line) for verdict in found.verdicts}
    assert re.fullmatch(r"1 test runs this line and passes with .+: should it notice\?", asked[8])
    assert asked[3].startswith("this runs while modules are imported or tests collected; 3 tests pass with ")
    assert re.fullmatch(r"1 test runs this line; it and 1 more that may reach it pass with .+", asked[9])
    assert asked[13] == "no test runs this line: is it worth one?"


def test_the_terminal_groups_survivors_by_function_and_shows_what_changes(report: Reporter) -> None:
    said = terminal(report())
    assert said.index("money  src/money.py") < said.index("money:rounded") < said.index("money:label")
    assert "-RATE = 3" in said
    assert "+RATE = 4" in said


def test_the_table_has_only_modules_with_mutants(report: Reporter) -> None:
    assert not re.search(r"^empty ", terminal(report()), re.MULTILINE)


def test_unclear_ends_stand_beside_the_score(report: Reporter) -> None:
    assert "1 timed out, 1 inconclusive; neither is a kill" in terminal(report())
    assert re.match(r"mutation score \d+\.\d to \d+\.\d %: your tests kill 1 of \d+ mutants", first_line(report()))


def test_a_sampled_score_says_how_sure_it_is(report: Reporter) -> None:
    whole = report()
    module = whole.modules[0].model_copy(update={"sampled_out": 500})
    said = first_line(whole.model_copy(update={"modules": (module,)}))
    every = 500 + len(whole.verdicts)
    assert re.match(rf"mutation score \d+\.\d to \d+\.\d % \(95 % sure\): .* drawn from {every}$", said)


def test_tests_that_kill_nothing_are_listed(report: Reporter) -> None:
    found = report(idle=IdleTests(nothing=("test_m.py::test_nothing",), nothing_own=("test_m.py::test_rounded",)))
    for text in (terminal(found), html(found)):
        assert text.index("kill nothing") < text.index("test_nothing") < text.index("kill nothing of their own")
    assert json.loads(found.to_json())["idle"]["nothing"] == ["test_m.py::test_nothing"]


def test_without_a_matrix_no_test_is_said_to_kill_nothing(report: Reporter) -> None:
    assert "kill nothing" not in terminal(report(idle=None)) + html(report(idle=None))


def test_an_accepted_survivor_is_no_question_and_the_score_is_told_with_and_without_it(report: Reporter) -> None:
    plain = report()
    victim = ended(plain, "survived")
    found = accepting(plain, victim)
    said = terminal(found)
    assert f"  {victim.stable} " in terminal(plain)
    assert f"  {victim.stable} " not in said
    assert "1 accepted mutant lives; with them the score is" in said
    assert first_line(found) != first_line(plain)


def test_what_is_accepted_and_killed_or_stale_is_told(report: Reporter) -> None:
    plain = report()
    found = accepting(plain, ended(plain, "killed"))
    for text in (terminal(found), html(found)):
        assert "is killed now by test_m.py::test_rounded; remove it from qtest-accepted.toml" in text
        assert f"stale: {STALE.id}" in text


def test_a_red_result_is_told_everywhere(report: Reporter) -> None:
    found = report(red="the suite is <not> green")
    assert "red: the suite is <not> green" in terminal(found)
    assert "Red: the suite is &lt;not&gt; green" in html(found)
    assert "the suite is <not> green" in [error.get("message") for error in ET.fromstring(junit(found)).iter("error")]


# --- JUnit --------------------------------------------------------------------------------------------------------------


def test_in_junit_a_survivor_fails_and_what_is_unclear_is_an_error(report: Reporter) -> None:
    found = report()
    cases = {case.get("name", "").split()[0]: case for case in ET.fromstring(junit(found)).iter("testcase")}
    tags = {"killed": [], "survived": ["failure"], "no coverage": ["failure"], "timed out": ["error"]}
    for status, expected in {**tags, "inconclusive": ["error"]}.items():
        assert [child.tag for child in cases[ended(found, status).stable]] == expected


def test_in_junit_an_accepted_survivor_is_skipped_with_its_reason(report: Reporter) -> None:
    victim = ended(report(), "survived")
    root = ET.fromstring(junit(accepting(report(), victim)))
    assert [one.get("message") for one in root.iter("skipped")] == ["accepted: the <text> is free"]


def test_junit_counts_what_it_holds(report: Reporter) -> None:
    for suite in ET.fromstring(junit(accepting(report(), ended(report(), "survived")))).iter("testsuite"):
        for title, tag in {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}.items():
            assert int(suite.get(title, "")) == len(list(suite.iter(tag)))


# --- other viewers ------------------------------------------------------------------------------------------------------


def drawn(found: MutationReport) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(elements(found))
    return {mutant["id"]: mutant for mutant in whole["files"]["src/money.py"]["mutants"]}


def test_the_file_for_other_viewers_follows_their_schema(report: Reporter) -> None:
    found = accepting(report(), ended(report(), "survived"))
    jsonschema.Draft7Validator(SCHEMA).validate(json.loads(elements(found)))


def test_what_has_no_clear_end_is_nothing_that_viewers_count_as_detected(report: Reporter) -> None:
    found = accepting(report(), ended(report(), "survived"))
    statuses = {
        "killed": "Killed", "survived": "Ignored", "no coverage": "NoCoverage", "timed out": "RuntimeError",
        "inconclusive": "RuntimeError",
    }  # fmt: skip
    for status, expected in statuses.items():
        assert drawn(found)[ended(found, status).stable]["status"] == expected


def test_a_place_is_counted_as_javascript_counts(report: Reporter) -> None:
    found = report()
    source = json.loads(elements(found))["files"]["src/money.py"]["source"]
    lines = [line.encode("utf-16-le") for line in source.split("\n")]
    for verdict in found.verdicts:
        where = drawn(found)[verdict.stable]["location"]
        start, end = where["start"], where["end"]
        assert start["line"] == end["line"]
        text = lines[start["line"] - 1][2 * (start["column"] - 1) : 2 * (end["column"] - 1)].decode("utf-16-le")
        assert text == verdict.mutant.original


def test_a_test_that_runs_a_mutant_covers_it_and_every_test_is_known(report: Reporter) -> None:
    found = report()
    whole = json.loads(elements(found))
    known = {test["id"] for file in whole["testFiles"].values() for test in file["tests"]}
    assert known == set(found.tests)
    killed = drawn(found)[ended(found, "killed").stable]
    assert killed["killedBy"] == ["test_m.py::test_rounded"]
    assert killed["coveredBy"] == ["test_m.py::test_rounded", "test_m.py::test_refuses"]


def test_the_page_for_the_other_viewer_loads_nothing_from_elsewhere(report: Reporter) -> None:
    page = viewer(elements(report()))
    assert re.findall(r'src="([^"]*)"', page) == ["mutation-test-elements.js"]
    assert "<b>" not in page
    told = re.search(r'<script type="application/json" id="report">(.*?)</script>', page, re.DOTALL)
    assert told and json.loads(told.group(1)) == json.loads(elements(report()))


# --- the page -----------------------------------------------------------------------------------------------------------


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", ["plain", "accepted"])
def test_the_page_is_balanced_and_holds_nothing_that_runs_or_is_loaded(report: Reporter, kind: str) -> None:
    found = report() if kind == "plain" else accepting(report(), ended(report(), "survived"))
    page = html(found)
    balance = _Balance()
    balance.feed(page)
    assert balance.open == []
    assert not balance.seen & {"script", "link", "img", "iframe"}
    assert "<b>step</b>" not in page
    assert "<text>" not in page


def test_the_page_names_each_survivor_with_the_command_that_shows_it(report: Reporter) -> None:
    page = html(report())
    for verdict in report().alive:
        assert f"qtest show {verdict.stable}" in page


def test_what_is_written_is_read_back(report: Reporter, tmp_path: Path) -> None:
    found = accepting(report(), ended(report(), "survived"))
    paths = write(found, tmp_path)
    assert {path.name for path in paths} == {
        "report.html", "report.json", "mutation.json", "mutation.html", "junit.xml", "report.sarif", "verdicts.jsonl", "allure-results",
    }  # fmt: skip
    assert read(tmp_path) == found


def asked_with(found: MutationReport, differences: Differences, line: int) -> str:
    module = found.modules[0].model_copy(update={"differences": differences})
    by_line = runs(module)
    return next(question(verdict, by_line) for verdict in found.verdicts if verdict.mutant.line == line)


def survivor(found: MutationReport, line: int) -> str:
    return next(verdict.mutant.id for verdict in found.verdicts if verdict.mutant.line == line)


def test_a_call_that_tells_a_survivor_from_the_code_is_asked_about(report: Reporter) -> None:
    found = report()
    mutant = survivor(found, 8)
    told = Difference(mutant=mutant, call="rounded(0)", code="raises ValueError", stable=True)
    said = asked_with(found, Differences(module="money", asked=(mutant,), found=(told,)), 8)
    assert said.endswith("; rounded(0) raises ValueError, and then no longer: should a test say so?")
    unstable = told.model_copy(update={"stable": False})
    said = asked_with(found, Differences(module="money", asked=(mutant,), found=(unstable,)), 8)
    assert said.endswith("no plain test can say so")


def test_a_survivor_that_no_call_shows_may_live_and_one_that_calls_cannot_show_is_not_said_to(report: Reporter) -> None:
    found = report()
    mutant = survivor(found, 8)
    looked = Differences(module="money", asked=(mutant,), calls={"money:rounded": 4000, "money:label": 7})
    assert asked_with(found, looked, 8).endswith("no difference in 4000 calls of it: may it live (qtest accept)?")
    elsewhere = looked.model_copy(update={"calls": {"money:label": 700}})
    assert "no difference in 700 calls of the module" in asked_with(found, elsewhere, 8)
    few = looked.model_copy(update={"calls": {"money:rounded": 1, "money:label": 700}})
    assert asked_with(found, few, 8).endswith("should it notice?")
    assert asked_with(found, looked.model_copy(update={"asked": ()}), 8).endswith("should it notice?")

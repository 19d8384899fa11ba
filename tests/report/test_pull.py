"""The text of a pull request, of a real run over tests/samples/textkit cut to two of its functions, and of a hostile one."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from qtest.records.mutant import Mutant, NoCoverage, Survived, Verdict
from qtest.records.outcome import ModuleOutcome, SuspectedBug
from qtest.records.report import RunReport
from qtest.report.markdown import LIMIT, Section, code, fenced, html_code, page
from qtest.report.pull import text
from qtest.report.tally import alive

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "</code></details>@team #1 [x](http://a.example) ![i](//b) `` ``` | *b* <img src=x> https://c.example \u202e"


@pytest.fixture
def report() -> RunReport:
    return RunReport.from_json((GOLDEN / "textkit.json").read_text("utf-8"))


def with_bugs(report: RunReport, count: int) -> RunReport:
    bug = SuspectedBug(target=f"m:{HOSTILE}", contract=HOSTILE, observed=HOSTILE, repro=f"print('''{HOSTILE}''')\n")
    module = report.modules[0]
    return report.model_copy(
        update={"modules": (module.model_copy(update={"outcomes": (*module.outcomes, *[bug] * count)}),)}
    )


def test_the_text_of_a_small_run_is_the_golden_one(report: RunReport) -> None:
    made = text(report)
    assert f"{made.title}\n\n{made.body}" == (GOLDEN / "textkit.md").read_text("utf-8")


def test_suspected_bugs_come_first(report: RunReport) -> None:
    made = text(with_bugs(report, 1))
    assert made.body.startswith("## 1 suspected bug\n")
    assert made.title.endswith("and 1 suspected bug")


def test_nothing_of_the_target_is_markup(report: RunReport) -> None:
    """As a reader of Markdown sees it: no link, image or emphasis of theirs, no element but ours, no word that GitHub makes a mention,
    a reference or an address of."""
    prose, elements = rendered(text(with_bugs(report, 1)).body)
    assert elements <= {
        "details",
        "summary",
        "code",
        "h2",
        "p",
        "strong",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "pre",
    }
    assert not re.search(r"@|#\d|https?:|www\.|\u202e", prose)


def rendered(body: str) -> tuple[str, set[str]]:
    """The text outside of code, and the elements there are."""
    page = Elements()
    page.feed(MarkdownIt("commonmark").enable("table").render(body))
    assert not page.open, "an element is left open"
    return page.prose, page.seen


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.prose = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"code", "pre"} & set(self.open):
            self.prose += data


@pytest.mark.parametrize("said", [HOSTILE, "a`b", "a|b", " a ", "", "`", "\n", "plain"])
def test_code_stands_in_one_cell_and_one_span(said: str) -> None:
    made = code(said)
    assert "|" not in made
    assert "\n" not in made
    assert made.count("`") in (0, 2)
    assert html_code(said).count("<") == 2


def test_no_line_of_a_block_ends_it() -> None:
    made = fenced("a\n````\nb", "diff")
    assert made.startswith("`````diff\n")
    assert made.endswith("\n`````\n")


def test_a_long_text_keeps_within_the_limit_and_says_what_is_missing(report: RunReport) -> None:
    body = text(with_bugs(report, 400)).body
    assert len(body) <= LIMIT
    left = re.search(r"Left out for want of room: (\d+) suspected bugs, ", body)
    assert left
    assert int(left.group(1)) + body.count("print('''") == 400
    assert "all are in `report.html` of run" in body
    rendered(body)


def test_a_section_that_has_no_room_leaves_no_trace() -> None:
    whole = page([Section("head", ("x" * 700,), "more", "parts")], "there", limit=1000)
    assert whole == "\nLeft out for want of room: 1 parts; all are in there.\n"


def test_a_run_without_tests_says_only_what_was_measured(report: RunReport) -> None:
    module = ModuleOutcome(module="m", path="m.py", project="", source="x = 1\n", before=(_survivor(),))
    made = text(report.model_copy(update={"modules": (module,)}))
    assert made.title == "QTest: nothing to add"
    assert "Claimed" not in made.body
    assert "suspected" not in made.body
    assert "1 mutant that no test kills" in made.body
    assert "`m.py` line 1, when it is imported: 1 test ran it and passed" in made.body


def test_a_mutant_that_only_the_own_tests_run_is_not_said_to_be_run_by_none(report: RunReport) -> None:
    before, after = _survivor(), _survivor().model_copy(update={"suite": "generated", "result": NoCoverage()})
    module = ModuleOutcome(module="m", path="m.py", project="", source="x = 1\n", before=(before,), after=(after,))
    assert ": 1 test ran it and passed" in text(report.model_copy(update={"modules": (module,)})).body


def test_the_score_is_given_with_and_without_accepted_mutants(report: RunReport) -> None:
    module = report.modules[0]
    (living,) = alive(module)
    modules = (module.model_copy(update={"accepted": (living.mutant.id,)}),)
    body = text(report.model_copy(update={"modules": modules})).body
    assert "| mutation score | 85 % (23 of 27) | **100 %** (27 of 27) |" in body
    assert "| with 1 accepted mutant | 82 % (23 of 28) | **96 %** (27 of 28) |" in body
    assert "that no test kills" not in body


def _survivor() -> Verdict:
    mutant = Mutant(
        id="1", path="m.py", file_digest="", symbol="m:", operator="number", line=1, end_line=1, start=4, end=5,
        original="1", replacement="2",
    )  # fmt: skip
    return Verdict(
        id="1",
        mutant=mutant,
        suite="existing",
        result=Survived(tests=1),
        diff="--- m.py\n+++ m.py\n@@ -1 +1 @@\n-x = 1\n+x = 2",
    )

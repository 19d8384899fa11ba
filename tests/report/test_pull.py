"""The text of a pull request, of a real run over tests/samples/textkit cut to two of its functions, and of a hostile one."""

import re
from pathlib import Path

import pytest

from qtest.records.mutant import Mutant, Survived, Verdict
from qtest.records.outcome import ModuleOutcome, SuspectedBug
from qtest.records.report import RunReport
from qtest.report.markdown import LIMIT, Section, code, fenced, html_code, page
from qtest.report.pull import text

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
    """Outside of code spans and blocks there is no mention, reference, link or element that is not ours."""
    prose = outside_of_code(text(with_bugs(report, 1)).body)
    assert not re.search(r"@\w|#\d|\]\(|https?:|<(?!/?(details|summary|code)>)", prose)
    assert prose.count("<details>") == prose.count("</details>")
    assert "\u202e" not in prose


def outside_of_code(body: str) -> str:
    """As CommonMark reads it: fences first, then spans; what is escaped inside `<code>` has no markup left."""
    kept, fence = [], ""
    for line in body.splitlines():
        opened = re.match(r"(`{3,})", line)
        if fence:
            fence = "" if line.strip() == fence else fence
        elif opened:
            fence = opened.group(1)
        else:
            kept.append(re.sub(r"<code>[^<]*</code>", "", re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", line)))
    assert not fence, "a block of code is left open"
    return "\n".join(kept)


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
    outside_of_code(body)


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


def _survivor() -> Verdict:
    mutant = Mutant(
        id="1", path="m.py", file_digest="", symbol="m:", operator="number", line=1, end_line=1, start=4, end=5,
        original="1", replacement="2",
    )  # fmt: skip
    return Verdict(id="1", mutant=mutant, suite="existing", result=Survived(tests=1), diff="-x = 1\n+x = 2")

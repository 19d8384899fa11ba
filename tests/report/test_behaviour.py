"""How differences are told: in plain words for a terminal, and as Markdown in which nothing of the target is markup."""

import pytest
from markdown_it import MarkdownIt

from qtest.generate.search.apart import other_iterator
from qtest.records.behaviour import BehaviourReport, Change, SymbolChange
from qtest.records.source import Omission, Revision
from qtest.report.behaviour import lines, sections
from qtest.report.markdown import page

REVISION = Revision(kind="git", name="r")


def report(*changes: Change, **more: object) -> BehaviourReport:
    made = BehaviourReport(
        qtest="0", target="a..b", old=REVISION, new=REVISION, seed="0", touched=("m:f",), changes=changes, calls=9
    )
    return made.model_copy(update=more)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("gives 'a'", "gives 'b'", "f(1) was 'a', is 'b'"),
        ("gives 1", "raises ValueError('no')", "f(1) gave 1, now raises ValueError('no')"),
        ("raises KeyError", "raises ValueError", "f(1) raised KeyError, now raises ValueError"),
        ("prints 'a'", "prints 'b'", "f(1) printed 'a', now prints 'b'"),
        ("", "gives 1", "f(1) was something that no words tell apart, now gives 1"),
    ],
)
def test_a_difference_is_a_sentence(before: str, after: str, told: str) -> None:
    said = list(lines(report(Change(target="m:f", call="f(1)", before=before, after=after))))
    assert said[0] == "1 of 9 calls of the changed functions and their callers do something else, in 1 function"
    assert f"  {told}" in said


def test_that_no_difference_was_seen_is_said_of_so_many_calls() -> None:
    assert next(lines(report())).startswith("no difference was seen: of 9 calls")
    assert next(lines(report(calls=0))).endswith("no call of them could be compared")
    assert next(lines(report(touched=()))) == "no function has changed"


def test_what_the_comparison_leaves_out_is_counted() -> None:
    said = "\n".join(lines(report(unstable=2, unclear=3, problems=(Omission(path="m", reason="gone"),))))
    assert "2 calls are not the same twice" in said
    assert "3 calls had no clear end" in said
    assert "left out: m: gone" in said


def test_markdown_holds_no_markup_of_the_target() -> None:
    hostile = "<img src=x> @team `` [a](http://b.example) | *c*\n# d"
    change = Change(target=f"m:{hostile}", call=hostile, before=hostile, after=hostile, where=hostile)
    symbol = SymbolChange(symbol=f"m:{hostile}", how="signature", before=hostile, after=hostile)
    found = report(change, symbols=(symbol,), problems=(Omission(path=hostile, reason=hostile),))
    html = MarkdownIt("commonmark").enable("table").render(page(sections(found), "there"))
    assert not [tag for tag in ("<img", "<a ", "<em", "<h1", "<table") if tag in html]


def test_iterators_of_another_class_that_give_the_same_are_no_difference_in_what_is_done() -> None:
    was = '{"result": {"kind": "iterator", "symbol": "builtins:generator", "items": [], "more": false}}'
    now = was.replace("builtins:generator", "builtins:zip")
    assert other_iterator(was, now) == ("a generator", "a zip")
    assert other_iterator(was, now.replace("false", "true")) is None
    change = Change(target="m:f", call="f()", before="a generator", after="a zip", same_items=True)
    other = change.model_copy(update={"call": "f(1)"})
    said = list(lines(report(change, other, calls=9, touched=("m:f",))))
    assert said[0].startswith("no difference was seen")
    assert said[2:] == ["same items, other iterator: f() was a generator, is a zip"]

"""A mutant as a person reads it."""

import pytest

from qtest.mutation.diff import applied, changed_lines, diff, split_lines
from qtest.records.mutant import Mutant

TEXT = "one\ntwo\nthree\nfour\nfive\n"


def mutant(text: str, original: str, replacement: str) -> Mutant:
    """The edit of the only place where `original` stands."""
    start = text.index(original)
    return Mutant(
        id="i",
        path="src/m.py",
        file_digest="",
        symbol="m:f",
        operator="o",
        line=1,
        end_line=1,
        start=start,
        end=start + len(original),
        original=original,
        replacement=replacement,
    )


def shown(text: str, original: str, replacement: str, **more: int) -> list[str]:
    return diff(text, mutant(text, original, replacement), **more).split("\n")


HEAD = ["--- src/m.py", "+++ src/m.py"]


@pytest.mark.parametrize(
    ("original", "replacement", "expected"),
    [
        ("one", "ONE", ["@@ -1,2 +1,2 @@", "-one", "+ONE", " two"]),
        ("three", "THREE", ["@@ -2,3 +2,3 @@", " two", "-three", "+THREE", " four"]),
        ("hre", "HRE", ["@@ -2,3 +2,3 @@", " two", "-three", "+tHREe", " four"]),
        ("five", "FIVE", ["@@ -4,2 +4,2 @@", " four", "-five", "+FIVE"]),
        ("three", "a\nb", ["@@ -2,3 +2,4 @@", " two", "-three", "+a", "+b", " four"]),
        ("two\nthree", "x", ["@@ -1,4 +1,3 @@", " one", "-two", "-three", "+x", " four"]),
        ("two\n", "x\ntwo\n", ["@@ -1,2 +1,3 @@", " one", "+x", " two"]),
        ("three\n", "", ["@@ -2,3 +2,2 @@", " two", "-three", " four"]),
        ("two\nthree", "x\nthree", ["@@ -1,3 +1,3 @@", " one", "-two", "+x", " three"]),
        ("two\nthree\nfour", "x\nthree\nfour", ["@@ -1,3 +1,3 @@", " one", "-two", "+x", " three"]),
        ("five\n", "five", ["@@ -4,2 +4,2 @@", " four", "-five", "+five"]),
    ],
)
def test_a_diff_is_unified_and_has_a_line_around_it(original: str, replacement: str, expected: list[str]) -> None:
    assert shown(TEXT, original, replacement) == [*HEAD, *expected]


def test_more_and_less_around_it_can_be_had() -> None:
    assert shown(TEXT, "three", "x", context=0) == [*HEAD, "@@ -3,1 +3,1 @@", "-three", "+x"]
    assert shown(TEXT, "three", "x", context=9) == [
        *HEAD, "@@ -1,5 +1,5 @@", " one", " two", "-three", "+x", " four", " five",
    ]  # fmt: skip


def test_a_text_without_a_line_can_be_added_to() -> None:
    assert shown("", "", "x\n") == [*HEAD, "@@ -1,1 +1,1 @@", "-", "+x"]


def test_line_ends_are_not_shown() -> None:
    assert shown("MAX\r\ntwo \r\n", "two", "TWO") == [*HEAD, "@@ -1,2 +1,2 @@", " MAX", "-two ", "+TWO "]


def test_only_what_goes_and_what_comes_is_changed() -> None:
    assert changed_lines(diff(TEXT, mutant(TEXT, "two\nthree", "x"))) == ["-two", "-three", "+x"]


def test_the_names_of_the_file_are_no_change_though_they_begin_like_one() -> None:
    assert changed_lines("--- a\n+++ a\n@@ -1,1 +1,1 @@\n---x\n \n+++x") == ["---x", "+++x"]


@pytest.mark.parametrize(
    ("original", "replacement", "expected"), [("two", "x", "one\nx\n"), ("one\n", "", "two\n"), ("\ntwo", "", "one\n")]
)
def test_a_mutant_is_applied_at_its_place_alone(original: str, replacement: str, expected: str) -> None:
    text = "one\ntwo\n"
    assert applied(text, mutant(text, original, replacement)) == expected


@pytest.mark.parametrize(
    ("text", "lines", "starts"),
    [
        ("", (), ()),
        ("a", ("a",), (0,)),
        ("a\nbc\r\n\rd", ("a\n", "bc\r\n", "\r", "d"), (0, 2, 6, 7)),
        ("a\x0cb\u2028c\x0bd\n", ("a\x0cb\u2028c\x0bd\n",), (0,)),
        ("\n\n", ("\n", "\n"), (0, 1)),
    ],
)
def test_lines_are_cut_where_the_parser_cuts_and_each_has_its_beginning(
    text: str, lines: tuple[str, ...], starts: tuple[int, ...]
) -> None:
    found, begins = split_lines(text)
    assert found == lines
    assert begins[: len(lines)] == starts

"""Which lines of a text are not those of an earlier one."""

import pytest

from qtest.mutation.changes import Changes, changes


def found(lines: set[int], gaps: set[int]) -> Changes:
    return Changes(frozenset(lines), frozenset(gaps))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a\nb\nc", "a\nb\nc", found(set(), set())),
        ("a\nb\nc", "a\nB\nc", found({2}, set())),
        ("a\nb\nc", "A\nb\nc", found({1}, set())),
        ("a\nb\nc", "a\nb\nC", found({3}, set())),
        ("a\nb\nc", "a\nx\ny\nb\nc", found({2, 3}, set())),
        ("a\nb\nc", "x\na\nb\nc", found({1}, set())),
        ("a\nb\nc", "a\nb\nc\nx", found({4}, set())),
        ("a\nb\nc\nd", "a\nB\nc\nD", found({2, 4}, set())),
        ("a\nb\nc\nd\ne", "a\nB\nc\ne", found({2}, {3})),
        ("a\nb\nc\nd", "a\nd", found(set(), {1})),
        ("a\nb\nc", "b\nc", found(set(), {0})),
        ("a\nb\nc", "a\nb", found(set(), {2})),
        ("a\nb\nc\nd\ne", "a\nc\ne", found(set(), {1, 2})),
        ("p\nq\nz", "x\np\nz", found({1}, {2})),
        ("x\np\nz", "p\nq\nz", found({2}, {0})),
        ("y\nt", "x\nt\nt", found({1, 2}, set())),
        ("a\na", "a\na\na", found({3}, set())),
        ("a\na\na", "a\na", found(set(), {2})),
        ("", "a", found({1}, set())),
        ("a", "", found({1}, set())),
    ],
)
def test_lines_that_are_new_or_other_and_places_where_some_are_gone(old: str, new: str, expected: Changes) -> None:
    assert changes(old, new) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_the_same_whatever_ends_them(end: str) -> None:
    assert changes("a\nb\nc\n", f"a{end}B{end}c{end}") == found({2}, set())
    assert changes(None, f"a{end}b{end}c") == found({1, 2, 3}, set())


def test_a_form_feed_ends_no_line() -> None:
    assert changes(None, "a\x0cb\x0bc\u2028d").lines == {1}


def test_a_line_that_stands_often_is_compared_as_any_other() -> None:
    """Difflib's guess of what is junk would call most of these changed."""
    block = [f"{number % 3}" for number in range(400)]
    assert changes("\n".join(["x", *block, "y"]), "\n".join(["X", *block, "Y"])) == found({1, 402}, set())


@pytest.mark.parametrize(
    ("first", "last", "touched"),
    [(1, 1, False), (2, 2, False), (1, 3, True), (3, 3, True), (3, 9, True), (4, 9, False)],
)
def test_a_statement_is_touched_by_a_changed_line_in_it(first: int, last: int, touched: bool) -> None:
    assert found({3}, set()).touch(first, last) is touched


@pytest.mark.parametrize(
    ("first", "last", "touched"),
    [(3, 3, False), (2, 3, False), (3, 4, True), (4, 4, False), (4, 5, False), (1, 9, True)],
)
def test_a_statement_is_touched_by_a_gap_inside_of_it_and_not_by_one_at_its_ends(
    first: int, last: int, touched: bool
) -> None:
    assert found(set(), {3}).touch(first, last) is touched


def test_either_kind_of_change_is_one() -> None:
    assert found({1}, set()) and found(set(), {0})
    assert not Changes()


def test_without_more_nothing_has_changed() -> None:
    assert Changes() == found(set(), set())

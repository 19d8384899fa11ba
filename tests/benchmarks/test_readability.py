"""How generated tests read, in figures."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from benchmarks.generation import results
from benchmarks.generation.readability import line, project_text, readability

LONG = "x" * 41


def test_the_lines_of_a_test_count_its_decorators_and_not_its_rows() -> None:
    text = "import pytest\n\n\n@pytest.mark.parametrize(\n    'a',\n    [\n        1,\n        2,\n    ],\n)\ndef test_a(a):\n    assert a\n"
    assert readability([text], "").lines == (6,)


def test_tests_in_classes_are_tests_and_helpers_are_not() -> None:
    text = "def spin():\n    pass\n\n\nclass TestA:\n    def test_a(self):\n        assert f(1) == 1\n"
    assert readability([text], "").lines == (2,)


@pytest.mark.parametrize(
    ("text", "project", "expected"),
    [
        (f"def test_a():\n    assert f() == {LONG!r}\n", "", 1),
        (f"def test_a():\n    assert f() == {LONG!r}\n", f"f() gives {LONG}.", 0),
        (f"def test_a():\n    '''{LONG}'''\n    assert f()\n", "", 0),
        (f"def test_a():\n    assert f() == {LONG.encode()!r}\n", "", 1),
    ],
    ids=["made up", "from the docs", "docstring", "octets"],
)
def test_a_long_literal_counts_unless_the_project_holds_it(text: str, project: str, expected: int) -> None:
    assert readability([text], project).long_literals == expected


def test_numbered_names_are_counted_once_a_file() -> None:
    text = (
        "def test_a():\n    var_0 = 1\n    var_0 = 2\n    int_3 = 3\n    sha_1 = 4\n    assert f(var_0, int_3, sha_1)\n"
    )
    assert readability([text], "").drawn_names == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def test_a():\n    assert _f(1) == 2\n", 1),
        ("def test_a():\n    assert box._open() == 2\n", 1),
        ("def test_a():\n    assert box.__len__() == 2\n", 0),
        ("def _same(a):\n    return a\n\n\ndef test_a():\n    assert _same(f(1)) == 2\n", 0),
    ],
    ids=["function", "method", "protocol", "own helper"],
)
def test_a_call_of_a_private_name_is_seen(text: str, expected: int) -> None:
    assert readability([text], "").private == expected


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ("with pytest.raises(TypeError):\n        f(1)", 1),
        ("with pytest.raises(ValueError):\n        f(1)", 0),
        ("with pytest.raises(TypeError):\n        f(1)\n    assert seen == 2", 0),
    ],
    ids=["nothing else", "another error", "something else too"],
)
def test_a_test_of_a_type_error_alone_is_seen(claims: str, expected: int) -> None:
    assert readability([f"def test_a():\n    {claims}\n"], "").only_type_errors == expected


def test_texts_given_are_inputs_and_texts_expected_are_none() -> None:
    text = (
        "@pytest.mark.parametrize(('word', 'expected'), [('sheep', 'Schaf'), ('', 'x')])\n"
        "def test_a(word, expected):\n    assert f(word, mode='plain') == expected\n\n\n"
        "def test_b():\n    with pytest.raises(ValueError, match='no such'):\n        f('goat')\n"
    )
    found = readability([text], "A sheep, or sheepskin; goats.")
    assert (found.inputs, found.known) == (3, 1)


def test_only_sources_and_pages_are_project_text(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one", "utf-8")
    (tmp_path / "METADATA").write_text("two", "utf-8")
    (tmp_path / "b.so").write_bytes(b"\xff")
    assert project_text(tmp_path.iterdir()) == "two\none"


def test_figures_of_rows_are_put_together() -> None:
    row = asdict(readability(["def test_a():\n    assert f('sheep')\n"], "sheep"))
    assert "2 tests of 2 rows: median 2 lines" in line("qtest", [row, row])
    assert "100 % of 2" in line("qtest", [row, row])


def test_no_tests_give_no_figures() -> None:
    assert line("qtest", []) == "- qtest: no test to read"


def test_rows_from_before_the_measure_are_counted_apart() -> None:
    old: dict[str, Any] = {"tool": "qtest"}
    new = {"tool": "qtest", "reads": asdict(readability(["def test_a():\n    assert f()\n"], ""))}
    (said,) = results.reading([old, new])
    assert "1 tests of 1 rows" in said
    assert said.endswith("not measured in 1 rows")

"""Long lines break where the formatter breaks them."""

import subprocess
import sys
from pathlib import Path

import pytest

from qtest.languages.python.style import format_command
from qtest.languages.python.wrap import quoted, wrapped
from qtest.records.file import TestStyle

NARROW = TestStyle(line_length=40)
WORDS = ", ".join(f'"word {number}"' for number in range(6))
LONG = [
    f"f({WORDS})",
    f"result = make([{WORDS}], other=2)",
    f"assert result == [{WORDS}]",
    f'assert result == {{"a": [{WORDS}], "b": (1,)}}',
    'assert result == "first line\\nsecond line of it\\n\\nthird"',
    'result = make("first line\\nsecond line of it\\n\\nthird")',
    'result = make("first line\\nsecond line of it\\n\\nthird", 2)',
    'text = "a \\\\n is no line end\\nbut this is one\\n"',
    'assert str(caught.value) == "the whole of it"',
    'assert str(caught.value) == "it is too long for one"',
    'assert result == ["first of them", "second"]',
    'assert result == {"first of them": 1, 2: 3}',
    'assert result == (["first of them", 2], [])',
    'result = make(("first of them, alone",))',
    "from package.module import first, second, third",
    "result = make(lambda first: first + 1, lambda second: second)",
    'with pytest.raises(ValueError, match="^a message of some length$"):\n    pass',
    "result = make_it(lambda a, b: a + b, [1, 2, 3])",
    "result = make(first_name(second_name(third_name(4))))",
    'result = make(((1, 2), (3, 4)), "brackets ( in [ text")',
    "result = make(first=[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])",
]


def formatted(text: str, style: TestStyle) -> str:
    command = [str(Path(sys.executable).with_name("ruff")), *format_command(style)[1:]]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("line", LONG)
def test_a_long_line_is_broken_as_the_formatter_breaks_it(line: str) -> None:
    broken = "\n".join(part for whole in line.split("\n") for part in wrapped(whole, 40)) + "\n"
    assert formatted(broken, NARROW) == broken
    assert all(len(part) <= 40 for part in broken.splitlines())


def test_a_line_that_fits_stays() -> None:
    assert list(wrapped("f(1, 2)", 40)) == ["f(1, 2)"]


def test_what_has_nowhere_to_break_stays_long() -> None:
    line = f'result = "{"x" * 60}"'
    assert list(wrapped(line, 40)) == [line]


def test_quotes_change_where_that_needs_no_escape() -> None:
    assert quoted('f("a", "it\'s", b"b", r"c")', "'") == "f('a', \"it's\", b'b', r'c')"
    assert quoted('f("a")', '"') == 'f("a")'

"""The mutation benchmark gives every side the same mutants."""

import pytest

from benchmarks.mutation.mutants import edit
from qtest.mutation.diff import applied

TEXT = "def f(a, b=1):\n    if a > b:\n        return a\n    return b\n\n\nclass C:\n    @property\n    def g(self):\n        return (1 +\n                2)\n"


@pytest.mark.parametrize(
    ("old", "new", "lines", "when"),
    [
        ("a > b", "a >= b", (2, 2), "call"),
        ("return a\n", "return None\n", (3, 3), "call"),
        ("b=1", "b=2", (1, 1), "import"),
        ("2)", "3)", (10, 11), "call"),
    ],
)
def test_a_changed_file_is_one_edit_of_ours(old: str, new: str, lines: tuple[int, int], when: str) -> None:
    after = TEXT.replace(old, new, 1)
    mutant = edit(TEXT, after, "m.py", "m")
    assert applied(TEXT, mutant) == after
    assert ((mutant.line, mutant.end_line), mutant.runs_at) == (lines, when)

"""What a mutant does, in a few words."""

import pytest

from qtest.mutation.words import change
from qtest.records.mutant import Mutant


def words(original: str, replacement: str) -> str:
    return change(
        Mutant(
            id="i",
            path="m.py",
            file_digest="",
            symbol="m:f",
            operator="o",
            line=1,
            end_line=1,
            start=0,
            end=1,
            original=original,
            replacement=replacement,
        )
    )


@pytest.mark.parametrize(
    ("original", "replacement", "said"),
    [
        ("<", "<=", "`<` → `<=`"),
        ("not ", "", "without `not`"),
        ("total += 1", "pass", "without `total += 1`"),
        ("", "not ", "with `not` put in"),
        ("a\n    + b", "a  -\tb", "`a + b` → `a - b`"),
        ("x" * 48, "y" * 49, f"`{'x' * 48}` → `{'y' * 47}…`"),
    ],
    ids=["changed", "gone", "passed over", "put in", "on one line", "long"],
)
def test_a_change_is_said_in_a_few_words(original: str, replacement: str, said: str) -> None:
    assert words(original, replacement) == said

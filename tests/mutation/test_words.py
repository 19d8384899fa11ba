"""What a mutant does, in a few words."""

import pytest

from qtest.fakes import plain_mutant
from qtest.mutation.words import change


def words(original: str, replacement: str) -> str:
    return change(plain_mutant(original=original, replacement=replacement))


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

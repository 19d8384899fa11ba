"""A concern is words, or a file of them."""

from pathlib import Path

import pytest

from qtest.commands.run import MOST_OF_CONCERN, concern
from qtest.errors import UsageError


def test_words_are_taken_as_they_are_and_a_file_for_its_text(tmp_path: Path) -> None:
    issue = tmp_path / "issue.md"
    issue.write_text("# Rounding\n\nAmounts are rounded twice.\n")
    assert concern("amounts are rounded twice") == "amounts are rounded twice"
    assert concern(f"@{issue}") == "# Rounding Amounts are rounded twice."
    assert concern(None) is None


def test_of_a_long_text_the_beginning_counts(tmp_path: Path) -> None:
    (tmp_path / "long").write_text("word " * MOST_OF_CONCERN)
    found = concern(f"@{tmp_path / 'long'}")
    assert found is not None
    assert len(found) == MOST_OF_CONCERN


@pytest.mark.parametrize(
    ("given", "said"),
    [("@nowhere.md", "--concern @nowhere.md: No such file"), ("", "holds no words"), (" \n", "holds no words")],
)
def test_what_holds_no_words_is_the_users_mistake(given: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        concern(given)


def test_a_file_that_is_no_text_is_the_users_mistake(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="it is not UTF-8 text"):
        concern(f"@{tmp_path / 'image'}")

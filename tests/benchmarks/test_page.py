"""Sections of the page of results, and the words of the table of seeded faults."""

import pytest

from benchmarks.faults.table import false
from benchmarks.page import merged

ONE, TWO = "# One\n\ntext\n", "# Two\n\n## Part\n\nmore\n"


def test_a_section_comes_after_the_others() -> None:
    assert merged(ONE, TWO) == f"{ONE}\n{TWO}"


def test_a_section_takes_the_place_of_its_own_last_text_only() -> None:
    assert merged(f"{ONE}\n{TWO}", "# One\n\nother\n") == f"# One\n\nother\n\n{TWO}"


def test_the_first_section_begins_the_page() -> None:
    assert merged("", TWO) == TWO


@pytest.mark.parametrize(
    ("truth", "said", "wrong"),
    [
        ("killed by assertion", "killed", False),
        ("killed by assertion", "survived", True),
        ("killed by assertion", "died: exit code 1", False),
        ("survived", "killed by timeout", True),
        ("timed out: cpu", "killed by a timeout", True),
        ("timed out: cpu", "timeout", False),
        ("inconclusive: ended by signal 9", "segfault", False),
        ("inconclusive: ended by signal 9", "survived", True),
        ("no coverage", "survived", False),
        ("refused: no tests", "survived", True),
    ],
)
def test_only_a_kill_or_a_survivor_that_is_none_is_false(truth: str, said: str, wrong: bool) -> None:
    assert false(truth, said) is wrong

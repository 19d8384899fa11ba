"""The reviewed file of mutants that people let live."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtest.errors import UsageError
from qtest.mutation.accepted import marks, parsed, rendered
from qtest.records.mutation import Accepted


def entry(identity: str, path: str = "m.py", **more: str) -> Accepted:
    given = {"symbol": "m:f", "operator": "constant", "change": "`1` → `2`", "reason": "equal"}
    return Accepted.model_validate({"id": identity, "path": path} | given | more)


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(lambda text: text.strip() != "")


@given(TEXTS, TEXTS, st.text(st.characters(exclude_categories=("Cs",))))
def test_what_is_written_is_read_back(reason: str, change: str, author: str) -> None:
    entries = (entry("a", reason=reason, change=change, author=author),)
    assert parsed(rendered(entries), "f") == entries


def test_a_lone_surrogate_in_a_change_is_written_as_a_question_mark() -> None:
    assert parsed(rendered((entry("a", change="\ud800"),)), "f")[0].change == "?"


def test_entries_are_sorted_and_the_last_of_an_id_counts() -> None:
    old, new, first = entry("b"), entry("b", reason="better"), entry("a", path="a.py")
    text = rendered((old, new, first))
    assert parsed(text, "f") == (first, new)
    assert rendered((first, new)) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[accepted]", "f.toml: is not TOML"),
        ("accepted = 3", "f.toml: expected nothing but [[accepted]] tables"),
        ("other = 3", "f.toml: expected nothing but [[accepted]] tables"),
        ("[[accepted]]\nid = 'a'", "f.toml: entry 1: path: field required"),
        ("accepted = [1]", "f.toml: entry 1: it: "),
        (
            "[[accepted]]\nid='a'\npath='p'\nsymbol='s'\noperator='o'\nchange='c'\nreason=' '",
            "f.toml: entry 1: reason is empty",
        ),
        (
            "[[accepted]]\nid='a'\npath='p'\nsymbol='s'\noperator='o'\nchange='c'\nreason='r'\ndate=2025-01-01",
            "f.toml: entry 1: date: ",
        ),
    ],
)
def test_a_malformed_file_is_told_in_one_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        parsed(text, "f.toml")
    assert str(error.value).startswith(said)
    assert "\n" not in str(error.value)


def test_an_entry_whose_mutant_is_gone_has_lapsed() -> None:
    named, lapsed = marks((entry("a"), entry("b")), {"m.py": ("a", "c")})
    assert ([one.id for one in named], [one.id for one in lapsed]) == (["a"], ["b"])


def test_an_entry_of_a_module_that_was_not_looked_at_has_not_lapsed() -> None:
    assert marks((entry("a", path="other.py"),), {"m.py": ()}) == ((), ())


def test_an_entry_of_a_file_that_is_gone_has_lapsed() -> None:
    assert marks((entry("a"),), {}, gone=("m.py",)) == ((), (entry("a"),))

"""The reviewed file of mutants that people let live."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtest.errors import UsageError
from qtest.fakes import plain_mutant
from qtest.mutation import accepted
from qtest.mutation.accepted import let_live, marks, parsed, rendered
from qtest.records.mutant import Failing, Killed, MutantResult, NoCoverage, Survived, Verdict
from qtest.records.mutation import Accepted


def entry(identity: str, path: str = "m.py", **more: str) -> Accepted:
    given = {"symbol": "m:f", "operator": "constant", "change": "`1` → `2`", "reason": "equal"}
    return Accepted.model_validate({"id": identity, "path": path} | given | more)


def verdict(stable: str, result: MutantResult | None = None) -> Verdict:
    mutant = plain_mutant(operator="comparison", original="<", replacement="<=")
    return Verdict(id="v", mutant=mutant, suite="existing", result=result or Survived(tests=1), stable=stable)


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


def test_an_entry_says_which_mutant_what_it_does_and_who_let_it_live_when_and_why() -> None:
    assert accepted.entry(verdict("s"), "why", "who", "2025-01-31") == Accepted(
        id="s",
        path="m.py",
        symbol="m:f",
        operator="comparison",
        change="`<` → `<=`",
        reason="why",
        author="who",
        date="2025-01-31",
    )


def test_the_file_begins_with_what_it_is_for_and_has_a_table_of_what_is_known_for_each_entry() -> None:
    assert rendered((entry("b", author="who"), entry("a", reason='"it" is\nequal \x7f'))) == (
        "# Mutants that no test has to notice, each with the reason. Kept by `qtest accept`; "
        "an entry lapses when its statement changes.\n"
        '\n[[accepted]]\nid = "a"\npath = "m.py"\nsymbol = "m:f"\noperator = "constant"\nchange = "`1` → `2`"\n'
        'reason = "\\"it\\" is\\nequal \\u007f"\n'
        '\n[[accepted]]\nid = "b"\npath = "m.py"\nsymbol = "m:f"\noperator = "constant"\nchange = "`1` → `2`"\n'
        'reason = "equal"\nauthor = "who"\n'
    )


def test_entries_stand_by_file_then_function_then_operator_then_change_then_id() -> None:
    ordered = (
        entry("z", path="a.py", symbol="y", operator="y", change="y"),
        entry("y", symbol="a", operator="y", change="y"),
        entry("x", symbol="b", operator="a", change="y"),
        entry("w", symbol="b", operator="b", change="a"),
        entry("u", symbol="b", operator="b", change="b"),
        entry("v", symbol="b", operator="b", change="b"),
    )
    assert parsed(rendered(ordered[::-1]), "f") == ordered


def test_a_file_without_entries_is_read_as_none() -> None:
    assert parsed(rendered(()), "f") == parsed("", "f") == ()


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


def test_the_place_of_a_malformed_entry_is_counted_from_one() -> None:
    table = "[[accepted]]\n" + "".join(
        f"{name} = 'x'\n" for name in ("id", "path", "symbol", "operator", "change", "reason")
    )
    with pytest.raises(UsageError) as error:
        parsed(f"{table}{table}date = 3\n", "f.toml")
    assert str(error.value) == "f.toml: entry 2: date: input should be a valid string"


def test_an_entry_without_a_reason_is_told_whose_it_is() -> None:
    with pytest.raises(UsageError) as error:
        parsed(rendered((entry("a", reason=" "),)), "f.toml")
    assert str(error.value) == "f.toml: entry 1: reason is empty; expected why no test has to notice a"


def test_another_table_beside_the_entries_is_refused_with_what_was_expected() -> None:
    with pytest.raises(UsageError) as error:
        parsed("accepted = []\n[more]\n", "f.toml")
    assert str(error.value) == "f.toml: expected nothing but [[accepted]] tables, as `qtest accept` writes them"


def test_an_entry_that_is_no_table_is_told_in_whole() -> None:
    with pytest.raises(UsageError) as error:
        parsed("accepted = [1]", "f.toml")
    assert str(error.value).startswith("f.toml: entry 1: it: input should be a valid dictionary")


def test_an_entry_of_a_file_that_is_gone_has_lapsed() -> None:
    assert marks((entry("a"),), {}, gone=("m.py",)) == ((), (entry("a"),))


def test_those_that_live_and_are_accepted_may_live() -> None:
    killed = verdict("a", Killed(by=("t",), first=Failing(node="t", phase="call", kind="assertion")))
    one, unseen, other = verdict("a"), verdict("a", NoCoverage()), verdict("b")
    assert let_live([killed, one, other, unseen], (entry("a"), entry("c"))) == (one, unseen)

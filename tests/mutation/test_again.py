"""Recorded mutants found again in code that has moved on."""

import pytest

from qtest.languages import LANGUAGES
from qtest.mutation.again import Again, Missing, again, renewed
from qtest.mutation.diff import applied, diff
from qtest.mutation.identity import stable_ids
from qtest.records.mutant import Failing, Mutant
from qtest.records.proof import ProvenKill

TEXT = "def f(x):\n    return x + 1\n\n\ndef g(x):\n    return x * 2\n"


def mutants(text: str, module: str = "m") -> list[Mutant]:
    made = LANGUAGES["python"].mutate(text, "m.py", module)
    return [mutant for mutant in made if not mutant.control]


def kills(text: str = TEXT) -> dict[str, ProvenKill]:
    """By stable id."""
    everything = LANGUAGES["python"].mutate(text, "m.py", "m")
    names = stable_ids(everything, text)
    first = Failing(node="t", phase="call", kind="assertion")
    return {
        names[mutant.id]: ProvenKill(
            mutant=names[mutant.id],
            path="m.py",
            symbol=mutant.symbol,
            operator=mutant.operator,
            line=mutant.line,
            diff=diff(text, mutant),
            function="",
            first=first,
        )
        for mutant in mutants(text)
    }


def test_all_are_found_where_they_moved_to() -> None:
    moved = f"# new\nimport os\n\n\ndef h():\n    return os\n\n\n{TEXT}"
    recorded = kills()
    found = again(recorded.values(), moved, "m.py", "m", "python")
    assert set(found.found) == set(recorded)
    assert {applied(moved, mutant) for mutant in found.found.values()} == {
        moved.replace(TEXT, applied(TEXT, mutant)) for mutant in mutants(TEXT)
    }
    assert {control.control for control in found.controls} == {"no-op"}


def test_in_a_module_of_another_name_they_are_found_by_function_and_lines() -> None:
    found = again(kills().values(), TEXT, "n.py", "n", "python")
    assert not found.missing


def test_in_a_module_of_another_name_equal_lines_are_told_apart_by_function() -> None:
    text = TEXT.replace("x * 2", "x + 1")
    found = again(kills(text).values(), text, "n.py", "n", "python")
    assert {kills(text)[name].symbol.partition(":")[2] for name in found.found} == {"f", "g"}
    assert all(
        mutant.symbol.partition(":")[2] == kills(text)[name].symbol.partition(":")[2]
        for name, mutant in found.found.items()
    )


@pytest.mark.parametrize("today", ["if True:\n    LIMIT = 3\n", "LIMIT = 3  \n"], ids=["indentation", "blanks"])
def test_in_a_module_of_another_name_the_ends_of_lines_do_not_matter(today: str) -> None:
    recorded = kills("LIMIT = 3\n")
    assert set(again(recorded.values(), today, "n.py", "n", "python").found) == set(recorded)


def test_equal_edits_of_equal_statements_are_each_found_in_their_place() -> None:
    text = "def f(x):\n    x += 1\n    x += 1\n    return x\n"
    found = again(kills(text).values(), text, "m.py", "m", "python").found
    assert [mutant.id for mutant in found.values()] == [mutant.id for mutant in mutants(text)]


def test_where_more_than_one_would_fit_none_is_taken() -> None:
    text = "def f(x):\n    x += 1\n    x += 1\n    return x\n"
    found = again(kills(text).values(), text, "n.py", "n", "python")
    assert {kills(text)[name].line for name in found.found} == {4}
    assert {kills(text)[name].line for name in found.missing} == {2, 3}


def test_controls_are_those_of_the_functions_in_which_something_was_found() -> None:
    of_g = [kill for kill in kills().values() if kill.symbol == "m:g"]
    assert {control.symbol for control in again(of_g, TEXT, "m.py", "m", "python").controls} == {"m:g"}


def test_those_of_a_statement_that_changed_are_gone_and_only_those() -> None:
    found = again(kills().values(), TEXT.replace("x + 1", "x + 3"), "m.py", "m", "python")
    assert {kills()[name].symbol for name in found.missing} == {"m:f"}
    assert {kills()[name].symbol for name in found.found} == {"m:g"}
    assert all(one.gone and "return x + 1" in one.why for one in found.missing.values())


def test_those_of_a_function_that_is_gone_say_so() -> None:
    found = again(kills().values(), TEXT.partition("\n\n\n")[2], "m.py", "m", "python")
    assert {one.why for one in found.missing.values()} == {"m:f is gone"}


def unmade(kill: ProvenKill, text: str) -> Missing:
    """What is said of one that no operator makes."""
    (missing,) = again(
        [kill.model_copy(update={"mutant": "other", "operator": "of another time"})], text, "m.py", "m", "python"
    ).missing.values()
    return missing


@pytest.mark.parametrize(
    ("text", "today"),
    [
        (TEXT, TEXT),
        (TEXT, TEXT.replace("x + 1", "x + 1  ")),
        (TEXT.replace("x + 1", "x + 1  "), TEXT),
        ("LIMIT = 3\n", "LIMIT = 3\n"),
    ],
    ids=["as it was", "with blanks", "without blanks", "of the module"],
)
def test_one_that_we_do_not_make_is_not_said_to_be_gone(text: str, today: str) -> None:
    assert unmade(next(iter(kills(text).values())), today) == Missing(False, "this QTest makes no such mutant")


def test_a_statement_of_which_a_line_is_gone_is_gone_and_told_in_whole() -> None:
    text = "def f(x):\n    return (\n        x\n        + 1\n    )\n"
    whole = next(kill for kill in kills(text).values() if kill.operator == "return value")
    assert unmade(whole, text.replace("+ 1", "+ 2")) == Missing(True, "the line it was made of in m:f is gone: x + 1")


def test_one_of_the_modules_own_lines_that_is_gone_is_told_by_its_line() -> None:
    kill = next(iter(kills("LIMIT = 3\n").values()))
    assert unmade(kill, TEXT) == Missing(True, "the line it was made of in m: is gone: LIMIT = 3")


def test_one_whose_function_is_gone_is_gone() -> None:
    assert unmade(next(iter(kills().values())), TEXT.replace("def f", "def other")) == Missing(True, "m:f is gone")


def test_a_kill_is_renewed_to_what_it_would_be_recorded_as_today() -> None:
    moved = TEXT.replace("def f", "\n\ndef f")
    found = again(kills().values(), moved, "m.py", "m", "python")
    today = {name: renewed(kill, found, {"m.py": moved}) for name, kill in kills().items()}
    assert {kill.mutant: kill for kill in today.values()} == kills(moved)


def test_one_of_another_module_is_renewed_to_its_place_there() -> None:
    found = again(kills().values(), TEXT, "n.py", "n", "python")
    today = [renewed(kill, found, {"n.py": TEXT}) for kill in kills().values()]
    assert {(kill.path, kill.symbol) for kill in today} == {("n.py", "n:f"), ("n.py", "n:g")}
    assert {kill.mutant for kill in today} == set(found.stable.values())


def test_a_kill_that_is_not_found_stays_as_it_was_recorded() -> None:
    kill = next(iter(kills().values()))
    assert renewed(kill, Again({}, {}), {}) == kill


def test_what_was_found_in_two_files_is_put_together() -> None:
    one = again(kills().values(), TEXT, "m.py", "m", "python")
    other = Again({}, {"other": Missing(True, "gone")})
    assert one + other == other + one == Again(one.found, other.missing, one.controls, one.stable)


def test_the_controls_of_two_files_stand_in_turn() -> None:
    one = again(kills().values(), TEXT, "m.py", "m", "python")
    other = again(kills().values(), TEXT, "n.py", "n", "python")
    assert (one + other).controls == (*one.controls, *other.controls)

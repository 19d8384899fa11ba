"""Recorded mutants found again in code that has moved on."""

from qtest.languages import LANGUAGES
from qtest.mutation.again import again, renewed
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


def test_those_of_a_statement_that_changed_are_gone_and_only_those() -> None:
    found = again(kills().values(), TEXT.replace("x + 1", "x + 3"), "m.py", "m", "python")
    assert {kills()[name].symbol for name in found.missing} == {"m:f"}
    assert {kills()[name].symbol for name in found.found} == {"m:g"}
    assert all(one.gone and "return x + 1" in one.why for one in found.missing.values())


def test_those_of_a_function_that_is_gone_say_so() -> None:
    found = again(kills().values(), TEXT.partition("\n\n\n")[2], "m.py", "m", "python")
    assert {one.why for one in found.missing.values()} == {"m:f is gone"}


def test_one_that_we_do_not_make_is_not_said_to_be_gone() -> None:
    one = next(iter(kills().values())).model_copy(update={"mutant": "other", "operator": "of another time"})
    (missing,) = again((one,), TEXT, "m.py", "m", "python").missing.values()
    assert not missing.gone


def test_a_kill_is_renewed_to_what_it_would_be_recorded_as_today() -> None:
    moved = TEXT.replace("def f", "\n\ndef f")
    found = again(kills().values(), moved, "m.py", "m", "python")
    today = {name: renewed(kill, found, {"m.py": moved}) for name, kill in kills().items()}
    assert {kill.mutant: kill for kill in today.values()} == kills(moved)

"""What tests are worth, from who kills what."""

from qtest.languages.python.mutate import mutate
from qtest.mutation.matrix import idle
from qtest.records.mutant import Failing, Killed, MutantResult, Survived, Verdict

MUTANTS = [one for one in mutate("def f(a):\n    return a + 1 if a > 2 else 0\n", "m.py", "m") if not one.control]


def verdict(number: int, result: MutantResult) -> Verdict:
    return Verdict(id=str(number), mutant=MUTANTS[number], suite="existing", result=result)


def killed(number: int, *by: str, kind: str = "assertion") -> Verdict:
    first = Failing.model_validate({"node": by[0], "phase": "call", "kind": kind})
    return verdict(number, Killed(by=by, first=first))


def test_a_test_that_kills_no_mutant_kills_nothing() -> None:
    found = idle(("a", "b"), [killed(0, "a"), verdict(1, Survived(tests=2))])
    assert (found.nothing, found.nothing_own) == (("b",), ())


def test_a_test_whose_kills_others_make_too_kills_nothing_of_its_own() -> None:
    found = idle(("a", "b", "c"), [killed(0, "a", "b"), killed(1, "a"), killed(2, "c", "b")])
    assert (found.nothing, found.nothing_own) == ((), ("b", "c"))


def test_a_mutant_that_dies_at_import_is_no_tests_kill() -> None:
    assert idle(("a",), [killed(0, "a", kind="import")]).nothing == ("a",)

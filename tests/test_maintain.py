"""Where the names that a shipped file imports live today."""

from qtest.fakes import plain_proof
from qtest.languages.python.bodies import bodies
from qtest.maintain import code_of, new_homes, vanished
from qtest.records.proof import ImportedName, ProvenFile

OLD = "def f(x):\n    return x + 1\n\n\nclass C:\n    def m(self):\n        return 1\n"
TESTS = "import pytest\nfrom m import C, LIMIT, f\n"


def file() -> ProvenFile:
    known = bodies(OLD, "m")
    names = tuple(ImportedName(module="m", name=name, body=known.get(f"m:{name}", "")) for name in ("C", "LIMIT", "f"))
    return plain_proof(path="t.py", names=names)


def homes(plain: tuple[str, ...] = ("LIMIT",), **texts: str) -> dict[str, str]:
    code = code_of({name: (f"{name}.py", text) for name, text in texts.items()}, dict.fromkeys(texts, plain))
    return {f"{old[0]}:{old[1]}": f"{new[0]}:{new[1]}" for old, new in new_homes(file(), TESTS, code).items()}


def test_nothing_moves_while_all_stands_though_it_does_something_else() -> None:
    assert homes(m=OLD.replace("x + 1", "x + 2")) == {}


def test_a_module_that_moved_takes_its_constants_along() -> None:
    assert homes(n=OLD) == {"m:f": "n:f", "m:C": "n:C", "m:LIMIT": "n:LIMIT"}


def test_a_function_and_a_class_are_known_by_what_they_do() -> None:
    renamed = OLD.replace("def f", "def g").replace("class C", "class D")
    assert homes(m=f"# new\n{renamed}") == {"m:f": "m:g", "m:C": "m:D"}


def test_what_does_something_else_under_another_name_is_not_it() -> None:
    assert homes(m=OLD.replace("def f(x):\n    return x + 1", "def g(x):\n    return x + 2")) == {}


def test_of_two_that_do_the_same_neither_is_taken() -> None:
    twice = OLD.replace("def f", "def g") + "\n\ndef h(x):\n    return x + 1\n"
    assert homes(m=twice) == {}


def test_a_copy_elsewhere_does_not_hide_the_one_that_kept_its_name() -> None:
    assert homes(m="LIMIT = 1\n", n=OLD, o=OLD.replace("def f", "def g").replace("class C", "class D")) == {
        "m:f": "n:f",
        "m:C": "n:C",
    }


def test_names_of_the_project_that_stand_nowhere_are_told() -> None:
    code = code_of({"m": ("m.py", OLD)}, {"m": ()})
    assert vanished(file(), TESTS, code) == ("LIMIT",)


def test_a_module_that_cannot_be_read_has_nothing() -> None:
    assert vanished(file(), TESTS, code_of({"m": ("m.py", "def f(:")}, {"m": ("LIMIT",)})) == ("C", "LIMIT", "f")

"""What of a file a test can run: what may change beside it, and the traps in which nothing may."""

import ast

import pytest

from qtest.mutation.slices import Slices

CODE = """
import re

LIMIT = 3


def clip(x):
    return min(x, LIMIT)


def area(w, h):
    return clip(w) * h


def other(x):
    return x + 1


class Box:
    def size(self):
        return 1
"""
TEST = """
import m


def test_area():
    assert m.area(2, 3) == 6


def test_other():
    assert m.other(1) == 2
"""
Found = tuple[tuple[str, str], ...] | None


def sliced(
    code: str = CODE, test: str = TEST, *, names: tuple[str, ...] = ("area",), text: str = "", **more: str
) -> Found:
    """Of what `test_area` can run."""
    files = {"m.py": code, "test_m.py": test, **{f"{name}.py": body for name, body in more.items()}}
    return Slices(lambda path: ast.parse(files[path])).of(files, {"test_m.py": ["test_area"]}, names, text)


@pytest.mark.parametrize(
    ("code", "test"),
    [
        pytest.param(CODE.replace("x + 1", "x + 2"), TEST, id="a function that it does not call"),
        pytest.param(CODE.replace("return 1", "return 2"), TEST, id="a class that it does not use"),
        pytest.param(CODE + "\n\ndef more():\n    return 0\n", TEST, id="a new function"),
        pytest.param("# lines move\n\n" + CODE, TEST, id="lines that move"),
        pytest.param(CODE, TEST.replace("m.other(1) == 2", "m.other(2) == 3"), id="another test"),
        pytest.param(CODE, TEST + "\n\ndef test_more():\n    assert m.other(5)\n", id="a new test"),
        pytest.param(
            CODE,
            TEST + "\n\n@pytest.mark.parametrize('x', [1, 2])\ndef test_more(x):\n    assert m.other(x)\n",
            id="a new test with a table",
        ),
    ],
)
def test_what_it_cannot_reach_may_change(code: str, test: str) -> None:
    assert sliced(code, test) == sliced() is not None


@pytest.mark.parametrize(
    ("code", "test"),
    [
        pytest.param(CODE.replace("clip(w) * h", "clip(w) + h"), TEST, id="the function"),
        pytest.param(CODE.replace("min(x, LIMIT)", "max(x, LIMIT)"), TEST, id="a helper called by name"),
        pytest.param(CODE.replace("LIMIT = 3", "LIMIT = 4"), TEST, id="a global"),
        pytest.param(CODE + "\n\ndef min(a, b):\n    return a\n", TEST, id="a new function that hides a builtin"),
        pytest.param(CODE + "\n\ndef area(w, h):\n    return w * h\n", TEST, id="a second one of the name"),
        pytest.param(CODE + "\nclip = other\n", TEST, id="a name bound anew"),
        pytest.param(CODE + "\n\n@re.register\ndef hook():\n    return 0\n", TEST, id="a decorated function"),
        pytest.param(CODE + "\n\nclass Special(Box):\n    pass\n", TEST, id="a class that may be registered"),
        pytest.param(CODE + "\n\ndef more(x=clip(1)):\n    return x\n", TEST, id="a default that is computed"),
        pytest.param(CODE, TEST.replace("== 6", "== 7"), id="the test"),
        pytest.param(CODE, TEST + "\n\ndef setup_module():\n    m.LIMIT = 9\n", id="what pytest calls by its name"),
        pytest.param(CODE, TEST + "\n\n@pytest.fixture\ndef area():\n    return 1\n", id="a fixture"),
        pytest.param(
            CODE,
            TEST + "\n\n@pytest.mark.parametrize('x', [m.clip(1)])\ndef test_more(x):\n    assert x\n",
            id="a table that is computed",
        ),
    ],
)
def test_what_it_may_reach_may_not(code: str, test: str) -> None:
    assert sliced(code, test) != sliced()


@pytest.mark.parametrize(
    "body",
    [
        "return getattr(m, w)",
        "return list(map(getattr, w, h))",
        "return globals()[w](h)",
        "return m.__dict__[w]",
        "return open(__file__).read()",
        "return open('m.py').read()",
        "return Path(w).rglob('*')",
        "return inspect.getsource(w)",
        "return mock.patch(w)",
        "return [one for one in Box.__subclasses__()]",
    ],
)
def test_where_names_are_made_up_or_source_is_read_every_line_counts(body: str) -> None:
    assert sliced(CODE.replace("return clip(w) * h", body)) is None


def test_where_nothing_can_reach_it_that_does_not_matter() -> None:
    assert sliced(CODE.replace("return x + 1", "return getattr(m, x)")) == sliced()


@pytest.mark.parametrize(
    "imports", ["from inspect import signature", "from operator import attrgetter as get", "from os import walk as w"]
)
def test_an_import_that_gives_them_other_names_is_seen(imports: str) -> None:
    assert sliced(imports + CODE) is None


@pytest.mark.parametrize(
    "call", ["getattr(m, 'other')(w)", "m.other(w)", "TABLE['other'](w)", "helper.plus(w)", "late(w)"]
)
def test_a_function_named_in_any_way_counts(call: str) -> None:
    code = CODE.replace("return clip(w) * h", f"return {call}")
    changed = code.replace("x + 1", "x + 2")
    helper = "from m import other as late\n\n\ndef plus(x):\n    return late(x)\n"
    assert sliced(code, helper=helper) != sliced(changed, helper=helper)


def test_a_method_counts_with_its_class() -> None:
    code = CODE.replace("return clip(w) * h", "return Box()")
    assert sliced(code) != sliced(code.replace("return 1", "return 2"))


def test_what_the_edit_brings_in_counts() -> None:
    changed = CODE.replace("x + 1", "x + 2")
    assert sliced(changed, text="other(w)") != sliced(text="other(w)")
    assert sliced(text="globals()") is None


def test_what_a_conftest_does_counts_whole() -> None:
    conftest = "def unused():\n    return 1\n"
    assert sliced(conftest=conftest) != sliced(conftest=conftest.replace("1", "2"))

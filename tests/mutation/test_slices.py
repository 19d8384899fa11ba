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
        pytest.param(CODE + "\n\ndef more(*, a, b=1, c: int = 2) -> int:\n    return b\n", TEST, id="a plain default"),
        pytest.param(CODE + "\n\nclass More(object):\n    pass\n", TEST, id="a class of Python's own kind"),
        pytest.param(CODE + "\n\nclass More(Exception):\n    pass\n", TEST, id="an exception"),
        pytest.param(CODE + "\n\nclass More(ValueError):\n    pass\n", TEST, id="an exception for a value"),
        pytest.param(
            CODE + "\n\nclass More:\n    x = 1\n\n    def size(self):\n        return clip(1)\n",
            TEST,
            id="a class whose methods call something",
        ),
        pytest.param(CODE.replace("    def size", "    @staticmethod\n    def size"), TEST, id="a static method"),
        pytest.param(CODE.replace("    def size", "    @classmethod\n    def size"), TEST, id="a class method"),
        pytest.param(CODE.replace("    def size", "    @property\n    def size"), TEST, id="a property"),
        pytest.param(CODE, TEST.replace("m.other(1) == 2", "m.other(2) == 3"), id="another test"),
        pytest.param(
            CODE, TEST.replace("def test_other", "@pytest.mark.slow\ndef test_other"), id="a mark without a table"
        ),
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
        pytest.param(CODE + "\n\n@register\ndef hook():\n    return 0\n", TEST, id="one with another decorator"),
        pytest.param(
            CODE.replace("    def size", "    @register\n    def size"), TEST, id="a class with a decorated method"
        ),
        pytest.param(
            CODE + "\n\nclass More:\n    x = 1\n    y = clip(x)\n", TEST, id="a class with a value that is computed"
        ),
        pytest.param(CODE + "\n\nclass More(metaclass=Kind):\n    pass\n", TEST, id="a class of another kind"),
        pytest.param(CODE + "\n\nclass More(re.Scanner):\n    pass\n", TEST, id="a class of another module's"),
        pytest.param(CODE + "\n\nclass Special(Box):\n    pass\n", TEST, id="a class that may be registered"),
        pytest.param(CODE + "\n\ndef more(x=clip(1)):\n    return x\n", TEST, id="a default that is computed"),
        *(
            pytest.param(CODE + f"\n\ndef more({given}):\n    return 1\n", TEST, id=f"more({given})")
            for given in (
                "*, x=clip(1)",
                "x: clip(1), /",
                "x: clip(1)",
                "*, x: clip(1)",
                "*x: clip(1)",
                "**x: clip(1)",
            )
        ),
        pytest.param(CODE + "\n\ndef more() -> clip(1):\n    return 1\n", TEST, id="a result's type that is computed"),
        pytest.param(CODE, TEST.replace("== 6", "== 7"), id="the test"),
        pytest.param(CODE, TEST + "\n\ndef check_more():\n    assert m\n", id="a test of the project's own naming"),
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


@pytest.mark.parametrize("name", ["pytest_configure", "setup_module", "teardown_module", "load_tests", "__getattr__"])
def test_a_function_that_python_or_pytest_calls_by_its_name_counts(name: str) -> None:
    code = f"{CODE}\n\ndef {name}():\n    return 5\n"
    assert sliced(code) != sliced(code.replace("return 5", "return 6"))


@pytest.mark.parametrize(
    "word",
    [
        *("globals", "locals", "vars", "dir", "eval", "exec", "__dict__", "__subclasses__", "gc", "inspect", "pickle"),
        *("copyreg", "shelve", "marshal", "__doc__", "doctest", "__file__", "__code__", "getsource", "linecache"),
        *("traceback", "lineno", "co_firstlineno", "settrace", "setprofile"),
        *("glob", "rglob", "walk", "scandir", "listdir", "iterdir"),
        *("getattr", "setattr", "delattr", "hasattr", "attrgetter", "methodcaller", "import_string"),
    ],
)
def test_where_names_are_made_up_or_source_is_read_every_line_counts(word: str) -> None:
    assert sliced(CODE.replace("return clip(w) * h", f"return map({word}, w, h)")) is None
    assert sliced(CODE.replace("return clip(w) * h", f"return w.{word}")) is None


@pytest.mark.parametrize(
    "body",
    [
        "return getattr(m, w)",
        "return getattr(m, w, 'other')",
        "return getattr(0, w)",
        "return getattr(m, w)('other')",
        "return print('other') or getattr(m, w)",
        "return getattr(m, 'other') or map(getattr, w, h)",
        "return open('m.py').read()",
        "return mock.patch(w)",
        "return mock.patch(target=w)",
        "return mock.patch.object(m, w)",
        "match w:\n        case re.Match(__dict__=found):\n            return found",
    ],
)
def test_where_an_attribute_or_a_file_is_not_named_as_it_is_every_line_counts(body: str) -> None:
    assert sliced(CODE.replace("return clip(w) * h", body)) is None


@pytest.mark.parametrize(
    "body",
    [
        "return getattr(m, 'clip')(w) * getattr(w, 'real')",
        "return mock.patch('m.clip')",
        "return mock.patch.object(m, 'clip')",
        "return object()",
    ],
)
def test_where_attributes_are_named_by_texts_the_others_may_change(body: str) -> None:
    code = CODE.replace("return clip(w) * h", body)
    assert sliced(code) == sliced(code.replace("x + 1", "x + 2")) is not None


def test_what_one_statement_sees_at_import_makes_every_line_count() -> None:
    assert sliced(CODE + "\nNAMES = dir()\n") is None


def test_where_nothing_can_reach_it_that_does_not_matter() -> None:
    assert sliced(CODE.replace("return x + 1", "return getattr(m, x)")) == sliced()


@pytest.mark.parametrize(
    "imports",
    [
        "from inspect import signature",
        "from tools.traceback import shorten",
        "from operator import attrgetter as get",
        "from os import walk as w",
        "from unittest.mock import patch as p",
        "import re as r, inspect as look",
        "import tools.inspect as look",
    ],
)
def test_an_import_that_gives_them_other_names_is_seen(imports: str) -> None:
    assert sliced(imports + CODE) is None


@pytest.mark.parametrize("imports", ["import inspect", "from os import walk", "import re as r", "from . import more"])
def test_an_import_that_only_brings_them_in_is_not(imports: str) -> None:
    assert sliced(imports + CODE) is not None


@pytest.mark.parametrize(
    "body",
    [
        "return getattr(m, 'other')(w)",
        "return m.other(w)",
        "return TABLE['other'](w)",
        "return helper.plus(w)",
        "return late(w)",
        "return later(w)",
        "return build(other=w)",
        "match m:\n        case object(other=call):\n            return call(w)",
        "import other",
        "import pkg.other",
        "from m import other",
    ],
)
def test_a_function_named_in_any_way_counts(body: str) -> None:
    code = CODE.replace("return clip(w) * h", body)
    changed = code.replace("x + 1", "x + 2")
    helper = "from m import other as late\nimport pkg.other as later\n\n\ndef plus(x):\n    return late(x)\n"
    assert sliced(code, helper=helper) != sliced(changed, helper=helper)


def test_a_function_that_a_parameter_of_the_test_names_counts() -> None:
    test = TEST.replace("test_area()", "test_area(other)")
    assert sliced(test=test) != sliced(CODE.replace("x + 1", "x + 2"), test)


def test_a_function_that_only_a_docstring_names_does_not_count() -> None:
    code = CODE.replace("return clip(w) * h", '"""Not other."""\n    return clip(w) * h')
    assert sliced(code) == sliced(code.replace("x + 1", "x + 2"))


def test_a_function_that_is_called_at_import_counts() -> None:
    code = CODE + "\nTOTAL = other(1)\n"
    assert sliced(code) != sliced(code.replace("x + 1", "x + 2"))


def test_a_function_that_counts_whoever_names_it_counts() -> None:
    changed = CODE.replace("x + 1", "x + 2")
    assert sliced(names=("area", "other")) != sliced(changed, names=("area", "other"))


def test_functions_that_call_each_other_are_each_looked_at_once() -> None:
    code = CODE.replace("return min(x, LIMIT)", "return area(x, 1) or clip(x)")
    assert sliced(code) != sliced(code.replace("area(x, 1)", "area(x, 2)"))


def test_both_functions_of_a_name_count() -> None:
    code = CODE + "\n\ndef area(w, h):\n    return 5\n"
    assert sliced(code) != sliced(code.replace("clip(w) * h", "clip(w) + h"))
    assert sliced(code) != sliced(code.replace("return 5", "return 6"))


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


@pytest.mark.parametrize("tests", [{"README.md": ["README.md"]}, {"m.py": ["m"]}, {"test_m.py": ["test_elsewhere"]}])
def test_of_a_test_that_stands_in_none_of_the_files_every_line_counts(tests: dict[str, list[str]]) -> None:
    files = {"m.py": CODE, "test_m.py": TEST}
    assert Slices(lambda path: ast.parse(files[path])).of(files, tests, ["area"], "") is None

"""What a Python file says about itself."""

import pytest

from qtest.languages.python.parse import module_name, parse
from qtest.languages.python.source import decoded
from qtest.records.source import Project
from qtest.records.system import Module, Symbol

PROJECT = Project(root="", language="python", name="p", layout="src", import_roots=("src", ""))


def module(text: str, path: str = "src/pkg/core.py") -> Module:
    return parse(text, path, PROJECT)


def symbol(text: str, qualname: str) -> Symbol:
    return next(item for item in module(text).symbols if item.qualname == qualname)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("src/pkg/core.py", "pkg.core"),
        ("src/pkg/__init__.py", "pkg"),
        ("tests/test_a.py", "tests.test_a"),
        ("src/one.py", "one"),
        ("pkg/sub/__init__.py", "pkg.sub"),
    ],
)
def test_a_module_is_named_from_the_deepest_import_root(path: str, name: str) -> None:
    assert module_name(path, PROJECT) == name


def test_every_function_method_and_class_is_a_symbol_but_no_inner_function() -> None:
    text = """
def outer():
    def inner(): ...
class A:
    def m(self): ...
    class B:
        @staticmethod
        def s(): ...
        @classmethod
        async def c(cls): yield 1
    @property
    def p(self): return 1
    @p.setter
    def p(self, value): self._p = value
if True:
    def late(): ...
"""
    kinds = {item.qualname: item.kind for item in module(text).symbols}
    assert kinds == {
        "outer": "function",
        "A": "class",
        "A.m": "method",
        "A.B": "class",
        "A.B.s": "static method",
        "A.B.c": "class method",
        "A.p": "property",
        "A.p.setter": "property",
        "late": "function",
    }
    assert symbol(text, "A.B.c").is_async
    assert symbol(text, "A.B.c").is_generator


def test_overloads_are_left_for_their_implementation() -> None:
    text = "@overload\ndef f(x: int) -> int: ...\n@overload\ndef f(x: str) -> str: ...\ndef f(x): return x\n"
    assert [item.line for item in module(text).symbols] == [5]


def test_a_signature_is_kept_as_written() -> None:
    found = symbol("def f(a, /, b: 'int' = 1 + 1, *c, d: str, e=None, **g) -> list[int]: ...", "f")
    assert [(p.name, p.kind, p.annotation, p.default) for p in found.parameters] == [
        ("a", "positional only", "", ""),
        ("b", "positional or keyword", "'int'", "1 + 1"),
        ("c", "variadic", "", ""),
        ("d", "keyword only", "str", ""),
        ("e", "keyword only", "", "None"),
        ("g", "variadic keyword", "", ""),
    ]
    assert found.returns == "list[int]"


def test_a_class_has_the_parameters_of_its_initialiser_or_its_fields() -> None:
    assert [p.name for p in symbol("class A:\n def __init__(self, x, y=1): ...", "A").parameters] == ["x", "y"]
    assert [p.name for p in symbol("class A:\n x: int\n y: str = ''\n z: ClassVar[int] = 1", "A").parameters] == [
        "x",
        "y",
    ]


def test_branches_guards_and_errors_are_told() -> None:
    text = """
def f(x):
    if x < 0 and x != -1:
        raise ValueError("negative")
    y = 1 if x else 2
    return [i for i in range(x) if i % 2]
"""
    found = symbol(text, "f")
    assert [(b.line, b.condition, b.guard) for b in found.branches] == [
        (3, "x < 0 and x != -1", True),
        (5, "x", False),
        (6, "i % 2", False),
    ]
    assert [(r.line, r.error, r.message) for r in found.raises] == [(4, "ValueError", "negative")]
    assert found.complexity == 6


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("open(x)", "reads files"),
        ("open(x, 'w')", "writes files"),
        ("open(x, mode=y)", "writes files"),
        ("print(x)", "output"),
        ("input()", "input"),
        ("sys.exit(1)", "process"),
        ("run(['x'])", "process"),
        ("os.environ['A']", "environment"),
        ("datetime.now()", "clock"),
        ("random.random()", "random"),
        ("socket.socket()", "network"),
        ("x.append(1)", "mutates argument"),
        ("x['k'] = 1", "mutates argument"),
        ("x.y.z = 1", "mutates argument"),
        ("CACHE[x] = 1", "global state"),
        ("global CACHE\n    CACHE = x", "global state"),
    ],
)
def test_effects_are_seen(body: str, kind: str) -> None:
    head = "import os, sys, random, socket\nfrom subprocess import run\nfrom datetime import datetime\nCACHE = {}\n"
    assert [effect.kind for effect in symbol(f"{head}def f(x, y=''):\n    {body}\n", "f").effects] == [kind]


@pytest.mark.parametrize(
    "body", ["y = []; y.append(x); return y", "return x + 1", "x = list(x); x.sort(); return x", "print = x; return x"]
)
def test_what_stays_inside_is_no_effect(body: str) -> None:
    assert symbol(f"def f(x):\n    {body}\n", "f").effects == ()


def test_an_initialiser_may_fill_its_own_object() -> None:
    assert symbol("class A:\n def __init__(self, x): self.x = x", "A.__init__").effects == ()
    assert symbol("class A:\n def put(self, x): self.x = x", "A.put").effects[0].kind == "mutates argument"


def test_relative_imports_become_absolute() -> None:
    text = "from . import a\nfrom .b import c as d\nfrom ..e import *\nimport x.y\n"
    assert [(item.name, item.source) for item in module(text, "src/pkg/sub/m.py").imports] == [
        ("a", "pkg.sub:a"),
        ("d", "pkg.sub.b:c"),
        ("*", "pkg.e"),
        ("x", "x"),
        ("x.y", "x.y"),
    ]
    assert module("from .b import c", "src/pkg/__init__.py").imports[0].source == "pkg.b:c"


def test_the_face_of_a_module_is_told() -> None:
    found = module(
        '"""Doc."""\n__all__ = ["_f"]\n__all__ += ["g"]\nK: int = 1\nA, B = 1, 2\ndef _f(): ...\nif __name__ == "__main__":\n    _f()\n'
    )
    assert (found.docstring, found.exports, found.constants, found.script) == (
        "Doc.",
        ("_f", "g"),
        ("K", "A", "B"),
        True,
    )
    assert found.symbols[0].public
    assert found.calls == ()


def test_importing_has_effects_of_its_own() -> None:
    assert [effect.cause for effect in module("import sys\nclass A:\n    x = sys.exit(1)\n").effects] == ["sys.exit"]


def test_a_local_made_from_a_class_names_the_class_in_its_calls() -> None:
    assert symbol("def f():\n    p = Parser(1)\n    return p.feed('x').close()", "f").calls == (
        "Parser",
        ".close",
        "Parser().feed",
    )


@pytest.mark.parametrize("text", ["def f(:\n", "x = '\0'", "(" * 5000, "-" * 50_000 + "1", "1" + "+1" * 20_000])
def test_what_cannot_be_read_is_a_syntax_error(text: str) -> None:
    with pytest.raises(SyntaxError):
        module(text)


def test_bytes_are_decoded_as_the_interpreter_would() -> None:
    assert decoded(b"\xef\xbb\xbfx = 1\r\n") == "x = 1\r\n"
    assert decoded(b"# coding: latin-1\nx = '\xe9'") == "# coding: latin-1\nx = 'é'"
    for bad in (b"x = '\xff'", b"# coding: nonsense\n"):
        with pytest.raises(SyntaxError):
            decoded(bad)

"""Every mutant of mutmut's table is among ours, or one that is harder to notice stands in its place.

The only place that imports mutmut: its inside is no interface, so it is pinned to the digit and its table to the byte.
"""

import ast
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libcst
import pytest

from qtest.languages.python.mutate import mutate
from qtest.mutation.diff import applied

if os.environ.get("QTEST_REQUIRE_ALL") == "1":
    import mutmut.mutation.mutators as table
else:
    table = pytest.importorskip("mutmut.mutation.mutators")

READ = "ec999655e5d3ff1907664e9acedd414131d36829248560eedc18084e79447d8f"

LITERAL = "a literal changes, and whoever notices that notices None in its place"
LETTERS = "XX is put around the text: who compares texts notices it, and who ignores case should"
LEFT_OUT = "the statement is left out, and whoever notices that notices another sign"
OPERAND = "an operand is left out, and whoever notices that notices the other word"
RAISES = "it raises at once: whoever runs it notices"
ALWAYS = "it has one outcome for all: the condition it stands in has harder mutants"
NEVER = "the arm is not cut out but never taken"

SAMPLES: dict[str, dict[str, str]] = {
    "x = 1": {"x = None": LITERAL},
    "x = 1.5": {"x = None": LITERAL},
    "x = 2j": {"x = None": LITERAL},
    "x = 'aB'": {"x = None": LITERAL, "x = 'ab'": LETTERS, "x = 'AB'": LETTERS},
    r"x = r'a\d'": {"x = None": LITERAL, r"x = r'A\d'": LETTERS},
    "x = b'a'": {"x = None": LITERAL, "x = b'A'": LETTERS},
    "x = ''' t '''": {"x = None": LITERAL},
    "x = True": {"x = None": LITERAL},
    "x = False": {"x = None": LITERAL},
    "x.y = 1": {"x.y = None": LITERAL},
    "x = None": {},
    "x = y": {},
    "x: int = y": {},
    "x = y = z": {},
    "x[a] = b": {},
    "a, b = c": {"a, b = None": RAISES},
    "x += y": {"x -= y": LEFT_OUT},
    "x -= y": {"x += y": LEFT_OUT},
    "x *= y": {"x /= y": LEFT_OUT},
    "x /= y": {"x *= y": LEFT_OUT},
    "x %= y": {"x /= y": LEFT_OUT},
    "x <<= y": {"x >>= y": LEFT_OUT},
    "x >>= y": {"x <<= y": LEFT_OUT},
    "x &= y": {"x |= y": LEFT_OUT},
    "x |= y": {"x &= y": LEFT_OUT},
    "x ^= y": {"x &= y": LEFT_OUT},
    "x //= y": {},
    "x **= y": {},
    "x @= y": {},
    "def f(a): return not a": {},
    "def f(a): return ~a": {},
    "def f(a): return -a": {},
    "def f(a): return +a": {},
    "def f(a): return False": {},
    "def f(a, b): return a and b": {"def f(a, b): return a or b": OPERAND},
    "def f(a, b): return a or b": {"def f(a, b): return a and b": OPERAND},
    "def f(a): return a and b and c": {
        "def f(a): return a and b or c": OPERAND,
        "def f(a): return a or b and c": OPERAND,
    },
    "def f(a): return a < b < c": {},
    "def f(a): return a + b + c": {},
    "def f(a): return 'A' + b": {
        "def f(a): return 'A' - b": RAISES,
        "def f(a): return 'a' + b": LETTERS,
    },
    **{f"def f(a, b): return a {sign} b": {} for sign in ("+", "-", "*", "/", "//", "%", "**")},
    **{f"def f(a, b): return a {sign} b": {} for sign in ("<<", ">>", "&", "|", "^", "@")},
    **{f"def f(a, b): return a {sign} b": {} for sign in ("<", "<=", ">", ">=", "==", "!=")},
    **{f"def f(a, b): return a {sign} b": {} for sign in ("is", "is not", "in", "not in")},
    "dict(a=b, c=d)": {},
    "sorted(a, key=b)": {"sorted(None, key=b)": RAISES},
    "max(a, b, key=c)": {
        "max(None, b, key=c)": RAISES,
        "max(a, None, key=c)": RAISES,
        "max(b, key=c)": RAISES,
        "max(a, key=c)": RAISES,
    },
    "f(a, b)": {},
    "f(a)": {},
    "f(None, b)": {},
    "f(*a, b)": {},
    "f(a, *b, **c)": {},
    "f(a=b, c=d)": {},
    "f((a), b)": {},
    "f(x for x in y)": {},
    "f(1, 'A')": {"f(None, 'A')": LITERAL, "f(1, None)": LITERAL, "f(1, 'a')": LETTERS},
    "len(a)": {"len(None)": RAISES},
    "isinstance(a, b)": {
        "isinstance(None, b)": ALWAYS,
        "isinstance(a, None)": RAISES,
        "isinstance(b)": RAISES,
        "isinstance(a, )": RAISES,
    },
    **{f"a.{name}()": {} for name in ("lower", "upper", "lstrip", "rstrip")},
    **{f"a.{name}(b)": {} for name in ("find", "rfind", "index", "rindex", "ljust", "rjust", "removeprefix")},
    **{f"a.{name}(b)": {} for name in ("removesuffix", "partition", "rpartition", "split", "rsplit")},
    "a.split(b, c)": {},
    "a.rsplit(b, c)": {},
    "a.split(maxsplit=b)": {},
    "def f(a): return deepcopy(a)": {},
    "def f(a): return copy.deepcopy(a)": {},
    "lambda: a": {},
    "lambda: None": {},
    "def f(a):\n    for b in a: break": {},
    "def f(a):\n    for b in a: continue": {},
    "def f(a): return b if a else c": {},
    "def f(a): return f'{a + 1} {b(c, d)}'": {},
    "def f(a=1, b='X', c=True, *, d=y): return a": {"def f(a=1, b='x', c=True, *, d=y): return a": LETTERS},
    "@d(a)\ndef f(): return a": {},
    "match a:\n    case 1: b()\n    case x if x: c()": {
        "match a:\n    case 1: b()": NEVER,
        "match a:\n    case x if x: c()": NEVER,
    },
    "if a: b()": {},
    "try:\n    a()\nexcept B: c()": {},
    "with a(b) as c: d()": {},
    "async def f():\n    async with a(b):\n        await c(d)": {},
    "class C(B):\n    a = b\n    @property\n    def f(self): return a": {},
}


class _Applied(libcst.CSTVisitor):
    """Each operator at each node, also where mutmut itself does not look; not in annotations."""

    def __init__(self) -> None:
        self.found: list[tuple[libcst.CSTNode, libcst.CSTNode]] = []

    def on_visit(self, node: libcst.CSTNode) -> bool:
        if isinstance(node, libcst.Annotation):
            return False
        for kind, operator in table.mutation_operators:
            if isinstance(node, kind):
                self.found.extend((node, new) for new in operator(node))
        return True


def theirs(text: str) -> Iterator[str]:
    module = libcst.parse_module(text)
    visitor = _Applied()
    module.visit(visitor)
    for old, new in visitor.found:
        changed: Any = module.deep_replace(old, new)
        yield changed.code


def test_the_table_is_the_one_that_was_read() -> None:
    assert hashlib.sha256(Path(table.__file__).read_bytes()).hexdigest() == READ


def test_every_operator_of_the_table_is_tried() -> None:
    tried = {
        operator
        for text in SAMPLES
        for node in _nodes(libcst.parse_module(text))
        for kind, operator in table.mutation_operators
        if isinstance(node, kind) and any(True for _ in operator(node))
    }
    assert tried == {operator for _, operator in table.mutation_operators}


@pytest.mark.parametrize("text", SAMPLES)
def test_what_mutmut_makes_we_make_or_something_harder(text: str) -> None:
    ours = {_read(applied(text, mutant)) for mutant in mutate(text, "m.py", "m") if not mutant.control}
    missing = {_read(other) for other in theirs(text)} - ours
    assert missing == {_read(other) for other in SAMPLES[text]}


def _read(text: str) -> str:
    return ast.dump(ast.parse(text))


def _nodes(node: libcst.CSTNode) -> Iterator[libcst.CSTNode]:
    yield node
    for child in node.children:
        yield from _nodes(child)

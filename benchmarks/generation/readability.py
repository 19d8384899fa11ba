"""How generated test files read: figures taken from their text alone, whatever tool wrote them."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, TypeGuard

LONG = 40
_DRAWN = re.compile(r"(var|int|str|list|dict|float|bool|bytes|tuple|set|none_type|object)_\d+")
_CLAIMED = re.compile(r"expected|message")
_TEXTS = (".py", ".pyi", ".md", ".rst", ".txt", "METADATA")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Readability:
    """Counts over all tests of some files; `lines` is each test's, decorators included and the rows of its table not:
    pytest counts those as tests of their own.

    `inputs` are texts that differ and are given to the code under test, `known` those of them that the project holds too.
    """

    lines: tuple[int, ...] = ()
    long_literals: int = 0
    drawn_names: int = 0
    private: int = 0
    only_type_errors: int = 0
    inputs: int = 0
    known: int = 0


def readability(files: Iterable[str], project: str) -> Readability:
    """`project` is all text of the repository that is at hand: a text that occurs in it was not made up."""
    trees = [ast.parse(text) for text in files]
    tests = [test for tree in trees for test in _tests(tree)]
    literals = {literal for tree in trees for literal in _literals(tree)}
    inputs = {text for test in tests for text in _inputs(test) if text}
    return Readability(
        lines=tuple(_lines(test) for test in tests),
        long_literals=sum(1 for literal in literals if len(literal) > LONG and not _occurs(literal, project)),
        drawn_names=len({name for tree in trees for name in _names(tree) if _DRAWN.fullmatch(name)}),
        private=sum(_calls_private(test, _own(tree)) for tree in trees for test in _tests(tree)),
        only_type_errors=sum(_claims_a_type_error_only(test) for test in tests),
        inputs=len(inputs),
        known=sum(1 for text in inputs if _occurs(text, project)),
    )


def project_text(paths: Iterable[Path]) -> str:
    """Of every source and page among them."""
    texts = sorted(path for path in paths if path.name.endswith(_TEXTS) and path.is_file())
    return "\n".join(path.read_text("utf-8", "replace") for path in texts)


def line(name: str, figures: Iterable[dict[str, Any]]) -> str:
    """All rows of one tool in a sentence: put together, never averaged."""
    all_figures = list(figures)
    lines = [count for one in all_figures for count in one["lines"]]
    if not lines:
        return f"- {name}: no test to read"

    def total(field: str) -> int:
        return sum(one[field] for one in all_figures)

    inputs = total("inputs")
    share = f"{100 * total('known') / inputs:.0f} % of {inputs}" if inputs else "none"
    return (
        f"- {name}, {len(lines)} tests of {len(all_figures)} rows: median {median(lines):g} lines, longest {max(lines)}; "
        f"literals over {LONG} characters that nobody wrote {total('long_literals')}; numbered names {total('drawn_names')}; "
        f"tests that call a private name {total('private')}; tests of a TypeError alone {total('only_type_errors')}; "
        f"text inputs that the project holds {share}"
    )


def _tests(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield node


def _lines(test: Function) -> int:
    first = min([test.lineno, *(decorator.lineno for decorator in test.decorator_list)])
    tables = [decorator.args[1] for decorator in test.decorator_list if _is_parametrize(decorator)]
    rows = sum((table.end_lineno or table.lineno) - table.lineno for table in tables)
    return (test.end_lineno or test.lineno) - first + 1 - rows


def _literals(tree: ast.AST) -> Iterator[str]:
    """Texts, octets and numbers as they stand in the file, docstrings left out."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in said:
            if isinstance(node.value, bytes):
                yield node.value.decode("latin-1")
            elif isinstance(node.value, str | int | float | complex):
                yield str(node.value)


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def _own(tree: ast.AST) -> set[str]:
    """What the file defines itself."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def _calls_private(test: Function, own: set[str]) -> bool:
    called = [node.func for node in ast.walk(test) if isinstance(node, ast.Call)]
    names = {name for function in called for name in _path(function)} - own
    return any(name.startswith("_") and not name.endswith("__") for name in names)


def _path(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute):
        yield node.attr
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _claims_a_type_error_only(test: Function) -> bool:
    asserts = any(isinstance(node, ast.Assert) for node in ast.walk(test))
    raised = [call for call in _calls(test) if _called(call) == "raises" and call.args]
    return bool(raised) and not asserts and all(ast.unparse(call.args[0]) == "TypeError" for call in raised)


def _inputs(test: Function) -> Iterator[str]:
    """Texts that reach a call or a parameter of the test; what is expected is no input."""
    for decorator in test.decorator_list:
        if _is_parametrize(decorator):
            yield from _given(decorator)
    for statement in test.body:
        for call in _calls(statement):
            if _called(call) not in ("raises", "warns", "escape", "setattr", "param"):
                for value in (*call.args, *(keyword.value for keyword in call.keywords)):
                    yield from _texts(value)


def _given(decorator: ast.Call) -> Iterator[str]:
    columns = _columns(decorator.args[0])
    rows = decorator.args[1].elts if isinstance(decorator.args[1], ast.List | ast.Tuple) else []
    for row in rows:
        if isinstance(row, ast.Call) and _called(row) == "param":
            cells = row.args
        else:
            cells = row.elts if len(columns) > 1 and isinstance(row, ast.Tuple | ast.List) else [row]
        for column, cell in zip(columns, cells, strict=False):
            if not _CLAIMED.match(column):
                yield from _texts(cell)


def _columns(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [name.strip() for name in str(node.value).split(",")]
    return list(_texts(node))


def _is_parametrize(node: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and _called(node) == "parametrize" and len(node.args) >= 2


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Call))


def _called(call: ast.Call) -> str:
    return next(_path(call.func), "")


def _texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _occurs(text: str, project: str) -> bool:
    """In whole words, as it is or as a source would spell it."""
    return any(_in_words(spelled, project) for spelled in dict.fromkeys((text, repr(text)[1:-1])))


def _in_words(text: str, project: str) -> bool:
    before = r"(?<!\w)" if text[0].isalnum() else ""
    after = r"(?!\w)" if text[-1].isalnum() else ""
    return text in project and re.search(before + re.escape(text) + after, project) is not None

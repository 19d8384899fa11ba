"""A module's source cut into its functions, each with the verdicts on its mutants."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qtest.records.mutant import Verdict


@dataclass(frozen=True)
class Section:
    """`lines` are (number from 1, text)."""

    name: str
    lines: tuple[tuple[int, str], ...]
    verdicts: tuple[Verdict, ...]


def sections(source: str, found: Iterable[Verdict]) -> Iterator[Section]:
    """Functions in the order of the text; what lies outside of all comes last, with only the lines that hold mutants."""
    text = source.splitlines()
    verdicts = sorted(found, key=lambda verdict: (verdict.mutant.start, verdict.mutant.end, verdict.id))
    taken: set[str] = set()
    for name, first, last in _functions(source):
        mine = tuple(v for v in verdicts if v.mutant.id not in taken and first <= v.mutant.line <= last)
        taken |= {verdict.mutant.id for verdict in mine}
        if mine:
            yield Section(
                name, tuple((number, text[number - 1]) for number in range(first, min(last, len(text)) + 1)), mine
            )
    rest = tuple(verdict for verdict in verdicts if verdict.mutant.id not in taken)
    if rest:
        numbers = sorted({n for v in rest for n in range(v.mutant.line, v.mutant.end_line + 1) if n <= len(text)})
        yield Section("(module and class level)", tuple((number, text[number - 1]) for number in numbers), rest)


def _functions(source: str) -> Iterator[tuple[str, int, int]]:
    """Outermost functions and methods: qualified name, first and last line, decorators included."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    yield from _inside(tree, "")


def _inside(node: ast.AST, prefix: str) -> Iterator[tuple[str, int, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
            yield prefix + child.name, first, child.end_lineno or child.lineno
        elif isinstance(child, ast.ClassDef):
            yield from _inside(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _inside(child, prefix)

"""Comments by which people keep lines from being mutated: those of mutmut, and coverage's own."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from qtest.languages.python.parts import first_line

_PRAGMA = re.compile(r"#\s*pragma:\s*no (mutate|cover)\b(?::?\s*(block|start|end)\b)?", re.I)


def unmutated(text: str, tree: ast.Module) -> frozenset[int]:
    """The lines. `no mutate` keeps its line, with `block` the block it heads or the rest of the one it stands in, `start` and `end` all
    between; `no cover` keeps the statement or clause that begins in its line."""
    if _PRAGMA.search(text) is None:
        return frozenset()
    lines: set[int] = set()
    blocks: set[int] = set()
    alone: set[int] = set()
    opened = 0
    for number, word, only in _pragmas(text):
        lines.add(number)
        if word == "start":
            opened = number
        elif word == "end" and opened:
            lines.update(range(opened, number))
        elif word == "block" and only:
            alone.add(number)
        elif word in ("block", "cover"):
            blocks.add(number)
    for block in _blocks(tree):
        lines.update(_kept(block, blocks, alone))
    return frozenset(lines)


def _pragmas(text: str) -> Iterator[tuple[int, str, bool]]:
    """(line, what it says, whether nothing else is in the line)."""
    for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
        if token.type == tokenize.COMMENT and (found := _PRAGMA.match(token.string)):
            word = "cover" if found.group(1).lower() == "cover" else (found.group(2) or "").lower()
            yield token.start[0], word, not token.line[: token.start[1]].strip()


def _blocks(tree: ast.Module) -> Iterator[tuple[int, list[ast.stmt]]]:
    """Each block with the line in which its clause begins."""
    yield 0, tree.body
    for node in ast.walk(tree):
        first = first_line(node) if isinstance(node, ast.stmt) else getattr(node, "lineno", 0)
        if isinstance(node, ast.match_case):
            first = node.pattern.lineno
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block and not isinstance(node, ast.Module):
                yield first, block
                first = (block[-1].end_lineno or 0) + 1


def _kept(block: tuple[int, list[ast.stmt]], blocks: set[int], alone: set[int]) -> Iterator[int]:
    head, statements = block
    end = statements[-1].end_lineno or 0
    if head and blocks.intersection(range(head, first_line(statements[0]))):
        yield from range(head, end + 1)
    before = head
    for statement in statements:
        first, last = first_line(statement), statement.end_lineno or 0
        if alone.intersection(range(before, first)):
            yield from range(first, end + 1)
        if first in blocks and not hasattr(statement, "body"):
            yield from range(first, last + 1)
        before = last + 1

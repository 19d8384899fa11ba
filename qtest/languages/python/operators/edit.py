"""One edit of a text, and where the tokens lie that the syntax tree does not tell."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qtest.languages.python.offsets import Offsets

_COMMENT = re.compile(r"#[^\r\n]*")


@dataclass(frozen=True, slots=True)
class Edit:
    start: int
    end: int
    text: str
    operator: str


def replaced(node: ast.expr | ast.stmt | ast.pattern, text: str, operator: str, at: Offsets) -> Edit:
    return Edit(at.start(node), at.end(node), text, operator)


def negated(test: ast.expr, at: Offsets) -> Iterator[Edit]:
    """`not (…)`; what was negated already stands bare. A comparison has its opposite among its own mutants, and so has a truth value; of
    several operands each is left out, which is harder to notice."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield replaced(test, f"({at.source(test.operand)})", "negated condition", at)
    elif not isinstance(test, ast.BoolOp) and not _is_single_comparison(test) and not _is_truth(test):
        yield replaced(test, f"(not ({at.source(test)}))", "negated condition", at)


def _is_single_comparison(node: ast.expr) -> bool:
    return isinstance(node, ast.Compare) and len(node.ops) == 1


def _is_truth(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def between(
    left: ast.expr, right: ast.expr, pattern: str, others: tuple[str, ...], operator: str, at: Offsets
) -> Iterator[Edit]:
    """The operator's token lies in the gap between its operands, with parentheses, comments and line ends."""
    begin = at.end(left)
    found = re.search(
        rf"(?<![\w])(?:{pattern})(?![\w])" if pattern[0].isalpha() else pattern, gap(begin, at.start(right), at)
    )
    if found:
        for other in others:
            yield Edit(begin + found.start(), begin + found.end(), other, operator)


def gap(begin: int, stop: int, at: Offsets) -> str:
    """The text between, with comments blanked out."""
    text = at.text[begin:stop]
    return _COMMENT.sub(lambda comment: " " * len(comment.group()), text) if "#" in text else text


def removals(spans: Sequence[tuple[int, int]], separator: str, operator: str, at: Offsets) -> Iterator[Edit]:
    """One edit for each of two or more parts, taking it and one separator away. `spans` are in order; the outer ends of the first and
    the last must take in their parentheses, those inside need not."""
    if len(spans) < 2:
        return
    starts, ends = [spans[0][0]], []
    for (_, before), (after, _) in pairwise(spans):
        between_them = gap(before, after, at)
        found = re.search(separator, between_them)
        if found is None:
            return
        ends.append(before + len(between_them[: found.start()].rstrip(" \t\r\n\\")))
        rest = between_them[found.end() :]
        starts.append(before + found.end() + len(rest) - len(rest.lstrip(" \t\r\n\\")))
    ends.append(spans[-1][1])
    for index in range(len(spans) - 1):
        yield Edit(starts[index], starts[index + 1], "", operator)
    yield Edit(ends[-2], ends[-1], "", operator)


def enclosed(spans: Sequence[tuple[int, int]], opening: int, closing: int, at: Offsets) -> list[tuple[int, int]]:
    """The spans of what stands between two brackets, the outer ones with their parentheses."""
    before = gap(opening, spans[0][0], at)
    after = gap(spans[-1][1], closing, at)
    tail = len(after) - len(after.lstrip(" \t\r\n\\)"))
    found = [*spans]
    found[0] = (opening + len(before) - len(before.lstrip(" \t\r\n\\")), found[0][1])
    found[-1] = (found[-1][0], found[-1][1] + len(after[:tail].rstrip()))
    return found


def is_constant(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def speaks(node: ast.expr) -> bool:
    """It is a literal with mutants of its own, each harder to notice than `None` in its place."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        node = node.operand
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and node.value is not None and node.value is not Ellipsis
    )


def last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""

"""Edits of `match`: an arm that is never taken, another literal, an alternative less."""

import ast
from collections.abc import Iterator

from qtest.languages.python.offsets import Offsets
from qtest.languages.python.operators.edit import Edit, gap, negated, removals, replaced
from qtest.languages.python.operators.expressions import of_constant


def of_arm(arm: ast.match_case, at: Offsets) -> Iterator[Edit]:
    if arm.guard is not None:
        yield replaced(arm.guard, "False", "match arm", at)
        yield from negated(arm.guard, at)
    else:
        end = at.end(arm.pattern)
        colon = end + gap(end, at.start(arm.body[0]), at).index(":")
        yield Edit(colon, colon, " if False", "match arm")
    yield from _of_pattern(arm.pattern, at)


def _of_pattern(node: ast.pattern, at: Offsets) -> Iterator[Edit]:
    if isinstance(node, ast.MatchValue):
        if isinstance(node.value, ast.Constant):
            yield from of_constant(node.value, at)
    elif isinstance(node, ast.MatchSingleton):
        if node.value is not None:
            yield replaced(node, str(not node.value), "constant", at)
    elif isinstance(node, ast.MatchOr):
        spans = [(at.start(pattern), at.end(pattern)) for pattern in node.patterns]
        spans[0], spans[-1] = (at.start(node), spans[0][1]), (spans[-1][0], at.end(node))
        found = removals(spans, r"\|", "alternative removed", at)
        yield from (edit for edit, one in zip(found, node.patterns, strict=False) if not _is_literal(one))
    elif isinstance(node, ast.MatchMapping):
        for key in node.keys:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield from of_constant(key, at)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.pattern):
            yield from _of_pattern(child, at)


def _is_literal(node: ast.pattern) -> bool:
    """It has mutants of its own, each as good as leaving it out."""
    return isinstance(node, ast.MatchSingleton) or (
        isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Constant)
    )

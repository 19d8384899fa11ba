"""Edits of comparisons with what stands for "nothing given": `None`, `...`, and objects that a module makes for it."""

import ast
from collections.abc import Iterator, Sequence

from qtest.languages.python.offsets import Offsets
from qtest.languages.python.operators.edit import Edit, is_constant, replaced


def sentinels(body: Sequence[ast.stmt]) -> tuple[str, ...]:
    """Names that a module gives to plain objects, in order."""
    return tuple(name for node in body if (name := _made(node)))


def of_sentinel(node: ast.expr, known: Sequence[str], at: Offsets) -> Iterator[Edit]:
    """The other way to say that nothing is there: whoever calls with `None`, or leaves the argument out, tells them apart."""
    if not isinstance(node, ast.Compare):
        return
    for op, side in zip(node.ops, node.comparators, strict=True):
        if not isinstance(op, ast.Is | ast.IsNot):
            continue
        if (isinstance(side, ast.Name) and side.id in known) or is_constant(side, ...):
            yield replaced(side, "None", "sentinel", at)
        elif known and is_constant(side, None):
            yield replaced(side, known[0], "sentinel", at)


def _made(node: ast.stmt) -> str:
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="object"), args=[], keywords=[]))
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=ast.Name(id="object"), args=[], keywords=[]))
        ):
            return name
    return ""

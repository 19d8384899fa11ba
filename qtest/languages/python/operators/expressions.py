"""Edits of expressions: operators, operands, constants, arms, bounds, elements."""

import ast
import math
import re
from collections.abc import Iterator

from qtest.languages.python.offsets import Offsets
from qtest.languages.python.operators.calls import called
from qtest.languages.python.operators.edit import (
    Edit,
    between,
    enclosed,
    is_constant,
    negated,
    removals,
    replaced,
    speaks,
)

_COMPARE: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: (r"is\s+not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: (r"not\s+in", ("in",)),
}
_BINARY: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "/"),
    ast.Pow: ("**", "*"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "&"),
    ast.MatMult: ("@", "*"),
}
_LITERAL = re.compile(r"""([A-Za-z]*("{3}|'{3}|"|'))(.*)\2""", re.S)
SHORT = 5  # elements of a literal, up to which each is left out in turn


def of_expression(node: ast.expr, at: Offsets) -> Iterator[Edit]:
    if isinstance(node, ast.Compare):
        yield from _compared(node, at)
    elif isinstance(node, ast.BoolOp):
        yield from _joined(node, at)
    elif isinstance(node, ast.BinOp):
        sign, other = _BINARY[type(node.op)]
        if not (isinstance(node.op, ast.Add | ast.Mod | ast.Mult) and (_is_text(node.left) or _is_text(node.right))):
            yield from between(node.left, node.right, re.escape(sign), (other,), "arithmetic operator", at)
    elif isinstance(node, ast.UnaryOp):
        yield from _unary(node, at)
    elif isinstance(node, ast.IfExp):
        yield replaced(node.test, f"({at.source(node.test)}) and False", "ternary arm", at)
        yield replaced(node.test, f"({at.source(node.test)}) or True", "ternary arm", at)
    elif isinstance(node, ast.Constant):
        yield from of_constant(node, at)
    elif isinstance(node, ast.Call):
        yield from called(node, at)
    elif isinstance(node, ast.Lambda):
        yield replaced(node.body, "0" if is_constant(node.body, None) else "None", "lambda body", at)
    elif isinstance(node, ast.Slice):
        yield from _sliced(node, at)
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        for condition in (test for generator in node.generators for test in generator.ifs):
            yield from negated(condition, at)
            if not (isinstance(condition, ast.BoolOp) and isinstance(condition.op, ast.And)):
                yield replaced(condition, "True", "comprehension condition", at)
    elif isinstance(node, ast.Yield | ast.YieldFrom):
        yield from _yielded(node, at)
    elif isinstance(node, ast.List | ast.Set) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        yield from _without_elements(node, at)
    elif isinstance(node, ast.Dict):
        yield from _without_entries(node, at)


def of_constant(node: ast.Constant, at: Offsets) -> Iterator[Edit]:
    value = node.value
    if isinstance(value, bool):
        yield replaced(node, str(not value), "constant", at)
    elif isinstance(value, int):
        yield replaced(node, str(value + 1), "constant", at)
        if value > 1:
            yield replaced(node, str(value - 1), "constant", at)
    elif isinstance(value, float) and math.isfinite(value):
        other = value + 1 if value + 1 != value else value / 2
        yield replaced(node, repr(other), "constant", at)
    elif isinstance(value, complex):
        yield replaced(node, repr(value + 1j), "constant", at)
    elif isinstance(value, str | bytes):
        yield replaced(node, _marked(at.source(node), value), "constant", at)


def _marked(source: str, value: str | bytes) -> str:
    """The literal with XX at both ends, as it is written; written anew where it is put together of several."""
    literal = _LITERAL.fullmatch(source)
    if literal and literal.group(2)[0] not in literal.group(3):
        return f"{literal.group(1)}XX{literal.group(3)}XX{literal.group(2)}"
    return repr(f"XX{value}XX") if isinstance(value, str) else repr(b"XX" + value + b"XX")


def _compared(node: ast.Compare, at: Offsets) -> Iterator[Edit]:
    sides = [node.left, *node.comparators]
    for left, op, right in zip(sides, node.ops, sides[1:], strict=False):
        pattern, others = _COMPARE[type(op)]
        yield from between(left, right, pattern, others, "comparison", at)
        if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.Tuple):
            yield from _without_elements(right, at)


def _joined(node: ast.BoolOp, at: Offsets) -> Iterator[Edit]:
    """Each operand left out. `and` made `or` differs wherever one of these does."""
    spans = [(at.start(value), at.end(value)) for value in node.values]
    spans[0], spans[-1] = (at.start(node), spans[0][1]), (spans[-1][0], at.end(node))
    yield from removals(spans, r"\band\b" if isinstance(node.op, ast.And) else r"\bor\b", "operand removed", at)


def _unary(node: ast.UnaryOp, at: Offsets) -> Iterator[Edit]:
    start = at.start(node)
    if isinstance(node.op, ast.Not):
        yield replaced(node, f"({at.source(node.operand)})", "negation removed", at)
    elif isinstance(node.op, ast.Invert):
        yield replaced(node, f"({at.source(node.operand)})", "inversion removed", at)
    else:
        yield Edit(start, start + 1, "+" if isinstance(node.op, ast.USub) else "-", "sign")


def _sliced(node: ast.Slice, at: Offsets) -> Iterator[Edit]:
    for bound in (node.lower, node.upper, node.step):
        if bound is None:
            continue
        if at.text[at.end(bound) : at.end(bound) + 1] == ")":
            yield replaced(bound, "None", "slice bound", at)
        else:
            yield replaced(bound, "", "slice bound", at)


def _yielded(node: ast.Yield | ast.YieldFrom, at: Offsets) -> Iterator[Edit]:
    if isinstance(node, ast.YieldFrom):
        yield replaced(node.value, "()", "yielded value", at)
    elif node.value is not None and not is_constant(node.value, None) and not speaks(node.value):
        yield replaced(node.value, "None", "yielded value", at)


def _without_elements(node: ast.List | ast.Set | ast.Tuple, at: Offsets) -> Iterator[Edit]:
    yield from _without(
        [(at.start(one), at.end(one)) for one in node.elts], [speaks(one) for one in node.elts], node, at
    )


def _without_entries(node: ast.Dict, at: Offsets) -> Iterator[Edit]:
    keys = [key for key in node.keys if key is not None]
    if len(keys) == len(node.keys):
        spans = [(at.start(key), at.end(value)) for key, value in zip(keys, node.values, strict=True)]
        yield from _without(spans, [speaks(key) for key in keys], node, at)


def _without(spans: list[tuple[int, int]], literal: list[bool], node: ast.expr, at: Offsets) -> Iterator[Edit]:
    """Literals are left in: whoever notices that one of them changes notices that it is gone."""
    if 1 < len(spans) <= SHORT and not all(literal):
        found = removals(enclosed(spans, at.start(node) + 1, at.end(node) - 1, at), ",", "element removed", at)
        yield from (edit for edit, speaking in zip(found, literal, strict=False) if not speaking)


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return _is_text(node.left) or (isinstance(node.op, ast.Add) and _is_text(node.right))
    return isinstance(node, ast.JoinedStr | ast.List | ast.Tuple) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )

"""Edits of whole statements: left out, turned round, given another value."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from qtest.languages.python.offsets import Offsets
from qtest.languages.python.operators.edit import Edit, is_constant, last_name, negated, replaced, speaks

_BOOLEAN = re.compile(
    r"is|has|isinstance|issubclass|callable|hasattr|any|all|bool|(?:is|has)[a-z_].*|startswith|endswith"
)
_NEAR: dict[type[ast.operator], tuple[str]] = {ast.FloorDiv: ("/=",), ast.Pow: ("*=",)}  # often the same value
_DELETION = "statement deletion"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a statement stands: in which function (empty for none), whether it may `return`, and whether it is what a call does last."""

    function: str = ""
    may_return: bool = False
    is_last: bool = False


def of_statement(node: ast.stmt, spot: Spot, at: Offsets) -> Iterator[Edit]:
    if isinstance(node, ast.If | ast.While | ast.Assert):
        yield from negated(node.test, at)
    elif isinstance(node, ast.Break):
        yield replaced(node, "continue", "break", at)
        if spot.may_return:
            yield replaced(node, "return", "break", at)
    elif isinstance(node, ast.Continue):
        yield replaced(node, "break", "continue", at)
    elif isinstance(node, ast.Return):
        yield from _returned(node, spot, at)
    elif isinstance(node, ast.AugAssign):
        yield from _augmented(node, at)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        yield from _assigned(node, node.value, spot, at)
    elif isinstance(node, ast.Raise):
        yield replaced(node, "pass", _DELETION, at)
        yield from _raised(node, at)
    elif isinstance(node, ast.Delete):
        if not all(isinstance(target, ast.Name) for target in node.targets):
            yield replaced(node, "pass", _DELETION, at)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await):
        yield replaced(node, "pass", _DELETION, at)
    elif isinstance(node, ast.With):
        yield from _entered(node, at)


def of_handler(handler: ast.ExceptHandler, at: Offsets) -> Iterator[Edit]:
    """A type is caught no more. `()` catches nothing."""
    kind = handler.type
    if isinstance(kind, ast.Tuple) and len(kind.elts) > 1:
        for missing in kind.elts:
            rest = [at.source(element) for element in kind.elts if element is not missing]
            yield replaced(kind, rest[0] if len(rest) == 1 else f"({', '.join(rest)})", "exception type", at)
    elif kind is not None and not _is_empty_tuple(kind):
        yield replaced(kind, "()", "exception type", at)


def _is_empty_tuple(node: ast.expr) -> bool:
    return isinstance(node, ast.Tuple) and not node.elts


def _returned(node: ast.Return, spot: Spot, at: Offsets) -> Iterator[Edit]:
    value = node.value
    if value is None or is_constant(value, None):
        if not spot.is_last:
            yield replaced(node, "pass", _DELETION, at)
    elif _is_boolean(value):
        yield replaced(value, "True", "return value", at)
        yield replaced(value, "False", "return value", at)
    elif not speaks(value):
        yield replaced(value, "None", "return value", at)


def _is_boolean(value: ast.expr) -> bool:
    if isinstance(value, ast.BoolOp):
        return all(_is_boolean(part) for part in value.values)
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.op, ast.Not)
    return isinstance(value, ast.Compare) or (
        isinstance(value, ast.Call) and bool(_BOOLEAN.fullmatch(last_name(value.func)))
    )


def _augmented(node: ast.AugAssign, at: Offsets) -> Iterator[Edit]:
    """That the old value counts, and that the new one does. Whoever notices that it is left out notices most other signs too."""
    begin = at.end(node.target)
    found = re.search(r"[^\s()\\]{1,3}=", at.text[begin : at.start(node.value)])
    if found:
        for sign in ("=", *_NEAR.get(type(node.op), ())):
            yield Edit(begin + found.start(), begin + found.end(), sign, "augmented assignment")
    yield replaced(node, "pass", _DELETION, at)


def _assigned(node: ast.Assign | ast.AnnAssign, value: ast.expr, spot: Spot, at: Offsets) -> Iterator[Edit]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if is_constant(value, None):
        yield replaced(value, '""', "assigned value", at)
    elif not speaks(value) and not any(isinstance(target, ast.Tuple | ast.List) for target in targets):
        yield replaced(value, "None", "assigned value", at)
    if spot.function not in ("__init__", "__new__") and all(
        isinstance(target, ast.Attribute | ast.Subscript) for target in targets
    ):
        yield replaced(node, "pass", _DELETION, at)


def _raised(node: ast.Raise, at: Offsets) -> Iterator[Edit]:
    """Of a type that no one asks for; every exception takes the same arguments as long as none is named."""
    kind = node.exc
    if isinstance(kind, ast.Call):
        if kind.keywords:
            return
        kind = kind.func
    if isinstance(kind, ast.Name | ast.Attribute):
        name = last_name(kind)
        if name[:1].isupper() and name not in ("Exception", "BaseException"):
            yield replaced(kind, "Exception", "exception type", at)


def _entered(node: ast.With, at: Offsets) -> Iterator[Edit]:
    """The body without what is entered around it, where nothing of that is asked for by name."""
    item = node.items[0]
    if len(node.items) > 1 or item.optional_vars is not None or not isinstance(item.context_expr, ast.Call):
        return
    start, begin, end = at.start(node), at.start(item.context_expr), at.end(item.context_expr)
    if at.text[start:begin].strip() == "with" and at.text[end : end + 1] == ":":
        yield Edit(start, end, "if True", "context manager")

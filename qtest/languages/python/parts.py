"""Which parts of a statement run: its blocks, its expressions, its first and its last."""

import ast
from collections.abc import Iterator

from qtest.languages.python.arid import dotted, is_import_fallback, is_text_only

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
TRIES = (ast.Try, ast.TryStar)


def first_line(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, (*FUNCTIONS, ast.ClassDef)) else []
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def first_run(body: list[ast.stmt]) -> int:
    """The line where running the block begins: declarations and bare texts leave no trace."""
    for node in body:
        declares = isinstance(node, ast.Global | ast.Nonlocal) or (isinstance(node, ast.AnnAssign) and not node.value)
        if not declares and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            return first_line(node)
    return body[0].lineno


def tail(block: list[ast.stmt]) -> Iterator[ast.stmt]:
    """What the block does last: nothing is run after it."""
    last = block[-1]
    yield last
    if isinstance(last, ast.If):
        yield from tail(last.body)
        yield from tail(last.orelse) if last.orelse else ()
    elif isinstance(last, ast.With | ast.AsyncWith):
        yield from tail(last.body)
    elif isinstance(last, ast.Match):
        for arm in last.cases:
            yield from tail(arm.body)
    elif isinstance(last, TRIES):
        for inner in (last.orelse or last.body, *(handler.body for handler in last.handlers)):
            yield from tail(inner)


def header_lines(node: ast.stmt) -> tuple[int, int]:
    """The lines of the statement itself, without the blocks below it."""
    if not blocks(node):
        return node.lineno, node.end_lineno or node.lineno
    ends = [part.end_lineno or node.lineno for part in expressions(node) if part.lineno >= node.lineno]
    return node.lineno, max([node.lineno, *ends])


def running_parts(node: ast.expr) -> Iterator[ast.expr]:
    """The expressions in it, without types and texts for people."""
    if isinstance(node, ast.Call):
        skipped = len(node.args) if is_text_only(node) else int(dotted(node.func) in ("cast", "typing.cast"))
        yield node.func
        yield from node.args[min(skipped, 1) :]
        yield from (keyword.value for keyword in node.keywords)
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.comprehension):
            yield from (child.iter, *child.ifs)


def expressions(node: ast.stmt) -> list[ast.expr]:
    """The expressions that belong to the statement and run; no annotations, no assignment targets that are plain names."""
    if isinstance(node, ast.AnnAssign):
        return [part for part in (node.target, node.value) if part is not None and not isinstance(part, ast.Name)]
    if isinstance(node, ast.Assert):
        return [node.test]
    if isinstance(node, ast.With | ast.AsyncWith):
        return [item.context_expr for item in node.items]
    if isinstance(node, ast.Match):
        return [node.subject, *(case.guard for case in node.cases if case.guard)]
    if isinstance(node, TRIES):
        return []
    if isinstance(node, ast.While | ast.If) and isinstance(node.test, ast.Constant):
        return [node.test] if isinstance(node.test.value, bool) else []  # another number is as true
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


def blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    if isinstance(node, ast.Match):
        return [case.body for case in node.cases]
    named = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
    found = [block for block in named if isinstance(block, list) and block]
    if isinstance(node, TRIES) and not is_import_fallback(node):
        found[1:1] = [handler.body for handler in node.handlers]
    return found

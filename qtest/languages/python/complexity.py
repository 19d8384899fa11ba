"""Where code decides, and where it gives up: branches, guards, errors, and McCabe's count."""

import ast
from collections.abc import Iterable, Iterator

from qtest.languages.python.importing import dotted
from qtest.languages.python.source import Lines
from qtest.records.system import Branch, Raise

_ENDS = (ast.Raise, ast.Return, ast.Continue, ast.Break)


def complexity_of(nodes: Iterable[ast.AST]) -> int:
    return 1 + sum(_weight(node) for node in nodes)


def _weight(node: ast.AST) -> int:
    match node:
        case ast.BoolOp(values=values):
            return len(values) - 1
        case ast.comprehension(ifs=ifs):
            return 1 + len(ifs)
        case ast.If() | ast.For() | ast.AsyncFor() | ast.While() | ast.IfExp() | ast.ExceptHandler() | ast.Assert():
            return 1
        case ast.match_case():
            return 1
    return 0


def branches_of(nodes: Iterable[ast.AST], lines: Lines) -> tuple[Branch, ...]:
    return tuple(sorted((found for node in nodes for found in _branches(node, lines)), key=lambda item: item.line))


def _branches(node: ast.AST, lines: Lines) -> Iterator[Branch]:
    match node:
        case ast.If(test=test, body=body, orelse=other):
            yield Branch(line=test.lineno, condition=lines.of(test), guard=_ends(body) or _ends(other))
        case ast.While(test=test) | ast.IfExp(test=test):
            yield Branch(line=test.lineno, condition=lines.of(test))
        case ast.Assert(test=test):
            yield Branch(line=test.lineno, condition=lines.of(test), guard=True)
        case ast.comprehension(ifs=conditions):
            for condition in conditions:
                yield Branch(line=condition.lineno, condition=lines.of(condition))
        case ast.match_case(pattern=pattern, guard=guard, body=body):
            when = f" if {lines.of(guard)}" if guard else ""
            yield Branch(line=pattern.lineno, condition=f"case {ast.unparse(pattern)}{when}", guard=_ends(body))


def _ends(body: list[ast.stmt]) -> bool:
    return len(body) == 1 and isinstance(body[0], _ENDS)


def raises_of(nodes: Iterable[ast.AST]) -> tuple[Raise, ...]:
    """Bare `raise` is not an error of the code's own."""
    found = (_raise(node.exc, node.lineno) for node in nodes if isinstance(node, ast.Raise) and node.exc)
    return tuple(sorted((item for item in found if item), key=lambda item: item.line))


def _raise(raised: ast.expr, line: int) -> Raise | None:
    called = raised.func if isinstance(raised, ast.Call) else raised
    first = raised.args[0] if isinstance(raised, ast.Call) and raised.args else None
    message = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    name = dotted(called)
    return Raise(line=line, error=name, message=message) if name else None

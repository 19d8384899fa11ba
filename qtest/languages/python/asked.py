"""What a test expected and what it sees now: read from its text, and from a copy of it that tells both."""

import ast
import re
from dataclasses import dataclass
from typing import TypeGuard

_SAID = re.compile(r"^AssertionError: QTest sees (.*) where it was (.*)$")
_SILENT = re.compile(r"^Failed: DID NOT RAISE")


@dataclass(frozen=True)
class Expected:
    """`call` and `was` as source text, parameters filled in; of an error `was` is how it was raised."""

    call: str
    was: str


def telling(text: str) -> str:
    """The same tests, whose comparisons say both sides when they fail. Its layout is of no matter: nobody keeps it."""
    return ast.unparse(ast.fix_missing_locations(_Teller().visit(ast.parse(text))))


def expected(text: str, node: str) -> Expected | None:
    """Of one node, `TestX::test_y[id]`; None where its text has no form that we write."""
    name, _, given = node.partition("[")
    function = _function(ast.parse(text), name.split("::"))
    if function is None:
        return None
    filled = _Filler(_row(function, given.removesuffix("]")))
    for statement in ast.walk(function):
        if isinstance(statement, ast.With) and _raised(statement):
            body = ast.Module([filled.visit(part) for part in statement.body], [])
            return Expected(ast.unparse(body), f"raises {_raised(statement)}")
        if isinstance(statement, ast.Assert) and _compares(test := _spelled_out(statement.test)):
            left, right = test.left, test.comparators[0]
            return Expected(ast.unparse(filled.visit(left)), ast.unparse(filled.visit(right)))
    return None


def seen(reason: str, was: str) -> tuple[str, str]:
    """(was, is), from why the telling copy failed."""
    said = _SAID.match(reason)
    if said:
        return said.group(2), said.group(1)
    return was, "raises nothing" if _SILENT.match(reason) else f"raises {reason}"


class _Teller(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        asserted = _spelled_out(node.test)
        if not _compares(asserted):
            return node
        now, was = ast.Name("_qtest_now", ast.Store()), ast.Name("_qtest_was", ast.Store())
        test = ast.Compare(
            ast.NamedExpr(now, asserted.left), asserted.ops, [ast.NamedExpr(was, asserted.comparators[0])]
        )
        says = "'QTest sees ' + repr(_qtest_now)[:120] + ' where it was ' + repr(_qtest_was)[:120]"
        return ast.Assert(test, ast.parse(says, mode="eval").body)


class _Filler(ast.NodeTransformer):
    def __init__(self, values: dict[str, ast.expr]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._values.get(node.id, node)


def _spelled_out(test: ast.expr) -> ast.expr:
    """`a not in b` as `(a in b) is False`."""
    match test:
        case ast.Compare(left, [ast.In() | ast.NotIn() as sign], [right]):
            truth = ast.Constant(isinstance(sign, ast.In))
            return ast.Compare(ast.Compare(left, [ast.In()], [right]), [ast.Is()], [truth])
    return test


def _compares(test: ast.expr) -> TypeGuard[ast.Compare]:
    return isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq | ast.Is)


def _raised(statement: ast.With) -> str:
    call = statement.items[0].context_expr
    if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.raises" and call.args:
        return ast.unparse(call.args[0])
    return ""


def _function(parent: ast.AST, names: list[str]) -> ast.FunctionDef | None:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == names[0]:
            if isinstance(node, ast.FunctionDef):
                return node
            return _function(node, names[1:]) if names[1:] else None
    return None


def _row(function: ast.FunctionDef, wanted: str) -> dict[str, ast.expr]:
    """The values of its parameters, in the row that has this id."""
    for decorator in function.decorator_list:
        if not isinstance(decorator, ast.Call) or len(decorator.args) < 2:
            continue
        names, rows = decorator.args[:2]
        columns = [
            str(item.value)
            for item in (names.elts if isinstance(names, ast.Tuple) else [names])
            if isinstance(item, ast.Constant)
        ]
        for row in rows.elts if isinstance(rows, ast.List) else ():
            if isinstance(row, ast.Call) and any(_is_id(keyword, wanted) for keyword in row.keywords):
                return dict(zip(columns, row.args, strict=False))
    return {}


def _is_id(keyword: ast.keyword, wanted: str) -> bool:
    return keyword.arg == "id" and isinstance(keyword.value, ast.Constant) and keyword.value.value == wanted

"""The mark: a statement of ours put before the mutated one, which tells that it is entered."""

import ast
import types

MARK = "\x00qtest: the mutated statement is entered"


def insert_mark(tree, line, column):
    """Put the mark before the innermost statement that begins at or holds the place; in a lambda's body, before that is evaluated."""
    block, index, child = _innermost_statement(tree, (line, column))
    call = ast.Call(ast.Constant(MARK), [], [])
    inner = innermost_lambda(child, (line, column))
    if inner is not None:
        inner.body = ast.Subscript(ast.Tuple([call, inner.body], ast.Load()), ast.Constant(1), ast.Load())
        _locate([inner.body, inner.body.value, inner.body.slice, call, call.func], child)
    else:
        mark = ast.Expr(call)
        _locate([mark, call, call.func], child)
        block.insert(index, mark)


def _innermost_statement(tree, place):
    """(the block it stands in, its index there, the statement)."""
    best = None
    todo = [tree]
    while todo:
        node = todo.pop()
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            block = getattr(node, name, None)
            if not isinstance(block, list):
                continue
            for index, child in enumerate(block):
                if isinstance(child, ast.stmt):
                    first = min(
                        [(child.lineno, child.col_offset)]
                        + [(d.lineno, 0) for d in getattr(child, "decorator_list", ())]
                    )
                    if first <= place <= (child.end_lineno, child.end_col_offset):
                        if best is None or first >= best[0]:
                            best = (first, block, index, child)
                        todo.append(child)
                else:
                    todo.append(child)
    if best is None:
        raise SyntaxError("no statement at the place of the edit")
    return best[1:]


def innermost_lambda(statement, place):
    """The lambda whose body holds the place."""
    found, todo = None, [statement]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Lambda):
            body = node.body
            if (body.lineno, body.col_offset) <= place < (body.end_lineno, body.end_col_offset):
                if found is None or (body.lineno, body.col_offset) >= (found.body.lineno, found.body.col_offset):
                    found = node
        todo.extend(
            child for child in ast.iter_child_nodes(node) if node is statement or not isinstance(child, ast.stmt)
        )
    return found


def _locate(parts, where):
    for part in parts:
        ast.copy_location(part, where)


def marked(code, hit):
    """The code with its mark, wherever it is nested, made a call of `hit`; of nothing when None."""
    call = hit if hit is not None else _nothing
    constants = tuple(
        call
        if isinstance(value, str) and value == MARK
        else marked(value, hit)
        if isinstance(value, types.CodeType)
        else value
        for value in code.co_consts
    )
    same = all(new is old for new, old in zip(constants, code.co_consts))
    return code if same else code.replace(co_consts=constants)


_nothing = {}.clear


def carries_mark(code):
    return any(
        (isinstance(value, str) and value == MARK) or (isinstance(value, types.CodeType) and carries_mark(value))
        for value in code.co_consts
    )

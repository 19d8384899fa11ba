"""What stands in a module beside its functions: the values that a function reads, as they are written."""

import ast
from collections.abc import Iterator, Set

from qtest.mutation.diff import split_lines

_LONGEST = 800  # characters of one: of a long table a model needs to know its kind


def assigned(source: str, names: Set[str]) -> Iterator[str]:
    """Assignments at the top of the text to one of those names, in order."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    lines, _ = split_lines(source)
    for node in tree.body:
        if names & _bound(node):
            text = "".join(lines[node.lineno - 1 : node.end_lineno]).rstrip()
            yield text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def _bound(node: ast.stmt) -> set[str]:
    match node:
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()

"""What functions and classes do, as digests that do not care for names, layout and comments."""

import ast
import copy
from collections.abc import Iterator

from qtest.languages.python.source import tree_of
from qtest.records.record import digest_of

DIGITS = 16
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def bodies(text: str, module: str) -> dict[str, str]:
    """By symbol, `module:qualname`; what stands in the module beside them is `module:`. A function that only got another name has the
    same digest. Of two definitions with one name the last counts. Raises SyntaxError."""
    tree = tree_of(text, module)
    rest = ast.Module([node for node in tree.body if not isinstance(node, _NAMED)], [])
    found = {f"{module}:": digest_of(ast.unparse(rest))[:DIGITS]}
    found.update((f"{module}:{name}", _digest(node)) for name, node in _named(tree, ""))
    return found


def _named(parent: ast.AST, above: str) -> Iterator[tuple[str, ast.AST]]:
    """Functions and classes, and what stands in those classes; a name under `if` or `try` is one of the block around it."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, _NAMED):
            name = f"{above}.{node.name}" if above else node.name
            yield name, node
            if isinstance(node, ast.ClassDef):
                yield from _named(node, name)
        elif isinstance(node, ast.stmt | ast.ExceptHandler):
            yield from _named(node, above)


def _digest(node: ast.AST) -> str:
    blank = copy.deepcopy(node)
    own = blank.name  # type: ignore[attr-defined]
    for part in ast.walk(blank):
        if isinstance(part, _NAMED) and part.name == own:
            part.name = "_"
        elif isinstance(part, ast.Name) and part.id == own:
            part.id = "_"
    return digest_of(ast.unparse(blank))[:DIGITS]

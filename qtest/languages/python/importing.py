"""What a file is called as a module, and what its imports mean."""

import ast
from collections.abc import Iterable, Iterator

from qtest.records.source import Project
from qtest.records.system import Import


def module_name(path: str, project: Project) -> str:
    """The dotted name under the deepest import root that holds the file; `pkg/__init__.py` is `pkg`."""
    stem = path.removesuffix(".pyi").removesuffix(".py")
    roots = sorted((root.strip("/") for root in (*project.import_roots, project.root)), key=len, reverse=True)
    inside = next((stem[len(root) :].lstrip("/") for root in roots if not root or stem.startswith(root + "/")), stem)
    parts = inside.split("/")
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(parts)


def imports_of(nodes: Iterable[ast.AST], module: str, *, package: bool) -> tuple[Import, ...]:
    """In order of line; `package` when the file is an `__init__.py`, which relative imports count from."""
    found = {
        (item.line, item.name, item.source): item for node in nodes for item in imported(node, module, package=package)
    }
    return tuple(found[key] for key in sorted(found))


def imported(node: ast.AST, module: str, *, package: bool) -> Iterator[Import]:
    """`import a.b` binds `a`; a star import is the name `*`."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            whole = alias.name if alias.asname else alias.name.partition(".")[0]
            yield Import(name=alias.asname or whole, source=whole, line=node.lineno)
            if not alias.asname and "." in alias.name:
                yield Import(name=alias.name, source=alias.name, line=node.lineno)
    elif isinstance(node, ast.ImportFrom):
        base = absolute(node.module or "", node.level, module, package=package)
        for alias in node.names:
            source = base if alias.name == "*" else f"{base}:{alias.name}"
            yield Import(name=alias.asname or alias.name, source=source, line=node.lineno)


def absolute(written: str, level: int, module: str, *, package: bool) -> str:
    """A relative module name as seen from that module."""
    if not level:
        return written
    parts = module.split(".")
    kept = parts[: len(parts) - level + (1 if package else 0)]
    return ".".join([*kept, *([written] if written else [])])


def aliases_of(imports: Iterable[Import]) -> dict[str, str]:
    """Local name to dotted name: `from os import path as p` gives `p` → `os.path`."""
    return {item.name: item.source.replace(":", ".") for item in imports if item.name != "*"}


def dotted(node: ast.expr) -> str:
    """`a.b.c` as written; empty for anything that is not names and dots."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])

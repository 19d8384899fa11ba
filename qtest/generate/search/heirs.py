"""Which classes a method is worth trying on: its own, and those heirs that change what its body leads to."""

import ast
from collections.abc import Iterator

from qtest.generate.search.code import Code, owner_of
from qtest.records.system import Symbol

_LOOKED_UP = ("__getitem__", "__missing__")


def receivers(symbol: Symbol, code: Code) -> tuple[str, ...]:
    """The owner first. An heir with a method of the same name does not run this one."""
    owner, name = owner_of(symbol.id), symbol.id.rpartition(".")[2]
    node = code.functions.get(symbol.id)
    used = set(_used(node)) if node is not None else set()
    heirs = (heir for heir in code.heirs(owner) if f"{heir}.{name}" not in code.symbols)
    return (owner, *(heir for heir in heirs if any(f"{heir}.{one}" in code.symbols for one in used)))


def _used(node: ast.AST) -> Iterator[str]:
    """Names of methods that the body may reach by its receiver, the special ones behind `[]` and attributes too."""
    for part in ast.walk(node):
        match part:
            case ast.Attribute(attr=name):
                yield name
                yield "__getattr__"
            case ast.Call(func=ast.Name(id="getattr")):
                yield "__getattr__"
            case ast.Subscript():
                yield from _LOOKED_UP
            case ast.Compare(ops=[ast.In() | ast.NotIn()]):
                yield "__contains__"
            case ast.For() | ast.comprehension():
                yield "__iter__"

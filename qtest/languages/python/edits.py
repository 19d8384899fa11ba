"""Edits of a file of tests that leave every other byte as it is: functions taken out, imports sent to where their names live now."""

import ast
from collections.abc import Collection, Mapping, Sequence

import libcst as cst

from qtest.languages.python.render import HEADER
from qtest.languages.python.testfile import written_tests

Home = tuple[str, str]  # a module and a name in it
_HEADS = tuple(line.partition("{")[0] for line in HEADER)


def without_tests(text: str, names: Collection[str]) -> str:
    """Without these functions, classes that are empty then, and imports that only they used. Empty when no test is left."""
    before = cst.parse_module(text)
    after = before.visit(_Taker(names))
    if not _Finder.finds_test(after):
        return ""
    idle = _used(text) - _used(after.code)
    left = after.visit(_Unimporter(idle)) if idle else after
    return left.code.lstrip("\n")


def taken_out(text: str, names: Collection[str], imported: Collection[str], *, last: bool) -> str:
    """Without these functions, in a file that people wrote, and of the `imported` names without those that only they used; with the
    `last` of ours goes what is said above them. All else stands as it stood."""
    rows = text.split("\n")
    tests = [test for test in written_tests(text).values() if test.name in names]
    gone = {number for test in tests for number in range(test.line, test.end_line + 1)}
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and all((inner.end_lineno or 0) in gone for inner in node.body):
            gone |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    if last:
        gone |= {number for number, row in enumerate(rows, 1) if row.startswith(_HEADS)}
    for number in range(len(rows), 1, -1):  # and the empty lines above
        if number in gone and not rows[number - 2].strip():
            gone.add(number - 1)
    left = "\n".join(row for number, row in enumerate(rows, 1) if number not in gone)
    idle = (_used(text) - _used(left)) & set(imported)
    return cst.parse_module(left).visit(_Unimporter(idle)).code if idle else left


def with_homes(text: str, homes: Mapping[Home, Home]) -> str:
    """Each import of the first from the second instead, under the name that the tests know it by; nothing but imports changes."""
    return cst.parse_module(text).visit(_Mover(homes)).code


def _used(text: str) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))


class _Taker(cst.CSTTransformer):
    def __init__(self, names: Collection[str]) -> None:
        self._names, self._within = frozenset(names), list[str]()

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._within.append(node.name.value)

    def leave_ClassDef(
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef | cst.RemovalSentinel:
        self._within.pop()
        emptied = original_node.body.body and not updated_node.body.body
        return cst.RemoveFromParent() if emptied else updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return False

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.RemovalSentinel:
        name = "::".join((*self._within, original_node.name.value))
        return cst.RemoveFromParent() if name in self._names else updated_node


class _Finder(cst.CSTVisitor):
    def __init__(self) -> None:
        self.found = False

    @staticmethod
    def finds_test(module: cst.Module) -> bool:
        finder = _Finder()
        module.visit(finder)
        return finder.found

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        self.found = self.found or node.name.value.startswith("test")
        return False


class _Unimporter(cst.CSTTransformer):
    """At the top of the file only, where `names` are bound."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return False

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.RemovalSentinel:
        if isinstance(updated_node.names, cst.ImportStar):
            return updated_node
        kept = [alias for alias in updated_node.names if _bound(alias) not in self._names]
        return _with_names(updated_node, kept) if kept else cst.RemoveFromParent()

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> cst.Import | cst.RemovalSentinel:
        kept = [alias for alias in updated_node.names if _bound(alias).partition(".")[0] not in self._names]
        if len(kept) == len(updated_node.names):
            return updated_node
        return updated_node.with_changes(names=_last_bare(kept)) if kept else cst.RemoveFromParent()


class _Mover(cst.CSTTransformer):
    def __init__(self, homes: Mapping[Home, Home]) -> None:
        self._homes = homes

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.SimpleStatementLine]:
        (first, *rest) = updated_node.body
        if rest or not isinstance(first, cst.ImportFrom) or first.relative or isinstance(first.names, cst.ImportStar):
            return updated_node
        module = _dotted(first.module)
        groups: dict[str, list[cst.ImportAlias]] = {}
        for alias in first.names:
            home, name = self._homes.get((module, _dotted(alias.name)), (module, _dotted(alias.name)))
            groups.setdefault(home, []).append(_renamed(alias, name))
        if list(groups) == [module] and not any(key[0] == module for key in self._homes):
            return updated_node
        lines = [
            updated_node.with_changes(body=[_with_names(first.with_changes(module=_name(home)), aliases)])
            for home, aliases in groups.items()
        ]
        return cst.FlattenSentinel([lines[0], *(line.with_changes(leading_lines=()) for line in lines[1:])])


def _renamed(alias: cst.ImportAlias, name: str) -> cst.ImportAlias:
    """Under the name it had, so that no use of it changes."""
    if name == _dotted(alias.name):
        return alias
    known = alias.asname or cst.AsName(name=cst.Name(_dotted(alias.name)))
    return alias.with_changes(
        name=cst.Name(name), asname=None if isinstance(known.name, cst.Name) and known.name.value == name else known
    )


def _with_names(node: cst.ImportFrom, aliases: Sequence[cst.ImportAlias]) -> cst.ImportFrom:
    if isinstance(node.names, cst.ImportStar) or len(aliases) == len(node.names):
        return node.with_changes(names=aliases)
    return node.with_changes(names=aliases if node.rpar else _last_bare(aliases))


def _last_bare(aliases: Sequence[cst.ImportAlias]) -> list[cst.ImportAlias]:
    return [*aliases[:-1], aliases[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]


def _bound(alias: cst.ImportAlias) -> str:
    return alias.asname.name.value if alias.asname and isinstance(alias.asname.name, cst.Name) else _dotted(alias.name)


def _dotted(node: cst.BaseExpression | None) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def _name(dotted: str) -> cst.Attribute | cst.Name:
    first, *rest = dotted.split(".")
    found: cst.Attribute | cst.Name = cst.Name(first)
    for part in rest:
        found = cst.Attribute(value=found, attr=cst.Name(part))
    return found

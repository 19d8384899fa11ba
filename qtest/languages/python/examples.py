"""Calls of the repository's own symbols as somebody wrote them: in code, in tests, in documentation."""

import ast
import doctest
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass

from qtest.languages.python.importing import dotted, imported
from qtest.languages.python.meaning import Inline, Known, Local, Meaning, type_of
from qtest.languages.python.pages import python_blocks
from qtest.languages.python.read import read
from qtest.languages.python.signature import FunctionNode
from qtest.languages.python.source import tree_of
from qtest.languages.python.walk import walk
from qtest.records.case import Call, Construct, EnvValue, Expression, Get, Ref, Step
from qtest.records.system import Origin, Symbol, Usage

_ROWS = 16
_STEPS = 8
_MEMORY = 100  # steps kept at hand; an example reaches back a little, not over a whole file
_TEXT = 300
_MADE_UP = frozenset(("assertEqual", "assertEquals", "assert_equal", "assertAlmostEqual"))


@dataclass(frozen=True)
class Reader:
    """`ours` holds the symbols worth noting; `homes` the top-level names that what is said may come from."""

    path: str
    module: str
    package: bool
    known: Known
    ours: Mapping[str, Symbol]
    homes: Collection[str]
    origin: Origin

    def in_file(self, tree: ast.Module, scope: Mapping[str, Meaning]) -> Iterator[Usage]:
        """Calls in every statement, functions and methods included; tables of examples are spread over their test."""
        block = _Block(self, dict(scope), [], _tables(tree.body))
        block.fixed = frozenset(scope)
        yield from block.run(tree.body)

    def in_prose(self, text: str, scope: Mapping[str, Meaning], line: int = 1) -> Iterator[Usage]:
        """Calls in the interactive examples of a docstring or a page; they share one scope from top to bottom."""
        try:
            examples = doctest.DocTestParser().get_examples(text)
        except ValueError:
            return
        block = _Block(self, dict(scope), [], {})
        for example in examples:
            try:
                statements = tree_of(example.source, self.path).body
            except SyntaxError:
                continue
            want = example.want.split("```")[0].strip("\n")
            yield from block.example(statements, want, line + example.lineno)

    def in_page(self, text: str) -> Iterator[Usage]:
        """Calls in the blocks of Python on a page, which share one scope from top to bottom. What a comment says comes out is not taken
        for an expectation: nobody has run it."""
        block = _Block(self, {}, [], {})
        for line, code in python_blocks(text):
            try:
                statements = tree_of(code, self.path).body
            except SyntaxError:
                continue
            yield from block.example(statements, "", line)


class _Block:
    """Straight-line code: what is bound so far, and the steps that bound it."""

    def __init__(
        self,
        reader: Reader,
        scope: dict[str, Meaning],
        steps: list[Step],
        tables: Mapping[str, ast.expr],
        shift: int = 0,
    ) -> None:
        self._reader, self._scope, self._steps, self._tables, self._shift = reader, scope, steps, tables, shift
        self.fixed: frozenset[str] = frozenset()  # a module's own names, which mean the module's symbols

    def example(self, statements: Sequence[ast.stmt], want: str, line: int) -> Iterator[Usage]:
        self._shift = line - 1
        last = statements[-1] if statements else None
        if isinstance(last, ast.Expr) and want:
            yield from self.run(statements[:-1])
            yield from self._calls(last.value, want)
            self._effect(last.value)
        else:
            yield from self.run(statements)

    def run(self, body: Iterable[ast.stmt]) -> Iterator[Usage]:
        for node in body:
            yield from self._statement(node)

    def _statement(self, node: ast.stmt) -> Iterator[Usage]:
        match node:
            case ast.Import() | ast.ImportFrom():
                for item in imported(node, self._reader.module, package=self._reader.package):
                    self._scope[item.name] = item.source
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield from self._calls(value)
                self._bind(name, value)
            case ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right])):
                yield from self._calls(left, self._said(right))
                yield from self._calls(right)
            case ast.Assert(test=test):
                yield from self._calls(test)
            case ast.Expr(value=ast.Call(func=func, args=[left, right, *_])) if (
                dotted(func).rpartition(".")[2] in _MADE_UP
            ):
                yield from self._calls(left, self._said(right))
                yield from self._calls(right, self._said(left))
            case ast.Expr(value=value):
                yield from self._calls(value)
                self._effect(value)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from self._function(node)
                self._forget([node.name])
            case ast.ClassDef(name=name, body=body):
                self._forget([name])
                yield from _Block(self._reader, dict(self._scope), [], self._tables, self._shift).run(body)
            case ast.For(target=target, iter=table, body=body):
                yield from self._calls(table)
                yield from self._loop(target, table, body)
            case _:
                yield from self._other(node)

    def _other(self, node: ast.stmt) -> Iterator[Usage]:
        """Blocks are walked in order; what they bind is not known to have happened afterwards."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from self._calls(child)
            elif isinstance(child, ast.withitem):
                yield from self._calls(child.context_expr)
        self._forget(_bound(node))
        blocks = [getattr(node, part, []) for part in ("body", "orelse", "finalbody")]
        blocks += [handler.body for handler in getattr(node, "handlers", [])]
        blocks += [case.body for case in getattr(node, "cases", [])]
        for body in blocks:
            yield from _Block(self._reader, dict(self._scope), list(self._steps), self._tables, self._shift).run(body)

    def _function(self, node: FunctionNode) -> Iterator[Usage]:
        given = (arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg))
        unknown: dict[str, Meaning] = {name: _FIXTURES.get(name) for name in given}
        tables = (self._table(item) for item in node.decorator_list)
        for row in next((rows for rows in tables if rows), [{}]):
            scope = {**self._scope, **unknown, **row}
            yield from _Block(self._reader, scope, list(self._steps), self._tables, self._shift).run(node.body)

    def _table(self, decorator: ast.expr) -> list[dict[str, Inline]]:
        """The rows of `pytest.mark.parametrize(names, rows)`."""
        match decorator:
            case ast.Call(func=func, args=[names, table, *_]) if dotted(func).endswith("parametrize"):
                return self._rows(_names(names), table)
        return []

    def _rows(self, names: Sequence[str], table: ast.expr) -> list[dict[str, Inline]]:
        if isinstance(table, ast.Name):
            table = self._tables.get(table.id, table)
        items = table.elts if isinstance(table, ast.List | ast.Tuple) else []
        if isinstance(table, ast.Call) and isinstance(table.func, ast.Attribute) and table.func.attr == "items":
            inner = self._tables.get(dotted(table.func.value), table.func.value)
            if isinstance(inner, ast.Dict):
                pairs = zip(inner.keys, inner.values, strict=True)
                items = [ast.Tuple(elts=[key, value], ctx=ast.Load()) for key, value in pairs if key]
        found = [self._row(names, item) for item in items[: _ROWS * 4]]
        return [row for row in found if row][:_ROWS]

    def _row(self, names: Sequence[str], item: ast.expr) -> dict[str, Inline]:
        if isinstance(item, ast.Call) and dotted(item.func).endswith("param"):
            item = item.args[0] if len(names) == 1 and item.args else ast.Tuple(elts=item.args, ctx=ast.Load())
        cells = [item] if len(names) == 1 else list(getattr(item, "elts", []))
        if not names or len(cells) != len(names):
            return {}
        read_cells = [
            (name, cell, read(cell, self._scope, self._reader.known)) for name, cell in zip(names, cells, strict=True)
        ]
        return {name: Inline(seen, ast.unparse(cell)) for name, cell, seen in read_cells if seen is not None}

    def _loop(self, target: ast.expr, table: ast.expr, body: Sequence[ast.stmt]) -> Iterator[Usage]:
        names = _names(target)
        unknown: dict[str, Meaning] = dict.fromkeys(_bound(target))
        for row in (self._rows(names, table) if names else []) or [{}]:
            scope = {**self._scope, **unknown, **row}
            yield from _Block(self._reader, scope, list(self._steps), self._tables, self._shift).run(body)
        self._scope.update(unknown)

    # --- what is bound -----------------------------------------------------------------------------------------------

    def _forget(self, names: Iterable[str]) -> None:
        self._scope.update((name, None) for name in names if name not in self.fixed)

    def _bind(self, name: str, value: ast.expr) -> None:
        if name in self.fixed:
            return
        seen = read(value, self._scope, self._reader.known)
        if seen is None:
            self._scope[name] = None
            return
        self._steps.append(Step(seen, name))
        del self._steps[:-_MEMORY]
        self._scope[name] = Local(name, type_of(seen))

    def _effect(self, value: ast.expr) -> None:
        """A method called on something bound may have changed it: later uses need it too."""
        seen = read(value, self._scope, self._reader.known)
        if isinstance(seen, Call) and isinstance(seen.receiver, Ref | EnvValue):
            self._steps.append(Step(seen))
        elif seen is None and isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            for name in _loaded(value.func.value):
                if isinstance(self._scope.get(name), Local):
                    self._scope[name] = None

    def _needed(self, expression: Expression) -> tuple[Step, ...] | None:
        """The steps behind an expression, in order; None when there are too many to be an example."""
        wanted = set(_refs(expression))
        found: list[Step] = []
        for step in reversed(self._steps):
            refs = set(_refs(step.does))
            if step.name in wanted:
                wanted.discard(step.name)
            elif step.name or not (
                _receiver(step.does) & wanted or (_fills(step.does) and _in_scratch(expression, found))
            ):
                continue
            wanted |= refs
            found.append(step)
        return None if wanted or len(found) > _STEPS else tuple(reversed(found))

    # --- what is called ----------------------------------------------------------------------------------------------

    def _calls(self, value: ast.expr, expected: str = "") -> Iterator[Usage]:
        """Every call of ours in an expression; what is expected belongs to the outermost."""
        for node in _eager(value):
            seen = read(node, self._scope, self._reader.known)
            if seen is None:
                continue
            symbol = seen.symbol if isinstance(seen, Call | Construct | Get) else ""
            if symbol not in self._reader.ours:
                continue
            if isinstance(seen, Get) and self._reader.ours[symbol].kind != "property":
                continue
            usage = self._usage(symbol, seen, node, expected if node is value else "")
            if usage:
                yield usage

    def _usage(self, symbol: str, seen: Expression, node: ast.expr, expected: str) -> Usage | None:
        setup = self._needed(seen)
        if setup is None or not all(self._at_hand(home) for home in _homes((setup, seen))):
            return None
        return Usage(
            symbol=symbol,
            origin=self._reader.origin,
            place=f"{self._reader.path}:{node.lineno + self._shift}",
            text=ast.unparse(node)[:_TEXT],
            setup=setup,
            call=seen,
            arguments=seen.arguments if isinstance(seen, Call | Construct) else (),
            expected=expected[: _TEXT * 4],
        )

    def _at_hand(self, home: str) -> bool:
        return home.partition(".")[0] in self._reader.homes

    def _said(self, node: ast.expr) -> str:
        """The text of an expected value; one that leans on names of the test says nothing elsewhere."""
        meaning = self._scope.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(meaning, Inline):
            return meaning.text
        plain = not any(isinstance(part, ast.Name | ast.Call | ast.Attribute) for part in ast.walk(node))
        return ast.unparse(node) if plain else ""


_FIXTURES: Mapping[str, Meaning] = {"tmp_path": Inline(EnvValue("scratch folder"), "tmp_path")}


def _fills(expression: Expression) -> bool:
    return isinstance(expression, Call) and isinstance(expression.receiver, EnvValue)


def _in_scratch(expression: Expression, steps: Iterable[Step]) -> bool:
    return any(isinstance(part, EnvValue) for part in walk((expression, *steps)))


def _tables(body: Iterable[ast.stmt]) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.List() | ast.Tuple() | ast.Dict() as value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.List() | ast.Tuple() | ast.Dict() as value):
                found[name] = value
    return found


def _names(node: ast.expr) -> list[str]:
    """Parameter names from `"a, b"`, `("a", "b")` or the target of a loop."""
    match node:
        case ast.Constant(value=str() as text):
            return [name.strip() for name in text.split(",") if name.strip()]
        case ast.Name(id=name):
            return [name]
        case ast.List(elts=items) | ast.Tuple(elts=items):
            names = [name for item in items if not isinstance(item, ast.List | ast.Tuple) for name in _names(item)]
            return names if len(names) == len(items) else []
    return []


def _bound(node: ast.AST) -> list[str]:
    return [
        part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store | ast.Del)
    ]


def _loaded(node: ast.AST) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def _eager(value: ast.expr) -> Iterator[ast.expr]:
    """Calls and attribute reads that certainly happen, outermost first."""
    waiting: list[ast.AST] = [value]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        if isinstance(node, ast.Call | ast.Attribute | ast.Await):
            yield node
        if isinstance(node, ast.Await):
            node = node.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            waiting.append(node.func.value)
            waiting.extend([*node.args, *node.keywords])
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _refs(node: object, hidden: frozenset[str] = frozenset()) -> Iterator[str]:
    if isinstance(node, Ref):
        if node.name not in hidden:
            yield node.name
        return
    if isinstance(node, tuple):
        for item in node:
            yield from _refs(item, hidden)
    elif is_dataclass(node):
        names = frozenset(getattr(node, "parameters", ()))
        for field in fields(node):
            yield from _refs(getattr(node, field.name), hidden | names)


def _homes(node: object) -> Iterator[str]:
    """Modules that must be imported to say it."""
    if isinstance(node, tuple):
        for item in node:
            yield from _homes(item)
    elif is_dataclass(node):
        symbol = getattr(node, "symbol", "")
        if symbol and not (isinstance(node, Get) or (isinstance(node, Call) and node.receiver is not None)):
            yield symbol.partition(":")[0]
        for field in fields(node):
            yield from _homes(getattr(node, field.name))


def _receiver(expression: Expression) -> set[str]:
    return (
        set(_refs(expression.receiver)) if isinstance(expression, Call) and expression.receiver is not None else set()
    )

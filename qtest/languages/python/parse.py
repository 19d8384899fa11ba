"""A Python file as a Module: every function, method and class, with what it decides, raises, touches and calls."""

import ast
from collections.abc import Iterator, Sequence
from typing import TypedDict, TypeGuard

from qtest.languages.python.complexity import branches_of, complexity_of, raises_of
from qtest.languages.python.effects import Surroundings, calls_of, effects_of, locals_of, reads_of
from qtest.languages.python.importing import aliases_of, imports_of, module_name
from qtest.languages.python.signature import FunctionNode, is_generator, kind_of, own, parameters_of
from qtest.languages.python.sites import sites_of
from qtest.languages.python.source import Lines, reason_of, tree_of
from qtest.records.record import digest_of
from qtest.records.source import Project
from qtest.records.system import Effect, EntityField, Module, Parameter, Symbol, SymbolKind

_LONGEST = 200  # characters of a default: longer ones are tables
__all__ = ["module_name", "parse"]


def parse(text: str, path: str, project: Project) -> Module:
    """Raises SyntaxError, with a line where the interpreter gives one."""
    tree = tree_of(text, path)
    try:
        return _Reader(tree, text, path, project).module()
    except RecursionError as error:
        raise SyntaxError(reason_of(error)) from error


class _Reader:
    def __init__(self, tree: ast.Module, text: str, path: str, project: Project) -> None:
        self._tree, self._text, self._path, self._project = tree, text, path, project
        self._lines = Lines(text)
        self._name = module_name(path, project)
        self._top = list(_executed(tree.body))
        package = path.endswith("__init__.py")
        self._imports = imports_of(ast.walk(tree), self._name, package=package)
        self._exports = _exports(self._top)
        self._constants = _constants(self._top)
        defined = {node.name for node in self._top if isinstance(node, FunctionNode | ast.ClassDef)}
        self._around = Surroundings(aliases_of(self._imports), defined | set(self._constants))

    def module(self) -> Module:
        plain = [node for node in self._tree.body if not _is_main_guard(node)]
        running = [inner for node in _executed(plain) for inner in _at_import(node)]
        return Module(
            name=self._name,
            path=self._path,
            project=self._project.root,
            sha256=digest_of(self._text),
            docstring=ast.get_docstring(self._tree) or "",
            imports=self._imports,
            exports=self._exports,
            symbols=self._symbols(),
            effects=tuple(effect for effect in effects_of(running, self._around) if not self._own_state(effect)),
            constants=self._constants,
            script=any(_is_main_guard(node) for node in self._top),
            calls=calls_of(running, ()),
            sites=sites_of(self._tree, self._name, self._around.aliases, self._project.packages),
        )

    def _own_state(self, effect: Effect) -> bool:
        return effect.kind == "global state" and effect.cause.partition(".")[0] in self._around.names

    def _symbols(self) -> tuple[Symbol, ...]:
        """One for each id: of several definitions the last stands, as it does when the module has been imported."""
        found: dict[str, Symbol] = {}
        for symbol in self._inside(self._tree.body, ""):
            found.pop(symbol.id, None)
            found[symbol.id] = symbol
        return tuple(sorted(found.values(), key=lambda symbol: (symbol.line, symbol.qualname)))

    def _inside(self, body: Sequence[ast.stmt], owner: str) -> Iterator[Symbol]:
        for node in _executed(body):
            if isinstance(node, FunctionNode):
                symbol = self._function(node, owner)
                if symbol:
                    yield symbol
            elif isinstance(node, ast.ClassDef):
                yield self._class(node, owner)
                yield from self._inside(node.body, _joined(owner, node.name))

    def _function(self, node: FunctionNode, owner: str) -> Symbol | None:
        decorators = tuple(self._lines.of(item) for item in node.decorator_list)
        if any(text.rpartition(".")[2] == "overload" for text in decorators):
            return None
        kind = kind_of(decorators, node.name, in_class=bool(owner))
        twin = next((text for text in decorators if text.endswith((".setter", ".deleter", ".getter"))), "")
        suffix = f".{twin.rpartition('.')[2]}" if twin and owner and not twin.endswith(".getter") else ""
        nodes = [inner for statement in node.body for inner in ast.walk(statement)]
        parameters = parameters_of(node, self._lines)
        names = {parameter.name for parameter in parameters}
        local = locals_of(nodes, names)
        return Symbol(
            **self._place(node, owner, node.name + suffix),
            kind=kind,
            parameters=parameters,
            returns=self._lines.of(node.returns),
            docstring=ast.get_docstring(node) or "",
            decorators=decorators,
            is_async=isinstance(node, ast.AsyncFunctionDef),
            is_generator=is_generator(node),
            public=self._public(owner, node.name),
            complexity=complexity_of(nodes),
            branches=branches_of(nodes, self._lines),
            raises=raises_of(nodes),
            effects=effects_of(nodes, self._around, _seen_outside(node, names, kind), local),
            reads=reads_of(nodes, self._around, local),
            writes=_global_writes(nodes),
            calls=calls_of(nodes, local),
        )

    def _class(self, node: ast.ClassDef, owner: str) -> Symbol:
        nodes = [inner for statement in node.body for inner in _at_import(statement)]
        return Symbol(
            **self._place(node, owner, node.name),
            kind="class",
            parameters=self._fields(node),
            docstring=ast.get_docstring(node) or "",
            decorators=tuple(self._lines.of(item) for item in node.decorator_list),
            bases=tuple(self._lines.of(item) for item in node.bases),
            attributes=tuple(self._attributes(node)),
            public=self._public(owner, node.name),
            effects=effects_of(nodes, self._around, (), locals_of(nodes, ())),
            calls=calls_of(nodes, ()),
        )

    def _fields(self, node: ast.ClassDef) -> tuple[Parameter, ...]:
        """What the class is called with: its own `__init__` or `__new__` without the first, else its annotated fields."""
        for inner in node.body:
            if isinstance(inner, FunctionNode) and inner.name in ("__init__", "__new__"):
                return parameters_of(inner, self._lines)[1:]
        return tuple(self._field(inner) for inner in node.body if _is_field(inner))

    def _attributes(self, node: ast.ClassDef) -> Iterator[EntityField]:
        for inner in node.body:
            match inner:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                    yield EntityField(
                        name=name, annotation=self._lines.of(annotation), default=self._lines.of(value)[:_LONGEST]
                    )
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    yield EntityField(name=name, default=self._lines.of(value)[:_LONGEST])

    def _field(self, node: ast.stmt) -> Parameter:
        assert isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        return Parameter(
            name=node.target.id,
            kind="positional or keyword",
            annotation=self._lines.of(node.annotation),
            default=self._lines.of(node.value),
        )

    def _place(self, node: FunctionNode | ast.ClassDef, owner: str, name: str) -> "_Place":
        qualname = _joined(owner, name)
        return {
            "id": f"{self._name}:{qualname}",
            "module": self._name,
            "qualname": qualname,
            "path": self._path,
            "line": min([node.lineno, *(item.lineno for item in node.decorator_list)]),
            "end_line": node.end_lineno or node.lineno,
        }

    def _public(self, owner: str, name: str) -> bool:
        if not owner and name in self._exports:
            return True
        return not any(_is_private(part) for part in (*owner.split("."), name))


class _Place(TypedDict):
    id: str
    module: str
    qualname: str
    path: str
    line: int
    end_line: int


def _joined(owner: str, name: str) -> str:
    return f"{owner}.{name}" if owner else name


def _is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def _executed(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of the blocks in it, such as `if` and `try`; not inside definitions."""
    for node in body:
        yield node
        if isinstance(node, FunctionNode | ast.ClassDef):
            continue
        if _is_type_checking(node):
            yield from _executed(node.orelse)
            continue
        for block in ("body", "orelse", "finalbody"):
            yield from _executed(getattr(node, block, []))
        for handler in getattr(node, "handlers", []):
            yield from _executed(handler.body)


def _is_type_checking(node: ast.stmt) -> TypeGuard[ast.If]:
    return isinstance(node, ast.If) and ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING"


def _is_main_guard(node: ast.AST) -> bool:
    if not isinstance(node, ast.If):
        return False
    test = node.test
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _at_import(node: ast.stmt) -> Iterator[ast.AST]:
    """What one statement evaluates by itself while it is imported; blocks in it are statements of their own."""
    if isinstance(node, FunctionNode):
        for part in (*node.decorator_list, *node.args.defaults, *(item for item in node.args.kw_defaults if item)):
            yield from own([part])
        return
    if isinstance(node, ast.ClassDef):
        for statement in node.body:
            yield from _at_import(statement)
        return
    inner = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt | ast.ExceptHandler)]
    yield node
    yield from own(inner)


def _exports(top: Sequence[ast.stmt]) -> tuple[str, ...]:
    found: list[str] = []
    for node in top:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                found = [*_texts(value)]
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value):
                found = [*_texts(value)]
            case ast.AugAssign(target=ast.Name(id="__all__"), value=value):
                found += _texts(value)
    return tuple(dict.fromkeys(found))


def _texts(value: ast.expr) -> list[str]:
    items = value.elts if isinstance(value, ast.List | ast.Tuple) else []
    return [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]


def _constants(top: Sequence[ast.stmt]) -> tuple[str, ...]:
    found = {}
    for node in top:
        targets: Sequence[ast.expr] = ()
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            targets = [node.target]
        for target in targets:
            for name in ast.walk(target):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store) and name.id != "__all__":
                    found[name.id] = True
    return tuple(found)


def _seen_outside(node: FunctionNode, names: set[str], kind: SymbolKind) -> set[str]:
    """Parameters whose change a caller can see. A new object's own set-up is not one, nor are the collected extras."""
    fresh = {arg.arg for arg in (node.args.vararg, node.args.kwarg) if arg}
    positional = [*node.args.posonlyargs, *node.args.args]
    building = kind == "method" and node.name in ("__init__", "__post_init__", "__new__", "__set_name__")
    if building and positional:
        fresh.add(positional[0].arg)
    rebound = {
        target.id
        for statement in own(node.body)
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return names - fresh - rebound


def _global_writes(nodes: Sequence[ast.AST]) -> tuple[str, ...]:
    declared = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del)}
    return tuple(sorted(declared & stored))


def _is_field(node: ast.stmt) -> bool:
    if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
        return False
    return "ClassVar" not in ast.unparse(node.annotation)

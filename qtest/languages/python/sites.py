"""Where a file makes, holds, registers and calls what libraries give it, with every name followed as far as this file tells."""

import ast
import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from qtest.languages.python.importing import dotted
from qtest.languages.python.libraries import LIBRARIES, REGISTERING, SPEAKING
from qtest.languages.python.signature import FunctionNode, own
from qtest.records.system import Given, Site

_LONGEST = 300  # characters of a path; chains beyond that are builders of something else
_DEEPEST = 60  # calls in one chain
_FEW = 12  # arguments
_BUILTINS = frozenset(dir(builtins))


def sites_of(tree: ast.Module, module: str, aliases: Mapping[str, str], packages: Sequence[str]) -> tuple[Site, ...]:
    """In order of position within a scope, outer scopes first. Only what a known library, or code of the repository that may
    hold one, stands behind."""
    ours = frozenset((module.partition(".")[0], *packages))
    if (
        not ours.intersection(top := {meaning.partition(".")[0] for meaning in aliases.values()})
        and not top & LIBRARIES
    ):
        return tuple(_scripts(tree, module, aliases))
    outer = _Scope(path=module, qualname="", names=dict(aliases), ours=ours)
    nodes = tuple(own(tree.body))
    outer.names |= {name: f"{module}.{name}" for name in _bound(nodes)}
    return (*outer.sites(nodes), *_scripts(tree, module, aliases))


def _scripts(tree: ast.Module, module: str, aliases: Mapping[str, str]) -> Iterator[Site]:
    """What the `__main__` guard calls."""
    for node in tree.body:
        if isinstance(node, ast.If) and any(
            isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test)
        ):
            for inner in own(node.body):
                if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id not in _BUILTINS:
                    callee = aliases.get(inner.func.id, f"{module}.{inner.func.id}")
                    yield Site(how="script", scope="", line=inner.lineno, callee=callee)


@dataclass
class _Scope:
    """One body of code. `names` are what its names mean, `owner` the path of the class whose `self` is at hand, `held` the paths
    that a library's object was seen to be bound to."""

    path: str
    qualname: str
    names: dict[str, str]
    ours: frozenset[str]
    owner: str = ""
    selves: frozenset[str] = frozenset()
    outer: "_Scope | None" = None
    in_class: bool = False
    held: set[str] = field(default_factory=set)

    def sites(self, nodes: Sequence[ast.AST]) -> Iterator[Site]:
        held: set[int] = set()
        inner: list[FunctionNode | ast.ClassDef] = []
        for node in nodes:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    inner.append(node)
                    for decorator in node.decorator_list:
                        yield from self._site("decorator", decorator, f"{self.path}.{node.name}")
                case ast.Assign(targets=[target], value=value):
                    yield from self._hold(target, value, held)
                case ast.AnnAssign(target=target, annotation=annotation, value=value):
                    bound = self.meaning(target)
                    yield from self._annotated(annotation, bound)
                    if value is not None:
                        yield from self._hold(target, value, held)
                case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                    yield from self._hold(target, value, held)
                case ast.Return(value=ast.expr() as value) if self.qualname and not self.in_class:
                    yield from self._value(value, f"{self.path}()", held)
                case ast.Call() if id(node) not in held:
                    yield from self._site("call", node, "")
        for node in inner:
            yield from self._inside(node)

    def _inside(self, node: FunctionNode | ast.ClassDef) -> Iterator[Site]:
        path, qualname = f"{self.path}.{node.name}", f"{self.qualname}.{node.name}".lstrip(".")
        nodes = tuple(own(node.body))
        if isinstance(node, ast.ClassDef):
            names = {name: f"{path}.{name}" for name in _bound(nodes)}
            scope = _Scope(path, qualname, names, self.ours, owner=path, outer=self, in_class=True, held=self.held)
            yield from scope.sites(nodes)
            return
        plain = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        method = (
            self.in_class and bool(plain) and not any(dotted(item) == "staticmethod" for item in node.decorator_list)
        )
        names = {name: f"{path}.{name}" for name in (*(arg.arg for arg in plain), *_bound(nodes))}
        for name in _declared(nodes):
            names.pop(name, None)
        selves = frozenset((plain[0].arg,)) if method else self.selves
        scope = _Scope(path, qualname, names, self.ours, self.owner, selves, self, held=self.held)
        for arg in plain:
            if arg.annotation is not None:
                yield from scope._annotated(arg.annotation, f"{path}.{arg.arg}")
        if node.returns is not None:
            yield from scope._annotated(node.returns, f"{path}()")
        yield from scope.sites(nodes)

    # --- what a name means -------------------------------------------------------------------------------------------

    def meaning(self, node: ast.expr, depth: int = 0) -> str:
        """The dotted path of an expression; empty when it is not names, dots and calls."""
        if depth > _DEEPEST:
            return ""
        match node:
            case ast.Name(id=name):
                return self.owner if name in self.selves else self._name(name)
            case ast.Attribute(value=value, attr=attr):
                head = self.meaning(value, depth + 1)
                return f"{head}.{attr}" if head and len(head) < _LONGEST else ""
            case ast.Call(func=func):
                head = self.meaning(func, depth + 1)
                return f"{head}()" if head else ""
            case ast.Await(value=value):
                return self.meaning(value, depth + 1)
            case ast.BoolOp(values=[*values]):
                return next((found for value in values if (found := self.meaning(value, depth + 1))), "")
            case ast.Constant(value=str() as text) if depth == 0 and text.replace(".", "").isidentifier():
                first, dot, rest = text.partition(".")
                return f"{self._name(first)}{dot}{rest}" if self._name(first) else ""
        return ""

    def _name(self, name: str) -> str:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.names and (scope is self or not scope.in_class):
                return scope.names[name]
            scope = scope.outer
        return ""

    # --- what is noted -----------------------------------------------------------------------------------------------

    def _hold(self, target: ast.expr, value: ast.expr, held: set[int]) -> Iterator[Site]:
        if isinstance(target, ast.Name | ast.Attribute):
            yield from self._value(value, self.meaning(target), held)

    def _value(self, value: ast.expr, bound: str, held: set[int]) -> Iterator[Site]:
        if isinstance(value, ast.Await):
            value = value.value
        if isinstance(value, ast.BoolOp):
            value = value.values[-1]
        if isinstance(value, ast.Call):
            held.add(id(value))
            yield from self._site("call", value, bound)
        elif isinstance(value, ast.Name | ast.Attribute):
            callee = self.meaning(value)
            if bound and callee and callee != bound and self._is_known(callee):
                yield Site(how="alias", scope=self.qualname, line=value.lineno, callee=callee, bound=bound)

    def _annotated(self, annotation: ast.expr, bound: str) -> Iterator[Site]:
        if isinstance(annotation, ast.BinOp):
            annotation = annotation.left
        if isinstance(annotation, ast.Subscript) and dotted(annotation.value).endswith(("Optional", "Annotated")):
            inner = annotation.slice
            annotation = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
        callee = self.meaning(annotation)
        if bound and callee and self._is_known(callee):
            yield Site(how="annotation", scope=self.qualname, line=annotation.lineno, callee=callee, bound=bound)

    def _site(self, how: str, node: ast.expr, bound: str) -> Iterator[Site]:
        called = node.func if isinstance(node, ast.Call) else node
        callee = self.meaning(called)
        last = callee.rpartition(".")[2]
        if not callee or not self._is_known(callee):
            return
        foreign = callee.partition(".")[0].removesuffix("()") in LIBRARIES
        if bound and foreign:
            self.held.add(bound)
        if not (bound or foreign or last in REGISTERING or callee.rpartition(".")[0] in self.held):
            return
        arguments = tuple(self._given(node)) if isinstance(node, ast.Call) and last in SPEAKING else ()
        written = dotted(called) or f"…{called.attr}" if isinstance(called, ast.Attribute) else dotted(called)
        yield Site(
            how="decorator" if how == "decorator" else "call",
            scope=self.qualname,
            line=node.lineno,
            callee=callee,
            written=written,
            bound=bound,
            arguments=arguments,
        )

    def _is_known(self, callee: str) -> bool:
        top = callee.partition(".")[0].removesuffix("()")
        return top in LIBRARIES or top in self.ours

    def _given(self, call: ast.Call) -> Iterator[Given]:
        for name, value in [
            *(("", arg) for arg in call.args),
            *((word.arg or "", word.value) for word in call.keywords),
        ][:_FEW]:
            items = value.elts if isinstance(value, ast.List | ast.Tuple | ast.Set) else [value]
            texts = tuple(
                item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)
            )
            path = "" if isinstance(value, ast.Constant) else self.meaning(value)
            yield Given(name=name, texts=tuple(text[:_LONGEST] for text in texts[:_FEW]), path=path)


def _bound(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Names that the body binds itself, imports aside."""
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, FunctionNode | ast.ClassDef):
            yield node.name


def _declared(nodes: Sequence[ast.AST]) -> set[str]:
    return {name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}

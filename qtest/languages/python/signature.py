"""Parameters, decorators and the kind of a function, as its definition says."""

import ast
from collections.abc import Iterator, Sequence

from qtest.languages.python.source import Lines
from qtest.records.system import Parameter, SymbolKind

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_PROPERTIES = frozenset(("property", "cached_property", "functools.cached_property", "abc.abstractproperty"))


def parameters_of(node: FunctionNode, lines: Lines) -> tuple[Parameter, ...]:
    return tuple(_parameters(node.args, lines))


def _parameters(args: ast.arguments, lines: Lines) -> Iterator[Parameter]:
    plain = [*args.posonlyargs, *args.args]
    defaults: Sequence[ast.expr | None] = [*[None] * (len(plain) - len(args.defaults)), *args.defaults]
    for index, (arg, default) in enumerate(zip(plain, defaults, strict=True)):
        first = index < len(args.posonlyargs)
        yield Parameter(
            name=arg.arg,
            kind="positional only" if first else "positional or keyword",
            annotation=lines.of(arg.annotation),
            default=lines.of(default),
        )
    if args.vararg:
        yield Parameter(name=args.vararg.arg, kind="variadic", annotation=lines.of(args.vararg.annotation))
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield Parameter(
            name=arg.arg, kind="keyword only", annotation=lines.of(arg.annotation), default=lines.of(default)
        )
    if args.kwarg:
        yield Parameter(name=args.kwarg.arg, kind="variadic keyword", annotation=lines.of(args.kwarg.annotation))


def kind_of(decorators: Sequence[str], name: str, *, in_class: bool) -> SymbolKind:
    heads = {text.partition("(")[0] for text in decorators}
    if not in_class:
        return "function"
    if "staticmethod" in heads:
        return "static method"
    if "classmethod" in heads or name in ("__init_subclass__", "__class_getitem__"):
        return "class method"
    return "property" if any(_is_property(head) for head in heads) else "method"


def _is_property(head: str) -> bool:
    return head in _PROPERTIES or head.endswith(("property", "Property", ".setter", ".deleter"))


def is_generator(node: FunctionNode) -> bool:
    """A `yield` of its own, not of a function inside it."""
    return any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in own(node.body))


def own(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Every node of the body, but for what stands inside functions, lambdas and classes in it."""
    waiting = list(reversed(body))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, FunctionNode | ast.Lambda | ast.ClassDef):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))

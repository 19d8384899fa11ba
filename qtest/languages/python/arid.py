"""Lines whose change no test should have to notice.

The word is of Petrović and Ivanković, "State of Mutation Testing at Google" (2018): mutants in arid code are true, and nobody wants to see them.
"""

import ast
import fnmatch
from collections.abc import Iterable, Sequence

from qtest.languages.python.operators.edit import last_name

_STUB_DECORATORS = {"overload", "abstractmethod", "abstractproperty"}
_LOGS = {"log", "logger", "logging"}
_LEVELS = {"debug", "info", "warning", "warn", "error", "critical", "fatal", "exception", "log", "trace", "success"}
_CALLS = ("*.sleep", "gc.*", "sys.setrecursionlimit", "traceback.print_*", "assert_never", "reveal_type")
_TYPE_MAKERS = {"TypeVar", "ParamSpec", "NewType", "TypeVarTuple", "TypeAliasType"}
_GENERICS = frozenset(
    (
        *("Union", "Optional", "Callable", "Dict", "List", "Tuple", "Set", "FrozenSet", "Type", "Literal", "Annotated"),
        *("Mapping", "Sequence", "Iterable", "Iterator"),
    )
)
_DECLARATIONS = (
    ast.Import,
    ast.ImportFrom,
    ast.Pass,
    ast.Global,
    ast.Nonlocal,
    *filter(None, [getattr(ast, "TypeAlias", None)]),
)


class Arid:
    """`calls` are dotted names or globs of functions whose calls are left alone, added to those known to everyone."""

    def __init__(self, calls: Iterable[str] = ()) -> None:
        self._calls = (*_CALLS, *calls)

    def covers(self, node: ast.stmt, *, running: bool) -> bool:
        """The statement and all that is in it."""
        if isinstance(node, _DECLARATIONS) or raises_not_implemented(node):
            return True
        if isinstance(node, ast.Expr):
            return isinstance(node.value, ast.Constant) or self._is_arid_call(node.value)
        if isinstance(node, ast.If):
            return _is_guard(node.test, running=running) or all(
                self.covers(one, running=running) for one in (*node.body, *node.orelse)
            )
        return isinstance(node, ast.Assign | ast.AnnAssign) and _is_metadata(node)

    def _is_arid_call(self, node: ast.expr) -> bool:
        node = node.value if isinstance(node, ast.Await) else node
        if not isinstance(node, ast.Call):
            return False
        function = node.func
        if isinstance(function, ast.Attribute) and last_name(function.value).lower().strip("_") in _LOGS:
            return function.attr in _LEVELS
        return self._is_named(dotted(function))

    def _is_named(self, name: str) -> bool:
        return bool(name) and any(fnmatch.fnmatchcase(name, pattern) for pattern in self._calls)


def is_text_only(node: ast.Call) -> bool:
    """Its texts are for people who look on."""
    return dotted(node.func) in ("warnings.warn", "warn")


def is_import_fallback(node: ast.Try | ast.TryStar) -> bool:
    """Its handlers are for machines where something cannot be imported."""
    return all(isinstance(one, ast.Import | ast.ImportFrom) for one in node.body)


def is_stub(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """It is declared here and defined elsewhere."""
    if {last_name(decorator) for decorator in node.decorator_list} & _STUB_DECORATORS:
        return True
    rest = node.body[1:] if is_docstring(node.body[0]) else node.body
    return all(isinstance(one, ast.Pass) or is_docstring(one) or raises_not_implemented(one) for one in rest)


def is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str | type(Ellipsis))
    )


def raises_not_implemented(node: ast.stmt) -> bool:
    return isinstance(node, ast.Raise) and node.exc is not None and last_name(node.exc) == "NotImplementedError"


def dotted(node: ast.expr) -> str:
    """`a.b.c`; empty when something else than names is in it."""
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return node.id if isinstance(node, ast.Name) else ""


def _is_guard(test: ast.expr, *, running: bool) -> bool:
    """Type checking, and what only scripts do."""
    if isinstance(test, ast.Constant):
        return False
    named = {part.id for part in ast.walk(test) if isinstance(part, ast.Name)}
    attributes = {part.attr for part in ast.walk(test) if isinstance(part, ast.Attribute)}
    return "TYPE_CHECKING" in named | attributes or ("__name__" in named and not running)


def _is_metadata(node: ast.Assign | ast.AnnAssign) -> bool:
    """Dunder names, and types that are only spoken of."""
    targets: Sequence[ast.expr] = node.targets if isinstance(node, ast.Assign) else [node.target]
    if all(isinstance(target, ast.Name) and target.id[:2] == target.id[-2:] == "__" for target in targets):
        return True
    if isinstance(node, ast.AnnAssign) and (node.value is None or last_name(node.annotation) == "TypeAlias"):
        return True
    if isinstance(node.value, ast.Subscript):
        return last_name(node.value.value) in _GENERICS
    return isinstance(node.value, ast.Call) and last_name(node.value) in _TYPE_MAKERS

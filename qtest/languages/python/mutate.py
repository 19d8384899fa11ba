"""Every small edit of a Python file that a test ought to notice, as spans of its exact text, and our own controls."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from qtest.languages.python import operators
from qtest.languages.python.offsets import Offsets
from qtest.records.mutant import Control, Mutant
from qtest.records.record import digest_of

CONTROL_MESSAGE = "qtest control: this function was entered"
_STUB_DECORATORS = {"overload", "abstractmethod", "abstractproperty"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def mutate(text: str, path: str, module: str) -> tuple[Mutant, ...]:
    """All mutants in order of position, controls among them. `text` as decoded by the file's encoding, no byte-order mark, line ends
    untouched; it must parse. Every mutant parses too, and no two give the same text."""
    tree = ast.parse(text)
    walker = _Walker(text, path, module)
    found = [*walker.block(tree.body, _Place("", False, None))]
    seen: set[tuple[int, int, str]] = set()
    unique = []
    for mutant in sorted(found, key=lambda m: (m.start, m.end, m.control, m.operator, m.replacement)):
        key = (mutant.start, mutant.end, mutant.replacement)
        if mutant.control or key not in seen:
            seen.add(key)
            unique.append(mutant)
    return tuple(unique)


@dataclass(frozen=True)
class _Place:
    """`name` is the qualified name so far; `function` that of the outermost function we are in."""

    name: str
    running: bool
    function: str | None

    def inside(self, name: str, *, function: bool) -> "_Place":
        full = f"{self.name}.{name}" if self.name else name
        return _Place(full, self.running or function, self.function or (full if function else None))

    @property
    def symbol(self) -> str:
        return self.function or self.name


class _Walker:
    def __init__(self, text: str, path: str, module: str) -> None:
        self.text = text
        self.path = path
        self.module = module
        self.digest = digest_of(text)
        self.offsets = Offsets(text)

    def block(self, statements: list[ast.stmt], place: _Place) -> Iterator[Mutant]:
        for number, statement in enumerate(statements):
            if number == 0 and _is_docstring(statement):
                continue
            yield from self.statement(statement, place)

    def statement(self, node: ast.stmt, place: _Place) -> Iterator[Mutant]:
        if isinstance(node, _FUNCTIONS):
            yield from self._function(node, place)
            return
        if isinstance(node, ast.ClassDef):
            header = (node.lineno, node.lineno)
            for part in (*node.decorator_list, *(keyword.value for keyword in node.keywords)):
                yield from self._edits(part, header, place)
            yield from self.block(node.body, place.inside(node.name, function=False))
            return
        if _is_left_alone(node, place):
            return
        lines = _header_lines(node)
        for edit in operators.of_statement(node, self.offsets):
            yield self._mutant(edit, lines, place)
        for child in _expressions(node):
            yield from self._edits(child, lines, place)
        for block in _blocks(node):
            yield from self.block(block, place)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, place: _Place) -> Iterator[Mutant]:
        names = {_last_name(decorator) for decorator in node.decorator_list}
        if names & _STUB_DECORATORS or _is_stub(node.body):
            return
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        header = (first, max([node.lineno, *(d.end_lineno or d.lineno for d in node.args.defaults)]))
        for part in (*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)):
            yield from self._edits(part, header, place)
        inside = place.inside(node.name, function=True)
        if not place.running:
            yield from self._controls(node, inside)
        yield from self.block(node.body, inside)

    def _edits(self, node: ast.expr, lines: tuple[int, int], place: _Place) -> Iterator[Mutant]:
        if isinstance(node, ast.Lambda):
            inside = _Place(place.name, True, place.function)
            for edit in operators.of_expression(node, self.offsets):
                yield self._mutant(edit, lines, inside)
            yield from self._edits(node.body, lines, inside)
            return
        for edit in operators.of_expression(node, self.offsets):
            yield self._mutant(edit, lines, place)
        if isinstance(node, ast.JoinedStr):
            return  # positions inside are those of a rewritten text before Python 3.12
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from self._edits(child, lines, place)
            elif isinstance(child, ast.keyword):
                yield from self._edits(child.value, lines, place)
            elif isinstance(child, ast.comprehension):
                for part in (child.iter, *child.ifs):
                    yield from self._edits(part, lines, place)

    def _controls(self, node: ast.FunctionDef | ast.AsyncFunctionDef, place: _Place) -> Iterator[Mutant]:
        body = node.body[1:] if _is_docstring(node.body[0]) else node.body
        if not body:
            return
        at = self.offsets.start(body[0])
        if isinstance(body[0], (*_FUNCTIONS, ast.ClassDef)) and body[0].decorator_list:
            at = self.offsets.start(body[0].decorator_list[0]) - 1
        before = self.text[self.offsets.line(self.offsets.line_of(at)) : at]
        statement = f"raise RuntimeError({CONTROL_MESSAGE!r})"
        raising = statement + (self.offsets.newline + before if not before.strip() else "; ")
        first = _first_run(body)
        lines = (first, first)
        yield self._mutant(operators.Edit(at, at, "", "control"), lines, place, "no-op")
        yield self._mutant(operators.Edit(at, at, raising, "control"), lines, place, "raise")

    def _mutant(self, edit: operators.Edit, lines: tuple[int, int], place: _Place, control: Control = "") -> Mutant:
        identity = digest_of(f"{self.path}\0{self.digest}\0{edit.start}\0{edit.end}\0{edit.text}\0{control}")[:16]
        return Mutant(
            id=identity,
            path=self.path,
            file_digest=self.digest,
            symbol=f"{self.module}:{place.symbol}",
            operator=edit.operator,
            line=lines[0],
            end_line=lines[1],
            start=edit.start,
            end=edit.end,
            original=self.text[edit.start : edit.end],
            replacement=edit.text,
            runs_at="call" if place.running else "import",
            control=control,
        )


def _first_run(body: list[ast.stmt]) -> int:
    """The line where running the block begins: declarations and bare texts leave no trace."""
    for node in body:
        declares = isinstance(node, ast.Global | ast.Nonlocal) or (isinstance(node, ast.AnnAssign) and not node.value)
        if not declares and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            decorators = node.decorator_list if isinstance(node, (*_FUNCTIONS, ast.ClassDef)) else []
            return min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return body[0].lineno


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str | type(Ellipsis))
    )


def _is_stub(body: list[ast.stmt]) -> bool:
    rest = body[1:] if _is_docstring(body[0]) else body
    return all(isinstance(node, ast.Pass) or _is_docstring(node) or _raises_not_implemented(node) for node in rest)


def _raises_not_implemented(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Raise) or node.exc is None:
        return False
    return _last_name(node.exc) == "NotImplementedError"


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_left_alone(node: ast.stmt, place: _Place) -> bool:
    """Code whose change no test should have to notice: imports, type checking, scripts' guards, logging, metadata."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass | ast.Global | ast.Nonlocal):
        return True
    if _raises_not_implemented(node):
        return True
    if isinstance(node, ast.If):
        named = {part.id for part in ast.walk(node.test) if isinstance(part, ast.Name)}
        attributes = {part.attr for part in ast.walk(node.test) if isinstance(part, ast.Attribute)}
        return "TYPE_CHECKING" in named | attributes or ("__name__" in named and not place.running)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        owner = _last_name(function.value) if isinstance(function, ast.Attribute) else ""
        return owner.lower() in {"log", "logger", "logging", "_log", "_logger"}
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        dunder = all(
            isinstance(target, ast.Name) and target.id.startswith("__") and target.id.endswith("__")
            for target in targets
        )
        typing = isinstance(node.value, ast.Call) and _last_name(node.value) in {
            "TypeVar",
            "ParamSpec",
            "NewType",
            "TypeVarTuple",
        }
        return dunder or typing or (isinstance(node, ast.AnnAssign) and node.value is None)
    return False


def _header_lines(node: ast.stmt) -> tuple[int, int]:
    """The lines of the statement itself, without the blocks below it."""
    if not _blocks(node):
        return node.lineno, node.end_lineno or node.lineno
    ends = [part.end_lineno or node.lineno for part in _expressions(node) if part.lineno >= node.lineno]
    return node.lineno, max([node.lineno, *ends])


def _expressions(node: ast.stmt) -> list[ast.expr]:
    """The expressions that belong to the statement and run; no annotations, no assignment targets that are plain names."""
    if isinstance(node, ast.AnnAssign):
        return [part for part in (node.target, node.value) if part is not None and not isinstance(part, ast.Name)]
    if isinstance(node, ast.Assert):
        return [node.test]
    if isinstance(node, ast.With | ast.AsyncWith):
        return [item.context_expr for item in node.items]
    if isinstance(node, ast.Match):
        return [node.subject, *(case.guard for case in node.cases if case.guard)]
    if isinstance(node, ast.Try | ast.TryStar):
        return []
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    if isinstance(node, ast.Match):
        return [case.body for case in node.cases]
    named = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
    blocks = [block for block in named if isinstance(block, list) and block]
    if isinstance(node, ast.Try | ast.TryStar):
        blocks[1:1] = [handler.body for handler in node.handlers]
    return blocks

"""Code that tells which statements it enters and what it compares; exchanged for the original while a candidate is first tried."""

import ast
import types
import zlib

from _qtest_probe.codes import twins
from _qtest_probe.source import compiled

HIT, LOG = "\x00qtest: hit", "\x00qtest: compare"
_METHODS = (
    "startswith",
    "endswith",
    "find",
    "index",
    "split",
    "partition",
    "removeprefix",
    "removesuffix",
    "get",
    "count",
    "replace",
)


class Instrumented:
    """`files` are paths in the tree. `hits` has a byte for each statement; `lines` maps (path, line) to statements."""

    def __init__(self, swapper, files):
        self.lines = {}
        self.hits = bytearray(0)
        self.log = []
        self._functions = []
        codes = []
        count = 0
        for path in files:
            try:
                source = swapper.source(path)
            except (OSError, SyntaxError, ValueError, RecursionError):
                continue
            walker = _Walker(count, len(codes) * 100_000)
            tree = walker.visit(ast.parse(source.text))
            ast.fix_missing_locations(tree)
            for line, number in walker.lines:
                self.lines.setdefault((path, line), []).append(number)
            count = walker.count
            original = compiled(ast.parse(source.text), source.path, 0)
            codes.append((original, compiled(tree, source.path, 0)))
        self.hits = bytearray(count + 1)
        self._clear = bytes(count + 1)
        live = swapper.look()
        for original, changed in codes:
            self._match(original, changed, live)

    def install(self):
        self.hits[:] = self._clear
        self.log.clear()
        for function, _, changed in self._functions:
            function.__code__ = changed

    def remove(self):
        for function, original, _ in self._functions:
            function.__code__ = original

    def features(self):
        """Statements entered, and how near each comparison came; small integers, the same in every run."""
        found = [index for index, hit in enumerate(self.hits) if hit]
        for place, left, right, _ in self.log:
            bucket = _distance(left, right)
            if bucket is not None:
                found.append(1_000_000 + zlib.crc32(("%d:%d" % (place, bucket)).encode()) % 50_000_000)
        return found

    def _match(self, original, changed, live):
        olds = [value for value in original.co_consts if isinstance(value, types.CodeType)]
        news = [value for value in changed.co_consts if isinstance(value, types.CodeType)]
        for old, new in zip(olds, news):
            if old.co_name != new.co_name:
                return
            if old.co_flags & 0x2 and old.co_freevars == new.co_freevars:
                bound = _bound(new, self.hits.__setitem__, self._compare)
                for function in live.get((old.co_name, old.co_firstlineno), ()):
                    if twins(function.__code__, old):
                        self._functions.append((function, function.__code__, bound))
            self._match(old, new, live)

    def _compare(self, place, operator, left, right):
        if len(self.log) < 400 and _loggable(left) and _loggable(right):
            self.log.append((place, left, right, operator))


class _Walker(ast.NodeTransformer):
    def __init__(self, count, base):
        self.count = count
        self.places = base
        self.lines = []
        self.depth = 0

    def _function(self, node):
        """Only bodies are changed: decorators and defaults run at import, and are not ours to swap."""
        self.depth += 1
        node.body = self._block(node.body)
        self.depth -= 1
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = _function

    def visit_ClassDef(self, node):
        depth, self.depth = self.depth, 0
        node.body = [self.visit(child) for child in node.body]
        self.depth = depth
        return node

    def visit_Lambda(self, node):
        return node

    def visit_JoinedStr(self, node):
        return node

    def _block(self, statements):
        result = []
        for number, statement in enumerate(statements):
            docstring = number == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if not docstring and not isinstance(statement, (ast.Global, ast.Nonlocal)):
                self.count += 1
                self.lines.append((statement.lineno, self.count))
                result.append(
                    _at(
                        statement,
                        ast.Expr(ast.Call(ast.Constant(HIT), [ast.Constant(self.count), ast.Constant(1)], [])),
                    )
                )
            result.append(self.visit(statement))
        return result

    def generic_visit(self, node):
        if self.depth and isinstance(node, (ast.stmt, ast.ExceptHandler)) or type(node).__name__ == "match_case":
            for name, value in ast.iter_fields(node):
                if name in ("body", "orelse", "finalbody") and isinstance(value, list):
                    setattr(node, name, self._block(value) if value else value)
                elif name == "handlers" or name == "cases":
                    setattr(node, name, [self.visit(child) for child in value])
                elif name in ("annotation", "returns", "pattern"):
                    continue
                elif isinstance(value, ast.AST):
                    setattr(node, name, self.visit(value))
                elif isinstance(value, list):
                    setattr(node, name, [self.visit(child) if isinstance(child, ast.AST) else child for child in value])
            return node
        return super().generic_visit(node)

    def visit_Compare(self, node):
        """`a < b` becomes `log(place, a, b) is None and a < b`; only operands that may be read twice."""
        self.generic_visit(node)
        if not self.depth or len(node.ops) != 1 or not (_simple(node.left) and _simple(node.comparators[0])):
            return node
        self.places += 1
        call = ast.Call(
            ast.Constant(LOG),
            [
                ast.Constant(self.places),
                ast.Constant(type(node.ops[0]).__name__),
                _copy(node.left),
                _copy(node.comparators[0]),
            ],
            [],
        )
        return _at(
            node, ast.IfExp(ast.Compare(_at(node, call), [ast.Is()], [ast.Constant(None)]), node, ast.Constant(None))
        )

    def visit_Call(self, node):
        self.generic_visit(node)
        function = node.func
        if not (
            self.depth
            and isinstance(function, ast.Attribute)
            and function.attr in _METHODS
            and node.args
            and _simple(function.value)
            and _simple(node.args[0])
        ):
            return node
        self.places += 1
        call = ast.Call(
            ast.Constant(LOG),
            [ast.Constant(self.places), ast.Constant(function.attr), _copy(function.value), _copy(node.args[0])],
            [],
        )
        return _at(
            node, ast.IfExp(ast.Compare(_at(node, call), [ast.Is()], [ast.Constant(None)]), node, ast.Constant(None))
        )


def _simple(node):
    """Reading it twice is the same as reading it once."""
    if isinstance(node, (ast.Constant, ast.Name)):
        return True
    if isinstance(node, ast.Subscript):
        return _simple(node.value) and isinstance(node.slice, (ast.Constant, ast.Name))
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "len"
        and len(node.args) == 1
        and _simple(node.args[0])
    )


def _copy(node):
    import copy

    return copy.deepcopy(node)


def _at(place, node):
    ast.copy_location(node, place)
    for part in ast.walk(node):
        if not hasattr(part, "lineno"):
            ast.copy_location(part, place)
    return node


def _bound(code, hit, log):
    constants = tuple(
        hit
        if isinstance(value, str) and value == HIT
        else log
        if isinstance(value, str) and value == LOG
        else _bound(value, hit, log)
        if isinstance(value, types.CodeType)
        else value
        for value in code.co_consts
    )
    return code.replace(co_consts=constants)


def _loggable(value):
    kind = type(value)
    return (kind in (str, bytes) and len(value) <= 60) or kind is float or (kind is int and abs(value) < 1 << 64)


def _distance(left, right):
    if type(left) in (int, float) and type(right) in (int, float):
        gap = left - right
        if gap != gap:
            return 99
        return (
            0
            if gap == 0
            else (1 if gap > 0 else -1) * min(20, int(abs(gap)).bit_length() + 1)
            if abs(gap) < 1 << 70
            else 50
        )
    if type(left) is type(right) and type(left) in (str, bytes):
        same = 0
        for a, b in zip(left, right):
            if a != b:
                break
            same += 1
        return 100 + min(same, 20) + (100 if left == right else 0)
    return None

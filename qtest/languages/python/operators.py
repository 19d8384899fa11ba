"""The mutation operators of the field, each giving edits for one node. The set follows mutmut and cosmic-ray, with the statement and
condition operators of Offutt's sufficient set that both lack."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from qtest.languages.python.offsets import Offsets


@dataclass(frozen=True, slots=True)
class Edit:
    start: int
    end: int
    text: str
    operator: str


_COMPARE: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: (r"is\s+not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: (r"not\s+in", ("in",)),
}
_BINARY: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "/"),
    ast.Pow: ("**", "*"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "&"),
    ast.MatMult: ("@", "*"),
}
_TWINS = {
    "lower": "upper",
    "upper": "lower",
    "lstrip": "rstrip",
    "rstrip": "lstrip",
    "strip": "lstrip",
    "startswith": "endswith",
    "endswith": "startswith",
    "find": "rfind",
    "rfind": "find",
    "index": "rindex",
    "rindex": "index",
    "ljust": "rjust",
    "rjust": "ljust",
    "partition": "rpartition",
    "rpartition": "partition",
    "removeprefix": "removesuffix",
    "removesuffix": "removeprefix",
    "appendleft": "append",
    "popleft": "pop",
}
_SPLITS = {"split": "rsplit", "rsplit": "split"}
_FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}


def of_statement(node: ast.stmt, at: Offsets) -> Iterator[Edit]:
    start, end = at.start(node), at.end(node)
    if isinstance(node, ast.If | ast.While):
        yield _negated(node.test, at)
    elif isinstance(node, ast.Break):
        yield Edit(start, end, "continue", "break")
    elif isinstance(node, ast.Continue):
        yield Edit(start, end, "break", "continue")
    elif isinstance(node, ast.Return) and node.value is not None and not _is(node.value, None):
        yield Edit(at.start(node.value), at.end(node.value), "None", "return value")
    elif isinstance(node, ast.AugAssign):
        yield from _augmented(node, at)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        yield from _assigned(node, node.value, at)
    elif isinstance(node, ast.Delete | ast.Raise) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await)
    ):
        yield Edit(start, end, "pass", "statement deletion")


def of_expression(node: ast.expr, at: Offsets) -> Iterator[Edit]:
    start, end = at.start(node), at.end(node)
    if isinstance(node, ast.Compare):
        yield from _compared(node, at)
    elif isinstance(node, ast.BoolOp):
        word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from _between(left, right, word, (other,), "boolean operator", at)
    elif isinstance(node, ast.BinOp):
        sign, other = _BINARY[type(node.op)]
        if not (isinstance(node.op, ast.Add | ast.Mod | ast.Mult) and (_is_text(node.left) or _is_text(node.right))):
            yield from _between(node.left, node.right, re.escape(sign), (other,), "arithmetic operator", at)
    elif isinstance(node, ast.UnaryOp):
        yield from _unary(node, at)
    elif isinstance(node, ast.IfExp):
        yield _negated(node.test, at)
    elif isinstance(node, ast.Constant):
        yield from _constant(node, at)
    elif isinstance(node, ast.JoinedStr):
        yield from _formatted(node, at)
    elif isinstance(node, ast.Call):
        yield from _called(node, at)
    elif isinstance(node, ast.Lambda) and not _is(node.body, None):
        yield Edit(at.start(node.body), at.end(node.body), "None", "lambda body")
    elif isinstance(node, ast.Slice):
        for bound in (node.lower, node.upper, node.step):
            if bound is not None:
                yield (
                    Edit(at.start(bound), at.end(bound), "", "slice bound")
                    if not _parenthesised(bound, at)
                    else Edit(start, end, ":", "slice bound")
                )
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        for generator in node.generators:
            for condition in generator.ifs:
                yield _negated(condition, at)


def _negated(test: ast.expr, at: Offsets) -> Edit:
    """`not (…)`; what was negated already stands bare."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return Edit(at.start(test), at.end(test), f"({at.source(test.operand)})", "negated condition")
    return Edit(at.start(test), at.end(test), f"(not ({at.source(test)}))", "negated condition")


def _augmented(node: ast.AugAssign, at: Offsets) -> Iterator[Edit]:
    sign, other = _BINARY[type(node.op)]
    yield from _between(node.target, node.value, re.escape(sign) + "=", (f"{other}=", "="), "augmented assignment", at)


def _assigned(node: ast.Assign | ast.AnnAssign, value: ast.expr, at: Offsets) -> Iterator[Edit]:
    replacement = '""' if _is(value, None) else "None"
    yield Edit(at.start(value), at.end(value), replacement, "assigned value")
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if all(isinstance(target, ast.Attribute | ast.Subscript) for target in targets):
        yield Edit(at.start(node), at.end(node), "pass", "statement deletion")


def _compared(node: ast.Compare, at: Offsets) -> Iterator[Edit]:
    sides = [node.left, *node.comparators]
    for left, op, right in zip(sides, node.ops, sides[1:], strict=False):
        pattern, others = _COMPARE[type(op)]
        yield from _between(left, right, pattern, others, "comparison", at)


def _between(
    left: ast.expr, right: ast.expr, pattern: str, others: tuple[str, ...], operator: str, at: Offsets
) -> Iterator[Edit]:
    """The operator's token lies in the gap between its operands, with parentheses, comments and line ends."""
    begin, stop = at.end(left), at.start(right)
    gap = re.sub(r"#[^\r\n]*", lambda comment: " " * len(comment.group()), at.text[begin:stop])
    found = re.search(rf"(?<![\w])(?:{pattern})(?![\w])" if pattern[0].isalpha() else pattern, gap)
    if found:
        for other in others:
            yield Edit(begin + found.start(), begin + found.end(), other, operator)


def _unary(node: ast.UnaryOp, at: Offsets) -> Iterator[Edit]:
    if isinstance(node.op, ast.Not):
        yield Edit(at.start(node), at.end(node), f"({at.source(node.operand)})", "negation removed")
    elif isinstance(node.op, ast.USub):
        yield Edit(at.start(node), at.start(node) + 1, "+", "sign")
    elif isinstance(node.op, ast.Invert):
        yield Edit(at.start(node), at.start(node) + 1, "+", "inversion removed")


def _constant(node: ast.Constant, at: Offsets) -> Iterator[Edit]:
    start, end, value = at.start(node), at.end(node), node.value
    if isinstance(value, bool):
        yield Edit(start, end, str(not value), "constant")
    elif isinstance(value, int):
        yield Edit(start, end, str(value + 1), "constant")
        if value > 1:
            yield Edit(start, end, str(value - 1), "constant")
    elif isinstance(value, float) and value + 1 != value:
        yield Edit(start, end, repr(value + 1), "constant")
    elif isinstance(value, str):
        yield Edit(start, end, repr(f"XX{value}XX"), "constant")
    elif isinstance(value, bytes):
        yield Edit(start, end, repr(b"XX" + value + b"XX"), "constant")


def _formatted(node: ast.JoinedStr, at: Offsets) -> Iterator[Edit]:
    text = at.source(node)
    opening = re.match(r"""[A-Za-z]*("{3}|'{3}|"|')""", text)
    if opening and "f" in opening.group().lower():
        where = at.start(node) + opening.end()
        yield Edit(where, where, "XX", "constant")


def _called(node: ast.Call, at: Offsets) -> Iterator[Edit]:
    yield from _renamed(node, at)
    arguments: list[tuple[int, int, bool]] = []
    for argument in node.args:
        if isinstance(argument, ast.Starred | ast.GeneratorExp):
            return
        arguments.append((at.start(argument), at.end(argument), _is(argument, None)))
    values = [(at.start(k.value), at.end(k.value), _is(k.value, None)) for k in node.keywords if k.arg]
    for start, end, is_none in (*arguments, *values):
        if not is_none:
            yield Edit(start, end, "None", "argument")
    spans = [(start, end) for start, end, _ in arguments] + [
        (_keyword_start(k, at), at.end(k.value)) for k in node.keywords if k.arg
    ]
    if len(spans) > 1 and not any(k.arg is None for k in node.keywords):
        for index, (start, end) in enumerate(spans):
            following = spans[index + 1][0] if index + 1 < len(spans) else None
            text = at.text[start:following] if following else at.text[spans[index - 1][1] : end]
            if _balanced(text):
                yield (
                    Edit(start, following, "", "argument removed")
                    if following
                    else Edit(spans[index - 1][1], end, "", "argument removed")
                )


def _renamed(node: ast.Call, at: Offsets) -> Iterator[Edit]:
    function = node.func
    if isinstance(function, ast.Attribute):
        twin = _TWINS.get(function.attr) or (
            _SPLITS.get(function.attr) if len(node.args) + len(node.keywords) > 1 else None
        )
        if twin:
            yield Edit(at.end(function) - len(function.attr), at.end(function), twin, "method twin")
    elif isinstance(function, ast.Name) and function.id in _FUNCTIONS:
        yield Edit(at.start(function), at.end(function), _FUNCTIONS[function.id], "function twin")


def _keyword_start(keyword: ast.keyword, at: Offsets) -> int:
    return at.at(keyword.lineno, keyword.col_offset)


def _balanced(text: str) -> bool:
    """No parenthesis is opened and left open: then what is cut out was whole."""
    depth = 0
    for character in re.sub(r"""("{3}|'{3}|"|').*?\1""", "", text, flags=re.S):
        depth += (character in "([{") - (character in ")]}")
        if depth < 0:
            return False
    return depth == 0


def _parenthesised(node: ast.expr, at: Offsets) -> bool:
    after = at.text[at.end(node) : at.end(node) + 1]
    return after == ")"


def _is(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr | ast.List | ast.Tuple) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )

"""Edits of calls: another function of its kind, another argument, one argument less."""

import ast
from collections.abc import Iterator, Sequence

from qtest.languages.python.offsets import Offsets
from qtest.languages.python.operators.edit import Edit, enclosed, gap, is_constant, removals, replaced, speaks

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
    "deepcopy": "copy",
}
_SPLITS = {"split": "rsplit", "rsplit": "split"}
_FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any", "deepcopy": "copy"}
# With something else, something less or None for an argument these raise at once: whoever runs them notices.
_RIGID = frozenset(("len", "isinstance", "issubclass", "hasattr", "setattr", "delattr", "divmod", "super", "cast"))
_EACH_WANTED = frozenset(("range", "zip", "map", "min", "max"))
_FIRST_WANTED = frozenset(
    (
        *(
            "iter",
            "next",
            "enumerate",
            "sorted",
            "reversed",
            "sum",
            "any",
            "all",
            "abs",
            "round",
            "int",
            "float",
            "ord",
        ),
        *("chr", "hex", "oct", "bin", "pow", "list", "tuple", "set", "frozenset", "dict", "bytes", "bytearray", "open"),
    )
)


def called(node: ast.Call, at: Offsets) -> Iterator[Edit]:
    yield from _renamed(node, at)
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in _RIGID or (name == "getattr" and len(node.args) < 3):
        return
    if name == "dict":
        yield from _keywords(node, at)
    if name == "range":
        yield from _shortened(node, at)
    wanted = len(node.args) if name in _EACH_WANTED else int(name in _FIRST_WANTED)
    yield from _nothing(node.args[wanted:], node, at)
    if len(node.args) + len(node.keywords) > 1:
        fewer = _fewer(node, at)
        yield from list(fewer)[len(node.args) :] if name in ("min", "max") else fewer


def _renamed(node: ast.Call, at: Offsets) -> Iterator[Edit]:
    function = node.func
    if isinstance(function, ast.Attribute):
        name = function.attr
        twin = _TWINS.get(name) or (_SPLITS.get(name) if _is_limited(node) else None)
        if twin:
            yield Edit(at.end(function) - len(name), at.end(function), twin, "method twin")
    elif isinstance(function, ast.Name) and function.id in _FUNCTIONS:
        yield replaced(function, _FUNCTIONS[function.id], "function twin", at)


def _is_limited(node: ast.Call) -> bool:
    """Without a most number of parts, splitting from the left and from the right is one."""
    return len(node.args) > 1 or any(keyword.arg == "maxsplit" for keyword in node.keywords)


def _keywords(node: ast.Call, at: Offsets) -> Iterator[Edit]:
    for keyword in node.keywords:
        if keyword.arg:
            start = _start(keyword, at)
            yield Edit(start, start + len(keyword.arg), f"{keyword.arg}XX", "keyword name")


def _shortened(node: ast.Call, at: Offsets) -> Iterator[Edit]:
    """A range that ends one earlier; a constant's neighbours are among its own mutants."""
    stop = node.args[1] if len(node.args) > 1 else node.args[0] if node.args else None
    if stop is not None and not isinstance(stop, ast.Starred) and not speaks(stop):
        yield replaced(stop, f"({at.source(stop)}) - 1", "range bound", at)


def _nothing(arguments: Sequence[ast.expr], node: ast.Call, at: Offsets) -> Iterator[Edit]:
    values = [*arguments, *(keyword.value for keyword in node.keywords if keyword.arg)]
    for value in values:
        if isinstance(value, ast.Starred) or is_constant(value, None) or speaks(value):
            continue
        alone = isinstance(value, ast.GeneratorExp) and at.end(value) == at.end(node)  # its parentheses are the call's
        yield replaced(value, "(None)" if alone else "None", "argument", at)


def _fewer(node: ast.Call, at: Offsets) -> Iterator[Edit]:
    spans = sorted(
        [(at.start(argument), at.end(argument)) for argument in node.args]
        + [(_start(keyword, at), at.end(keyword.value)) for keyword in node.keywords]
    )
    opening = at.end(node.func) + gap(at.end(node.func), spans[0][0], at).index("(") + 1
    yield from removals(enclosed(spans, opening, at.end(node) - 1, at), ",", "argument removed", at)


def _start(keyword: ast.keyword, at: Offsets) -> int:
    return at.at(keyword.lineno, keyword.col_offset)

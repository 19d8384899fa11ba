"""The kinds of values that parameters take, and what annotations say of them."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qtest.records.case import Bool, Bytes, Expression, Float, Int, Null, Text

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is a plain word (`text`, `int`, `list`, `class`, ...); `inside` are the kinds of items, keys or parameters."""

    name: str
    inside: tuple["Kind", ...] = ()
    symbol: str = ""
    values: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The kinds a parameter takes, likeliest first. `declared` when its annotation says so."""

    kinds: tuple[Kind, ...]
    declared: bool = False


ANY = Kind("any")
TEXT, INT, FLOAT, BOOL, NULL, BYTES = (Kind(name) for name in ("text", "int", "float", "bool", "null", "bytes"))
LIST, MAP, CALLABLE, SET, TUPLE = (Kind(name) for name in ("list", "map", "callable", "set", "tuple"))

_PLAIN: dict[str, Kind] = {
    "str": TEXT,
    "AnyStr": TEXT,
    "Text": TEXT,
    "LiteralString": TEXT,
    "int": INT,
    "SupportsInt": INT,
    "SupportsIndex": INT,
    "Hashable": TEXT,
    "Sized": LIST,
    "float": FLOAT,
    "Number": INT,
    "Real": FLOAT,
    "Integral": INT,
    "SupportsFloat": FLOAT,
    "complex": FLOAT,
    "bool": BOOL,
    "None": NULL,
    "NoneType": NULL,
    "bytes": BYTES,
    "bytearray": BYTES,
    "Buffer": BYTES,
    "date": Kind("date"),
    "datetime": Kind("datetime"),
    "time": Kind("time"),
    "timedelta": Kind("duration"),
    "tzinfo": Kind("zone"),
    "timezone": Kind("zone"),
    "Decimal": Kind("decimal"),
    "Fraction": Kind("fraction"),
    "Path": Kind("path"),
    "PathLike": Kind("path"),
    "StringIO": Kind("text file"),
    "TextIO": Kind("text file"),
    "BytesIO": Kind("binary file"),
    "BinaryIO": Kind("binary file"),
    "type": Kind("type"),
    "Type": Kind("type"),
    "slice": Kind("slice"),
    "Exception": Kind("exception"),
    "BaseException": Kind("exception"),
}
_HOLDERS: dict[str, str] = {
    **dict.fromkeys(("list", "List", "Sequence", "MutableSequence", "Collection", "Reversible"), "list"),
    **dict.fromkeys(("Iterable", "Container"), "iterable"),
    **dict.fromkeys(("Iterator", "Generator"), "iterator"),
    **dict.fromkeys(("set", "Set", "AbstractSet", "MutableSet"), "set"),
    **dict.fromkeys(("frozenset", "FrozenSet"), "frozenset"),
    **dict.fromkeys(("dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict", "Counter"), "map"),
    **dict.fromkeys(("AsyncIterable", "AsyncIterator", "AsyncGenerator"), "stream"),
    **dict.fromkeys(("Awaitable", "Coroutine"), "awaitable"),
    "deque": "deque",
    "Pattern": "regex",
    "IO": "text file",
}
_WRAPPERS = frozenset(("Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "Optional"))
_DEPTH = 10


class Scope:
    """What the names in a module's annotations mean: its classes, and its aliases of types."""

    def __init__(self, classes: Mapping[str, str], aliases: Mapping[str, ast.expr]) -> None:
        self._classes, self._aliases = classes, aliases

    def kinds(self, annotation: str, owner: str = "") -> tuple[Kind, ...]:
        """Empty when nothing is known."""
        try:
            tree = ast.parse(annotation, mode="eval").body
        except (SyntaxError, ValueError, RecursionError):
            return ()
        found = tuple(dict.fromkeys(self._read(tree, owner, 0)))
        return () if found == (ANY,) else found

    def class_of(self, name: str) -> str:
        return self._classes.get(name, "")

    def _read(self, node: ast.expr, owner: str, depth: int) -> Iterator[Kind]:
        if depth > _DEPTH:
            yield ANY
            return
        match node:
            case ast.Constant(value=None):
                yield NULL
            case ast.Constant(value=str(text)):
                yield from self.kinds(text, owner)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                yield from self._read(left, owner, depth + 1)
                yield from self._read(right, owner, depth + 1)
            case ast.Subscript(value=holder, slice=inner):
                yield from self._held(last_part(holder), inner, owner, depth)
            case ast.Name() | ast.Attribute():
                yield from self._named(last_part(node), owner, depth)
            case _:
                yield ANY

    def _named(self, name: str, owner: str, depth: int) -> Iterator[Kind]:
        if name == "Self" and owner:
            yield Kind("class", symbol=owner)
        elif name in self._classes:
            yield Kind("class", symbol=self._classes[name])
        elif name in self._aliases:
            yield from self._read(self._aliases[name], owner, depth + 1)
        elif name in _PLAIN:
            yield _PLAIN[name]
        elif name in _HOLDERS:
            yield Kind(_HOLDERS[name])
        elif name in ("tuple", "Tuple"):
            yield TUPLE
        elif name == "Callable":
            yield CALLABLE
        else:
            yield ANY

    def _held(self, holder: str, inner: ast.expr, owner: str, depth: int) -> Iterator[Kind]:
        items = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        if holder == "Literal":
            values = tuple(value for item in items if (value := literal(item)) is not None)
            yield Kind("literal", values=values) if values else ANY
        elif holder == "Union":
            for item in items:
                yield from self._read(item, owner, depth + 1)
        elif holder in _WRAPPERS:
            yield from self._read(items[0], owner, depth + 1)
            if holder == "Optional":
                yield NULL
        elif holder in ("tuple", "Tuple"):
            yield self._tuple(items, owner, depth)
        elif holder == "Callable":
            given = items[0].elts if isinstance(items[0], ast.List) else []
            result = self._one(items[-1], owner, depth) if len(items) > 1 else ANY
            yield Kind("callable", (*(self._one(item, owner, depth) for item in given), result))
        elif holder == "Coroutine":
            yield Kind("awaitable", (self._one(items[-1], owner, depth),))
        elif holder in _HOLDERS:
            yield Kind(_HOLDERS[holder], tuple(self._one(item, owner, depth) for item in items))
        else:
            yield from self._named(holder, owner, depth + 1)

    def _tuple(self, items: list[ast.expr], owner: str, depth: int) -> Kind:
        if len(items) == 2 and isinstance(items[1], ast.Constant) and items[1].value is Ellipsis:
            return Kind("tuple", (self._one(items[0], owner, depth),))
        return Kind("row", tuple(self._one(item, owner, depth) for item in items))

    def _one(self, node: ast.expr, owner: str, depth: int) -> Kind:
        found = tuple(self._read(node, owner, depth + 1))
        return found[0] if len(found) == 1 else Kind("union", found) if found else ANY


def literal(node: ast.expr) -> Expression | None:
    """A plain constant as the DSL says it."""
    match node:
        case ast.Constant(value=None):
            return Null()
        case ast.Constant(value=bool(value)):
            return Bool(value)
        case ast.Constant(value=int(value)) if abs(value) < 10**4000:
            return Int(value)
        case ast.Constant(value=float(value)):
            return Float(repr(value))
        case ast.Constant(value=str(value)):
            return Text(value)
        case ast.Constant(value=bytes(value)):
            return Bytes(value.hex())
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)) if type(value) in (int, float):
            return Int(-value) if isinstance(value, int) else Float(repr(-value))  # type: ignore[operator]
    return None


def written(text: str) -> Expression | None:
    """A default as the source has it, where that is a plain constant."""
    try:
        return literal(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return None


def last_part(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""

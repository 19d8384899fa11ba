"""What a parameter takes: from its annotation, else from how the body uses it, its default, and its name."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qtest.records.case import Bool, Bytes, Expression, Float, Int, Null, Text
from qtest.records.system import Parameter

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
                yield from self._held(_last(holder), inner, owner, depth)
            case ast.Name() | ast.Attribute():
                yield from self._named(_last(node), owner, depth)
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


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


# --- without an annotation ------------------------------------------------------------------------------------------

_ATTRIBUTES: list[tuple[frozenset[str], Kind]] = [
    (frozenset(dir(str)) - frozenset(dir(bytes)), TEXT),
    (frozenset(("append", "extend", "insert", "sort", "reverse")), LIST),
    (frozenset(("items", "keys", "values", "get", "setdefault", "popitem", "update")), MAP),
    (frozenset(("decode", "hex")), BYTES),
    (frozenset(("add", "union", "issubset", "issuperset", "difference", "discard", "intersection")), SET),
    (frozenset(("strip", "split", "startswith", "endswith", "replace", "lower", "upper", "join", "find")), TEXT),
    (frozenset(("read", "readline", "readlines")), Kind("text file")),
    (frozenset(("write", "writelines", "getvalue")), Kind("text file")),
    (frozenset(("hour", "minute", "tzinfo", "utcoffset", "timestamp")), Kind("datetime")),
    (frozenset(("year", "month", "day", "strftime", "isoformat", "toordinal")), Kind("datetime")),
    (frozenset(("total_seconds", "seconds", "microseconds", "days")), Kind("duration")),
    (frozenset(("match", "search", "fullmatch", "findall", "finditer", "sub")), Kind("regex")),
    (frozenset(("is_integer", "as_integer_ratio")), FLOAT),
    (frozenset(("bit_length", "to_bytes", "numerator")), INT),
]
_NAMES: list[tuple[str, Kind]] = [
    (r"(is|has|use|with|no|allow|enable|ignore|keep|include|skip|strict|reverse|force|verbose)(_.*)?", BOOL),
    (
        r"(func?|function|fn|f|key|predicate|pred|callback|binop|op|hook|factory|mapper|getter|filter|timer|clock|getsizeof|.*_(func|fn|key))",
        CALLABLE,
    ),
    (r"(r?lock|mutex|.*_lock)", Kind("lock")),
    (r"(n|i|j|k|num|number|count|size|width|height|length|depth|limit|index|idx|start|stop|end|step|max.*|min.*)", INT),
    (
        r"(indent|level|year|month|day|hour|minute|second|seconds|offset|precision|digits|ndigits|places|.*_(len|size))",
        INT,
    ),
    (r"(major|minor|patch|times|base|maxsize|port|position|pos|weeks|days|hours|minutes|.*_count)", INT),
    (r"(ratio|rate|factor|weight|probability|score|tolerance|timeout|.*_ratio)", FLOAT),
    (
        r"(seqs?|iterable|iterables|items|values|lst|list|array|arr|elements|rows|sequence|data|args|it|.*_list|xs|words)",
        LIST,
    ),
    (r"(d|dict|mapping|map|options|kwargs|kw|config|settings|params|headers|attrs|.*_(map|dict))", MAP),
    (r"(pattern|regex|re)", TEXT),
    (r"(b|bytes|blob|buf|buffer|payload)", BYTES),
    (r"(date|dt|now|moment|datetime.*|.*_at)", Kind("datetime")),
    (r"(td|delta|duration|timedelta)", Kind("duration")),
    (
        r"(s|st|string|text|name|word|line|msg|message|title|label|prefix|suffix|sep|separator|delimiter|char|ch|c)",
        TEXT,
    ),
    (r"(value|token|url|uri|path|filename|file_name|email|host|scheme|query|encoding|format|fmt|spec|version.*)", TEXT),
    (r"(.*(str|string|text|name|word|version|path|url|sep|chars|prefix|suffix|format|pattern))", TEXT),
]
_CACHE = re.compile(r"cache|memo|.*_cache")
_KEYS = ("key", "k", "item", "index", "name")
_KEYED = frozenset(
    (*(f"__{name}__" for name in ("getitem", "setitem", "delitem", "contains", "missing")), "get", "pop", "setdefault")
)  # methods whose key is looked up, not called
_COMPILED = [(re.compile(pattern), kind) for pattern, kind in _NAMES]
_ASKED = {
    "str": TEXT,
    "int": INT,
    "float": FLOAT,
    "bytes": BYTES,
    "list": LIST,
    "dict": MAP,
    "set": SET,
    "tuple": TUPLE,
    "slice": Kind("slice"),
    "frozenset": Kind("frozenset"),
    "bytearray": BYTES,
    "Decimal": Kind("decimal"),
    "Fraction": Kind("fraction"),
    "Number": INT,
    "Integral": INT,
    "Real": FLOAT,
}
_ASKED |= {"bool": BOOL, "basestring": TEXT, "string_types": TEXT, "Mapping": MAP, "Iterable": LIST, "Sequence": LIST}
_ASKED |= {"callable": CALLABLE, "datetime": Kind("datetime"), "date": Kind("date"), "timedelta": Kind("duration")}


def wanted(
    parameter: Parameter,
    body: FunctionNode | None,
    scope: Scope,
    owner: str = "",
    around: ast.ClassDef | None = None,
) -> Wanted:
    """Everything the four ways tell, the surest first. `around` is the class whose methods may call what the body keeps."""
    declared = scope.kinds(parameter.annotation, owner) if parameter.annotation else ()
    if declared:
        return Wanted(declared, declared=ANY not in declared)
    found = list(_used(parameter.name, body, scope)) if body is not None else []
    if body is not None and around is not None:
        found += _kept_and_called(parameter.name, body, around)
    if any(kind.name == "callable" and kind.inside for kind in found):
        found = [kind for kind in found if kind != CALLABLE]
    if _CACHE.fullmatch(parameter.name.lower()):
        found.insert(0, MAP)  # `in` and brackets would say a list too
    default = _default(parameter.default)
    if default is not None and default != NULL:
        found.insert(0, default)
    if not found and parameter.name in _KEYS and body is not None:
        looked_up = body.name in _KEYED or (parameter.name == "key" and not parameter.default)
        found = [TEXT, INT] if looked_up else []
    if not found or found == [NULL]:
        found += [kind for pattern, kind in _COMPILED if pattern.fullmatch(parameter.name.lower())][:1]
    if default == NULL or parameter.default == "None":
        found.append(NULL)
    kinds = tuple(dict.fromkeys(found))
    return Wanted(kinds if kinds and kinds != (NULL,) else (ANY, *kinds))


def _default(text: str) -> Kind | None:
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return None
    match node:
        case ast.List():
            return LIST
        case ast.Tuple():
            return TUPLE
        case ast.Dict():
            return MAP
        case ast.Lambda():
            return CALLABLE
        case ast.Name(id="str" | "int" | "len" | "bool" | "float" | "list" | "tuple"):
            return CALLABLE
    kinds: dict[type, Kind] = {Text: TEXT, Int: INT, Float: FLOAT, Bool: BOOL, Null: NULL, Bytes: BYTES}
    value = literal(node)
    return kinds.get(type(value)) if value is not None else None


def _used(name: str, body: FunctionNode, scope: Scope) -> Iterator[Kind]:
    """What the body does with the name; the checks it makes itself come first."""
    clues = list(_clues(name, list(ast.walk(body)), scope))
    yield from (kind for sure, kind in clues if sure)
    yield from (kind for sure, kind in clues if not sure)


def called(call: ast.Call, asked: bool) -> Kind:
    """A function that takes what it is called with there; one of truth where its answer is `asked` for."""
    if call.keywords or any(isinstance(argument, ast.Starred) for argument in call.args):
        return CALLABLE
    return Kind("callable", (*(ANY for _ in call.args), BOOL if asked else ANY))


def questions(nodes: Iterable[ast.AST]) -> set[int]:
    """Identities of the calls on whose answers the code decides."""
    tests: list[ast.expr] = []
    for node in nodes:
        match node:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) | ast.Assert(test=test):
                tests.append(test)
            case ast.comprehension(ifs=ifs):
                tests += ifs
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                tests.append(operand)
    inside = [part for test in tests for part in (test.values if isinstance(test, ast.BoolOp) else [test])]
    return {id(test) for test in inside if isinstance(test, ast.Call)}


def _kept_and_called(name: str, body: FunctionNode, around: ast.ClassDef) -> Iterator[Kind]:
    """Kept in an attribute of the object, which its methods call."""
    kept = {
        target.attr
        for node in ast.walk(body)
        if isinstance(node, ast.Assign) and _is(name, node.value)
        for target in node.targets
        if isinstance(target, ast.Attribute)
    }
    nodes = list(ast.walk(around)) if kept else []
    asked = questions(nodes)
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=attr)) if attr in kept:
                yield called(node, id(node) in asked)


def _clues(name: str, nodes: Sequence[ast.AST], scope: Scope) -> Iterator[tuple[bool, Kind]]:
    asked = questions(nodes)
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=found), types]) if found == name:
                for item in types.elts if isinstance(types, ast.Tuple) else [types]:
                    last = _last(item)
                    if scope.class_of(last):
                        yield True, Kind("class", symbol=scope.class_of(last))
                    elif last in _ASKED:
                        yield True, _ASKED[last]
            case ast.Await(value=ast.Call(func=ast.Name(id=found))) if found == name:
                yield True, Kind("callable", (Kind("awaitable"),))
            case ast.Await(value=ast.Name(id=found)) if found == name:
                yield True, Kind("awaitable")
            case ast.AsyncFor(iter=ast.Name(id=found)) if found == name:
                yield True, Kind("stream")
            case ast.comprehension(iter=ast.Name(id=found), is_async=1) if found == name:
                yield True, Kind("stream")
            case ast.Call(func=ast.Name(id="callable"), args=[ast.Name(id=found)]) if found == name:
                yield True, CALLABLE
            case ast.Call(func=ast.Name(id=found)) if found == name:
                yield True, called(node, id(node) in asked)
            case ast.Call(func=ast.Name(id="map" | "filter" as by), args=[ast.Name(id=found), *_]) if found == name:
                yield True, Kind("callable", (ANY, BOOL if by == "filter" else ANY))
            case ast.Call(func=ast.Name(id="reduce"), args=[ast.Name(id=found), *_]) if found == name:
                yield True, Kind("callable", (ANY, ANY, ANY))
            case ast.keyword(arg="key", value=ast.Name(id=found)) if found == name:
                yield True, Kind("callable", (ANY, ANY))
            case ast.Call(func=ast.Name(id="len" | "sorted" | "enumerate" | "iter" | "zip"), args=args) if _among(
                name, args
            ):
                yield False, LIST
            case ast.Call(func=ast.Name(id="ord"), args=[ast.Name(id=found)]) if found == name:
                yield False, TEXT
            case ast.Call(func=ast.Name(id="range" | "abs" | "divmod" | "chr" | "round"), args=args) if _among(
                name, args
            ):
                yield False, INT
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"))) if _among(name, node.args):
                yield False, TEXT
            case ast.Call(func=ast.Attribute(attr="match" | "search" | "fullmatch" | "sub"), args=args) if _among(
                name, args
            ):
                yield False, TEXT
            case ast.Attribute(value=ast.Name(id=found), attr=attr) if found == name:
                yield from ((False, kind) for attributes, kind in _ATTRIBUTES[:] if attr in attributes)
            case ast.For(iter=ast.Name(id=found)) | ast.comprehension(iter=ast.Name(id=found)) if found == name:
                yield False, LIST
            case ast.BinOp(left=left, op=op, right=right) if _is(name, left) or _is(name, right):
                other = literal(right if _is(name, left) else left)
                if isinstance(other, Text):
                    yield False, TEXT
                elif isinstance(other, Int | Float) or isinstance(op, ast.Sub | ast.Div | ast.FloorDiv | ast.Pow):
                    yield False, INT
            case ast.Compare(left=left, ops=[op], comparators=[right]) if _is(name, left):
                yield from _compared(op, right)
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[right]) if _is(name, right):
                yield False, LIST
            case ast.Subscript(value=value) if _is(name, value):
                yield False, LIST


def _compared(op: ast.cmpop, right: ast.expr) -> Iterator[tuple[bool, Kind]]:
    values = right.elts if isinstance(right, ast.Tuple | ast.List | ast.Set) else [right]
    kinds: dict[type, Kind] = {Text: TEXT, Int: INT, Float: FLOAT, Bytes: BYTES, Null: NULL, Bool: BOOL}
    for value in values[:4]:
        found = literal(value)
        if found is not None:
            yield False, kinds[type(found)]
    if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) and literal(right) is None:
        yield False, INT


def _is(name: str, node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _among(name: str, nodes: Iterable[ast.expr]) -> bool:
    return any(_is(name, node) for node in nodes)

"""What a parameter takes, from how the body uses it, its default and its name, where no annotation says it."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from qtest.generate.search.kinds import (
    ANY,
    BOOL,
    BYTES,
    CALLABLE,
    FLOAT,
    INT,
    LIST,
    MAP,
    NULL,
    SET,
    TEXT,
    TUPLE,
    FunctionNode,
    Kind,
    Scope,
    Wanted,
    last_part,
    literal,
)
from qtest.records.case import Bool, Bytes, Float, Int, Null, Text
from qtest.records.system import Parameter

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
                    last = last_part(item)
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

"""Which functions do nothing but give back a value."""

from qtest.model.callgraph import callee_of, owner_of
from qtest.model.directory import Directory
from qtest.records.system import Symbol

_BUILTINS = frozenset(
    (
        *("abs", "all", "any", "ascii", "bin", "bool", "bytearray", "bytes", "callable", "chr", "complex", "dict"),
        *("divmod", "enumerate", "filter", "float", "format", "frozenset", "getattr", "hasattr", "hash", "hex", "int"),
        *("isinstance", "issubclass", "iter", "len", "list", "map", "max", "memoryview", "min", "next", "object"),
        *("oct", "ord", "pow", "property", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str"),
        *("sum", "super", "tuple", "type", "zip", "vars", "id", "staticmethod", "classmethod"),
        *("str.join", "dict.fromkeys", "str.lower", "str.upper", "str.strip", "int.from_bytes", "bytes.fromhex"),
        *("float.fromhex", "str.maketrans", "object.__new__", "NotImplementedError"),
    )
)
_MODULES = frozenset(
    (
        *(
            "math",
            "cmath",
            "re",
            "itertools",
            "functools",
            "operator",
            "string",
            "textwrap",
            "collections",
            "fractions",
        ),
        *("decimal", "statistics", "unicodedata", "datetime", "calendar", "json", "base64", "binascii", "struct"),
        *("hashlib", "hmac", "html", "copy", "bisect", "enum", "dataclasses", "typing", "types", "abc", "numbers"),
        *("difflib", "colorsys", "urllib.parse", "ipaddress", "posixpath", "ntpath", "os.path", "keyword", "ast"),
        *("textwrap", "shlex", "fnmatch", "zlib", "array", "inspect", "typing_extensions", "collections.abc"),
    )
)
_METHODS = frozenset(
    name
    for kind in (str, bytes, bytearray, int, float, complex, list, tuple, dict, set, frozenset, range)
    for name in dir(kind)
)
_METHODS |= frozenset(
    (
        *("match", "search", "fullmatch", "findall", "finditer", "sub", "subn", "group", "groups", "groupdict", "span"),
        *("start", "end", "isoformat", "strftime", "date", "time", "timetuple", "total_seconds", "toordinal"),
        *("weekday", "isoweekday", "isocalendar", "astimezone", "utcoffset", "quantize", "most_common", "elements"),
        *("hexdigest", "digest", "appendleft", "popleft", "as_tuple", "limit_denominator", "normalize"),
    )
)


def pure_symbols(directory: Directory) -> tuple[str, ...]:
    """Ids, sorted. A call of something unknown counts against; calls inside the repository count as what they call."""
    wanted = {symbol.id: _needs(symbol, directory) for symbol in directory.symbols.values() if symbol.kind != "class"}
    pure = {id_ for id_, needs in wanted.items() if needs is not None}
    callers: dict[str, list[str]] = {}
    for id_ in pure:
        for callee in wanted[id_] or ():
            callers.setdefault(callee, []).append(id_)
    spoiled = [callee for callee in callers if callee not in pure]
    while spoiled:
        for caller in callers.get(spoiled.pop(), ()):
            if caller in pure:
                pure.discard(caller)
                spoiled.append(caller)
    return tuple(sorted(pure))


def _needs(symbol: Symbol, directory: Directory) -> set[str] | None:
    """Symbols that must be pure for this one to be; None when it is not, whatever they are."""
    if symbol.effects or symbol.writes or symbol.is_async:
        return None
    needs: set[str] = set()
    parameters = {parameter.name for parameter in symbol.parameters}
    for written in symbol.calls:
        callee = callee_of(written, symbol.module, owner_of(symbol), directory)
        if callee in directory.symbols:
            needs.update(_bodies(callee, directory))
        elif not _known(written, callee, parameters):
            return None
    return needs - {symbol.id}


def _bodies(callee: str, directory: Directory) -> set[str]:
    if not directory.is_class(callee):
        return {callee}
    return {found for name in ("__init__", "__new__", "__post_init__") if (found := directory.method(callee, name))}


def _known(written: str, callee: str, parameters: set[str]) -> bool:
    if callee:
        module, _, name = callee.partition(":")
        return module in _MODULES or f"{module}.{name.partition('.')[0]}" in _MODULES
    if written in parameters:
        return False
    head, dot, _ = written.partition(".")
    if written in _BUILTINS or (not dot and written.endswith(("Error", "Exception", "Warning"))):
        return True
    if head in ("self", "cls"):
        return False
    return bool(dot) and written.rpartition(".")[2] in _METHODS

"""Methods that leave their object as it was, as far as their text tells: nobody calls them for what they do to it."""

import re

from qtest.generate.search.code import Code, owner_of
from qtest.generate.search.making import last_name
from qtest.records.system import Symbol

_BUILTIN = frozenset(
    (
        *("abs", "all", "any", "bool", "bytes", "callable", "chr", "dict", "divmod", "enumerate", "filter", "float"),
        *("format", "frozenset", "getattr", "hasattr", "hash", "id", "int", "isinstance", "issubclass", "len", "list"),
        *("map", "max", "min", "ord", "range", "repr", "reversed", "round", "set", "sorted", "str", "sum", "super"),
        *("tuple", "type", "zip"),
    )
)
_READING = frozenset(
    (
        *("as_integer_ratio", "bit_length", "capitalize", "casefold", "copy", "count", "decode", "encode", "endswith"),
        *("find", "findall", "finditer", "format", "fullmatch", "get", "group", "groupdict", "groups", "hex", "index"),
        *(
            "isalnum",
            "isalpha",
            "isdecimal",
            "isdigit",
            "isidentifier",
            "isoformat",
            "isspace",
            "items",
            "join",
            "keys",
        ),
        *(
            "ljust",
            "lower",
            "lstrip",
            "match",
            "partition",
            "removeprefix",
            "removesuffix",
            "replace",
            "rfind",
            "rjust",
        ),
        *("rpartition", "rsplit", "rstrip", "search", "split", "splitlines", "startswith", "strftime", "strip", "sub"),
        *("timetuple", "title", "total_seconds", "translate", "upper", "utctimetuple", "values", "zfill"),
    )
)
_NAMED = re.compile(
    r"(as|is|has|get|to|find|count|list|iter|format|describe)_|(copy|keys|values|items|get|find|count|index)$"
)
_DEPTH = 6


def is_quiet(method: Symbol, code: Code) -> bool:
    """By its text, where what is not known counts as a change, or by its name."""
    return bool(_NAMED.match(last_name(method.id))) or _quiet(method, code, frozenset(), 0)


def _quiet(symbol: Symbol, code: Code, above: frozenset[str], depth: int) -> bool:
    if symbol.id in above:
        return True
    if depth > _DEPTH or symbol.effects or symbol.writes or symbol.is_async or symbol.is_generator:
        return False
    above = above | {symbol.id}
    return all(_quiet_call(call, symbol, code, above, depth) for call in symbol.calls)


def _quiet_call(call: str, caller: Symbol, code: Code, above: frozenset[str], depth: int) -> bool:
    head, _, rest = call.partition(".")
    if head in ("self", "cls") and rest and "." not in rest:
        for cls in code.line(owner_of(caller.id)):
            if f"{cls}.{rest}" in code.symbols:
                return _quiet(code.symbols[f"{cls}.{rest}"], code, above, depth + 1)
        return rest in _READING
    if not rest:
        found = code.symbols.get(f"{code.module}:{head}")
        if found is None:
            return head in _BUILTIN
        return found.kind == "class" or _quiet(found, code, above, depth + 1)
    return call.rpartition(".")[2] in _READING

"""Which functions use which others: what a plain one shows needs no call of one that goes through it."""

import ast
from collections.abc import Iterator, Mapping, Set

from qtest.generate.search.code import Code, owner_of


def used_by(code: Code) -> dict[str, frozenset[str]]:
    """By symbol, all the functions and methods that it names, and that these name."""
    direct = {symbol: frozenset(_named(symbol, code)) - {symbol} for symbol in code.functions}
    return {symbol: frozenset(_closed(symbol, direct)) - {symbol} for symbol in direct}


def _named(symbol: str, code: Code) -> Iterator[str]:
    home, owner = symbol.partition(":")[0], owner_of(symbol)
    for node in ast.walk(code.functions[symbol]):
        match node:
            case ast.Name(id=name) if f"{home}:{name}" in code.functions:
                yield f"{home}:{name}"
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if f"{owner}.{name}" in code.functions:
                yield f"{owner}.{name}"


def _closed(symbol: str, direct: Mapping[str, Set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [symbol]
    while waiting:
        new = direct[waiting.pop()] - found
        found |= new
        waiting += new
    return found

"""What changed from one revision's model to the next."""

from collections.abc import Iterator, Mapping

from qtest.records.record import Record
from qtest.records.system import Difference, Symbol, SystemModel

_WHERE = frozenset(("line", "end_line", "path", "sha256", "symbols"))


def diff(old: SystemModel, new: SystemModel) -> tuple[Difference, ...]:
    """By what it is, then name. Code that only moved within its file has not changed."""
    return (
        *_compared("module", _modules(old), _modules(new)),
        *_compared("symbol", _symbols(old), _symbols(new)),
        *_compared("entry point", _entries(old), _entries(new)),
        *_compared("entity", _entities(old), _entities(new)),
    )


def _modules(system: SystemModel) -> dict[str, Record]:
    return {module.name: module for module in system.modules}


def _symbols(system: SystemModel) -> dict[str, Record]:
    return {symbol.id: symbol for module in system.modules for symbol in module.symbols}


def _entries(system: SystemModel) -> dict[str, Record]:
    """Plain functions are told as symbols already."""
    outside = (entry for entry in system.entries if entry.kind not in ("function", "method"))
    return {f"{entry.kind} {entry.name}": entry for entry in outside}


def _entities(system: SystemModel) -> dict[str, Record]:
    return {entity.symbol: entity for entity in system.entities}


def _compared(what: str, old: Mapping[str, Record], new: Mapping[str, Record]) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            yield Difference.model_validate({"what": what, "name": name, "how": "added"})
        elif name not in new:
            yield Difference.model_validate({"what": what, "name": name, "how": "removed"})
        elif aspects := tuple(_aspects(old[name], new[name])):
            yield Difference.model_validate({"what": what, "name": name, "how": "changed", "aspects": aspects})


def _aspects(old: Record, new: Record) -> Iterator[str]:
    if old == new:
        return
    for name in type(old).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if name not in _WHERE and before != after and _still(before) != _still(after):
            yield name
    if isinstance(old, Symbol) and isinstance(new, Symbol) and old.kind != "class" and _length(old) != _length(new):
        yield "length"


def _length(symbol: Symbol) -> int:
    return symbol.end_line - symbol.line


def _still(value: object) -> object:
    """The same without lines of code."""
    if isinstance(value, tuple):
        return tuple(_still(item) for item in value)
    if isinstance(value, Record):
        return {name: getattr(value, name) for name in type(value).model_fields if name not in _WHERE}
    return value

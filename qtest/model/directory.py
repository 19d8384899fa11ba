"""Finds what a name means anywhere in the repository: through imports, re-exports and inheritance."""

import sys
from collections.abc import Iterable
from functools import cached_property

from qtest.records.system import Module, Symbol

_DEPTH = 12  # re-exports of re-exports; a circle of imports ends here


class Directory:
    def __init__(self, modules: Iterable[Module]) -> None:
        self.modules = {module.name: module for module in modules}
        self.symbols = {symbol.id: symbol for module in self.modules.values() for symbol in module.symbols}
        self._scopes: dict[str, dict[str, str]] = {}

    @cached_property
    def packages(self) -> frozenset[str]:
        """Every dotted name that is a module or leads to one."""
        return frozenset(
            ".".join(name.split(".")[: count + 1]) for name in self.modules for count in range(name.count(".") + 1)
        )

    @cached_property
    def homes(self) -> frozenset[str]:
        """Top-level names that can be imported where the code runs: its own, what it imports, the standard library."""
        imported = {item.source for module in self.modules.values() for item in module.imports}
        tops = {name.partition(":")[0].partition(".")[0] for name in (*imported, *self.modules)}
        return frozenset(tops | sys.stdlib_module_names | {"builtins"})

    def is_module(self, name: str) -> bool:
        return name in self.packages

    def is_class(self, symbol: str) -> bool:
        found = self.symbols.get(symbol)
        return found is not None and found.kind == "class"

    def is_enum(self, symbol: str) -> bool:
        return any(base.rpartition(".")[2] in _ENUMS for owner in self.lineage(symbol) for base in owner.bases)

    def scope(self, module: str) -> dict[str, str]:
        """Names of a module to what they mean: `module`, or `module:qualname`."""
        if module not in self._scopes:
            self._scopes[module] = self._names(module, 0)
        return self._scopes[module]

    def _names(self, module: str, depth: int) -> dict[str, str]:
        found: dict[str, str] = {}
        record = self.modules.get(module)
        if record is None or depth > _DEPTH:
            return found
        for item in record.imports:
            if item.name == "*":
                found.update(
                    (name, meaning)
                    for name, meaning in self._names(item.source, depth + 1).items()
                    if not name.startswith("_") or name in self.modules[item.source].exports
                )
            else:
                found.setdefault(item.name, item.source)
        found.update((name, f"{module}:{name}") for name in record.constants)
        found.update((symbol.qualname, symbol.id) for symbol in record.symbols if "." not in symbol.qualname)
        return found

    def canonical(self, symbol: str) -> str:
        """Where a name is defined, following re-exports; a module stays a module. Foreign names come back unchanged."""
        for _ in range(_DEPTH):
            module, colon, qualname = symbol.partition(":")
            if not colon or symbol in self.symbols:
                return symbol
            first, dot, rest = qualname.partition(".")
            meaning = self.scope(module).get(first) if module in self.modules else None
            if meaning is None or meaning == f"{module}:{first}":
                inner = f"{module}.{first}"
                if meaning is None and self.is_module(inner):
                    symbol = f"{inner}:{rest}" if rest else inner
                    continue
                return self._inherited(symbol)
            joiner = dot if ":" in meaning else (":" if rest else "")
            symbol = f"{meaning}{joiner}{rest}"
        return symbol

    def _inherited(self, symbol: str) -> str:
        owner, _, name = symbol.rpartition(".")
        return self.method(owner, name) or symbol if ":" in owner else symbol

    def method(self, owner: str, name: str) -> str:
        """The id of the method that an instance of the class has; empty when it is none of ours."""
        return next((id_ for item in self.lineage(owner) if (id_ := f"{item.id}.{name}") in self.symbols), "")

    def lineage(self, owner: str) -> tuple[Symbol, ...]:
        """The class and its bases inside the repository, nearest first."""
        found: dict[str, Symbol] = {}
        waiting = [owner]
        while waiting and len(found) < 50:
            symbol = self.symbols.get(waiting.pop(0))
            if symbol is None or symbol.kind != "class" or symbol.id in found:
                continue
            found[symbol.id] = symbol
            waiting.extend(self.meaning(symbol.module, base.partition("[")[0]) for base in symbol.bases)
        return tuple(found.values())

    def meaning(self, module: str, written: str) -> str:
        """What a dotted name written in that module means; empty when it is unknown there."""
        first, _, rest = written.partition(".")
        meaning = self.scope(module).get(first)
        if meaning is None:
            return ""
        while rest and ":" not in meaning:
            part, _, left = rest.partition(".")
            inner = f"{meaning}.{part}"
            if f"{meaning}:{part}" not in self.symbols and self.is_module(inner):
                meaning, rest = inner, left
            else:
                return self.canonical(f"{meaning}:{rest}")
        if ":" not in meaning:
            return meaning
        return self.canonical(f"{meaning}.{rest}" if rest else meaning)


_ENUMS = frozenset(("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum"))

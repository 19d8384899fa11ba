"""Which functions a change touches, and which reach those through their calls."""

import ast
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from qtest.records.system import Module, Symbol, SystemModel

_WORD = re.compile(r"\w+")
Text = Callable[[Module], str]


@dataclass(frozen=True)
class Revision:
    """`text` gives a module's source."""

    system: SystemModel
    text: Text


@dataclass(frozen=True)
class Affected:
    """Ids. `touched` are in both revisions and not the same; `reaching` call those, directly or not, the nearest first."""

    touched: tuple[str, ...] = ()
    reaching: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def replayed(self) -> tuple[str, ...]:
        return (*self.touched, *self.reaching)


def affected(old: Revision, new: Revision) -> Affected:
    was, now = _Parts.of(old), _Parts.of(new)
    both = was.symbols.keys() & now.symbols.keys()
    touched = {name for name in both if _differ(was.body(name), now.body(name))}
    touched |= {name for side in (was, now) for name in side.using(_changed_names(was, now)) if name in both}
    return Affected(
        touched=tuple(sorted(touched)),
        reaching=tuple(name for name in _reaching(touched, (old.system, new.system)) if name in both),
        added=tuple(sorted(now.symbols.keys() - both)),
        removed=tuple(sorted(was.symbols.keys() - both)),
    )


@dataclass(frozen=True)
class _Parts:
    """A revision cut into functions, what a class says outside of its own, and what a module says outside of all."""

    symbols: Mapping[str, Symbol]
    modules: Mapping[str, Module]
    lines: Mapping[str, list[str]]
    inside: Mapping[str, tuple[Symbol, ...]]

    @staticmethod
    def of(revision: Revision) -> "_Parts":
        modules = {module.name: module for module in revision.system.modules if module.language == "python"}
        symbols = {symbol.id: symbol for module in modules.values() for symbol in module.symbols}
        inside: dict[str, tuple[Symbol, ...]] = {}
        for symbol in symbols.values():
            owner = symbol.id.rpartition(".")[0]
            inside[owner] = (*inside.get(owner, ()), symbol)
        return _Parts(
            symbols, modules, {name: revision.text(one).splitlines() for name, one in modules.items()}, inside
        )

    def body(self, name: str) -> list[str]:
        """Without what stands in a function of its own, without blank lines and comments."""
        symbol = self.symbols[name]
        own = set(range(symbol.line, symbol.end_line + 1))
        if symbol.kind == "class":
            own -= {line for part in self.inside.get(name, ()) for line in range(part.line, part.end_line + 1)}
        lines = self.lines[symbol.module]
        return list(_code(lines[line - 1] for line in sorted(own) if line <= len(lines)))

    def using(self, names: Mapping[str, frozenset[str]]) -> Iterator[str]:
        """Functions whose text has one of the names, by module; all of a module for an empty name."""
        for module in self.modules.values():
            wanted = set(names.get(module.name, ()))
            for item in module.imports:
                home, _, name = item.source.partition(":")
                if name in names.get(home, ()):
                    wanted.add(item.name)
                wanted |= names.get(item.source.replace(":", "."), frozenset()) - {""}
            for symbol in module.symbols:
                words = set(_WORD.findall("\n".join(self.body(symbol.id)))) if wanted else set()
                if "" in wanted or words & wanted:
                    yield symbol.id


def _code(lines: Iterable[str]) -> Iterator[str]:
    return (line.rstrip() for line in lines if line.strip() and not line.lstrip().startswith("#"))


def _differ(old: list[str], new: list[str]) -> bool:
    """As programs, where they are some: what only a reader sees does not count."""
    return old != new and (_program(old) or old) != (_program(new) or new)


def _program(lines: list[str]) -> str:
    try:
        tree = ast.parse(textwrap.dedent("\n".join(lines)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and _is_text(node.body[0]):
            node.body = node.body[1:]
    return ast.dump(tree)


def _changed_names(was: _Parts, now: _Parts) -> dict[str, frozenset[str]]:
    """By module: what is bound outside of functions and classes and is not the same; an empty name where that cannot be said."""
    found = {}
    for name in was.modules.keys() & now.modules.keys():
        old, new = _bound(was.lines[name]), _bound(now.lines[name])
        found[name] = frozenset(bound for bound in old.keys() | new.keys() if old.get(bound) != new.get(bound))
    return found


def _bound(lines: list[str]) -> dict[str, str]:
    """From name to what its statements say. Statements that are no plain bindings share the empty name."""
    said: dict[str, str] = {}
    try:
        body = ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {"": "\n".join(lines)}
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or _is_text(statement):
            continue
        for name, what in _names(statement):
            said[name] = said.get(name, "") + what
    return said


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _names(statement: ast.stmt) -> list[tuple[str, str]]:
    """Each with what binds it."""
    whole = ast.dump(statement)
    match statement:
        case ast.Import(names=names):
            return [((one.asname or one.name).partition(".")[0], ast.dump(one)) for one in names]
        case ast.ImportFrom(names=names, module=module, level=level):
            return [(one.asname or one.name, f"{level} {module} {ast.dump(one)}") for one in names]
        case ast.Assign(targets=targets):
            parts = [part for target in targets for part in ast.walk(target)]
            return [(part.id, whole) for part in parts if isinstance(part, ast.Name)] or [("", whole)]
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.AugAssign(target=ast.Name(id=name)):
            return [(name, whole)]
    return [("", whole)]


def _reaching(touched: Iterable[str], systems: Iterable[SystemModel]) -> Iterator[str]:
    callers: dict[str, set[str]] = {}
    for system in systems:
        for edge in system.calls:
            callers.setdefault(edge.callee, set()).add(edge.caller)
    seen = set(touched)
    near = sorted(seen)
    while near:
        near = sorted({caller for name in near for caller in callers.get(name, ())} - seen)
        seen.update(near)
        yield from near

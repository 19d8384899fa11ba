"""Where the outside comes in: functions and methods anybody may call, commands, scripts and endpoints."""

from collections.abc import Iterator

from qtest.model.commands import commands
from qtest.model.directory import Directory
from qtest.model.objects import Objects
from qtest.model.web import endpoints
from qtest.records.source import Project
from qtest.records.system import EntryPoint


def entry_points(projects: tuple[Project, ...], directory: Directory, objects: Objects) -> tuple[EntryPoint, ...]:
    """By kind, then name, then symbol."""
    found = {
        (entry.kind, entry.name, entry.symbol): entry
        for entry in (
            *endpoints(directory, objects),
            *commands(projects, directory, objects),
            *_functions(directory),
        )
    }
    return tuple(found[key] for key in sorted(found))


def _functions(directory: Directory) -> Iterator[EntryPoint]:
    """Of public modules and classes; what Python calls by itself, such as `__len__`, is no door."""
    exported = _exported(directory)
    for symbol in directory.symbols.values():
        if symbol.kind == "class" or not symbol.public or _is_hidden(symbol.qualname):
            continue
        top = f"{symbol.module}:{symbol.qualname.partition('.')[0]}"
        if _is_hidden(symbol.module) and top not in exported:
            continue
        kind = "function" if symbol.kind == "function" else "method"
        yield EntryPoint(kind=kind, name=symbol.id, symbol=symbol.id, path=symbol.path, line=symbol.line)


def _exported(directory: Directory) -> frozenset[str]:
    """What public packages hand on from private modules."""
    return frozenset(
        directory.canonical(meaning)
        for module in directory.modules.values()
        if module.path.endswith("__init__.py") and not _is_hidden(module.name)
        for name, meaning in directory.scope(module.name).items()
        if ":" in meaning and not name.startswith("_") and (not module.exports or name in module.exports)
    )


def _is_hidden(dotted: str) -> bool:
    return any(part.startswith("_") for part in dotted.split("."))

"""How the repository uses its own symbols: in its code, its tests, its docstrings and its pages."""

from collections import Counter
from collections.abc import Callable, Iterator

from qtest.languages.python.examples import Reader
from qtest.languages.python.importing import module_name
from qtest.languages.python.meaning import Meaning
from qtest.languages.python.source import decoded, tree_of
from qtest.model.directory import Directory
from qtest.model.projects import project_of
from qtest.records.record import digest_of
from qtest.records.source import RawSourceBundle, SourceFile
from qtest.records.system import Origin, Usage

_EACH = 40  # of one symbol: more say little new, and briefs must stay small
_PAGES = (".md", ".rst", ".txt")
_LARGEST = 1_000_000  # bytes; larger files are data
_ORIGINS: tuple[Origin, ...] = ("doctest", "existing test", "documentation", "call site")


def usages(bundle: RawSourceBundle, store_get: Callable[[str], bytes], directory: Directory) -> tuple[Usage, ...]:
    """At most forty of a symbol, with an expected value first; without repeats; by symbol, then origin, then place."""
    found: dict[str, dict[str, Usage]] = {}
    for usage in _all(bundle, store_get, directory):
        key = digest_of(f"{usage.text}|{usage.call}|{usage.setup}")
        kept = found.setdefault(usage.symbol, {})
        if key not in kept or (usage.expected and not kept[key].expected):
            kept[key] = usage
    return tuple(usage for symbol in sorted(found) for usage in _best(list(found[symbol].values())))


def _best(found: list[Usage]) -> list[Usage]:
    """A file that calls a symbol a hundred times leaves room for others."""
    ordered = sorted(found, key=lambda usage: (not usage.expected, _ORIGINS.index(usage.origin)))
    seen: Counter[str] = Counter()
    first: list[Usage] = []
    later: list[Usage] = []
    for usage in ordered:
        file = usage.place.rpartition(":")[0]
        seen[file] += 1
        (first if seen[file] <= _EACH // 2 else later).append(usage)
    return sorted([*first, *later][:_EACH], key=lambda usage: _ORIGINS.index(usage.origin))


def _all(bundle: RawSourceBundle, store_get: Callable[[str], bytes], directory: Directory) -> Iterator[Usage]:
    for module in directory.modules.values():
        for symbol_doc, line in [
            (module.docstring, 1),
            *((symbol.docstring, symbol.line) for symbol in module.symbols),
        ]:
            if ">>>" in symbol_doc:
                scope: dict[str, Meaning] = dict(directory.scope(module.name))
                reader = _reader(module.path, module.name, directory, "doctest")
                yield from reader.in_prose(symbol_doc, scope, line)
    for file in bundle.files:
        if file.size <= _LARGEST:
            yield from _in_file(file, bundle, store_get, directory)


def _in_file(
    file: SourceFile, bundle: RawSourceBundle, store_get: Callable[[str], bytes], directory: Directory
) -> Iterator[Usage]:
    code = file.language == "python" and file.role in ("source", "test", "other")
    if not code and not file.path.endswith(_PAGES):
        return
    project = project_of(file.path, bundle.projects)
    if project is None:
        return
    try:
        text = decoded(store_get(file.sha256))
        if not code:
            reader = _reader(file.path, "", directory, "documentation")
            if ">>>" in text:
                yield from reader.in_prose(text, {})
            yield from reader.in_page(text)
            return
        name = module_name(file.path, project)
        origin: Origin = "existing test" if file.role == "test" else "call site"
        own: dict[str, Meaning] = dict(directory.scope(name)) if file.role == "source" else {}
        yield from _reader(file.path, name, directory, origin).in_file(tree_of(text, file.path), own)
    except (SyntaxError, RecursionError):
        return  # what cannot be read as code is a Problem of the model when it is source, and no example otherwise


def _reader(path: str, module: str, directory: Directory, origin: Origin) -> Reader:
    return Reader(
        path=path,
        module=module,
        package=path.endswith("__init__.py"),
        known=directory,
        ours=directory.symbols,
        homes=directory.homes,
        origin=origin,
    )

"""The system model of a bundle: every source file read, calls resolved, purity told, usages gathered."""

from collections.abc import Callable, Iterator, Mapping

from qtest.languages.python.source import decoded, reason_of
from qtest.model.callgraph import call_graph
from qtest.model.directory import Directory
from qtest.model.entities import entities
from qtest.model.entrypoints import entry_points
from qtest.model.flows import flows
from qtest.model.history import histories
from qtest.model.interactions import interactions
from qtest.model.objects import Objects
from qtest.model.projects import project_of
from qtest.model.purity import pure_symbols
from qtest.model.usages import usages
from qtest.ports import Parser
from qtest.records.source import Project, RawSourceBundle, SourceFile
from qtest.records.system import Module, Problem, SystemModel

_LARGEST = 1_000_000  # bytes: hostile lines of that length take some 20 s to read, what people write 4 s


def build(bundle: RawSourceBundle, store_get: Callable[[str], bytes], parsers: Mapping[str, Parser]) -> SystemModel:
    """A file that cannot be read is a Problem, never an error."""
    modules: list[Module] = []
    problems: list[Problem] = []
    for read in _read(bundle, store_get, parsers):
        if isinstance(read, Module):
            modules.append(read)
        else:
            problems.append(read)
    modules.sort(key=lambda module: (module.name, module.path))
    kept = tuple(_first_of_each_name(modules, problems))
    directory = Directory(module for module in kept if module.depth == "full")
    objects = Objects(directory)
    calls = call_graph(directory)
    entries = entry_points(bundle.projects, directory, objects)
    reached = interactions(directory, objects)
    return SystemModel(
        modules=tuple(module.model_copy(update={"sites": ()}) for module in kept),
        calls=calls,
        usages=usages(bundle, store_get, directory),
        pure=pure_symbols(directory),
        problems=tuple(sorted(problems, key=lambda problem: problem.path)),
        histories=histories(bundle),
        entries=entries,
        entities=entities(directory, objects),
        interactions=reached,
        flows=flows(directory.symbols.values(), calls, reached, entries),
    )


def _read(
    bundle: RawSourceBundle, store_get: Callable[[str], bytes], parsers: Mapping[str, Parser]
) -> Iterator[Module | Problem]:
    for file in bundle.files:
        parser = parsers.get(file.language)
        if file.role != "source" or parser is None or not file.path.endswith(parser.suffixes):
            continue
        project = project_of(file.path, bundle.projects) or _nobodys(file)
        if project is None:
            continue
        try:
            module = parser.parse(_text(file, store_get), file.path, project)
            yield module.model_copy(update={"sha256": file.sha256})
        except (SyntaxError, RecursionError) as error:
            yield Problem(path=file.path, reason=reason_of(error))


def _text(file: SourceFile, store_get: Callable[[str], bytes]) -> str:
    """Raises SyntaxError. Only Python says in the file how it is encoded."""
    if file.size > _LARGEST:
        raise SyntaxError(f"larger than {_LARGEST:,} bytes: a table, not code")
    data = store_get(file.sha256)
    return decoded(data) if file.language == "python" else data.decode("utf-8", "replace")


def _nobodys(file: SourceFile) -> Project | None:
    """Code beside the projects belongs to the whole, where its language needs no import roots."""
    if file.language == "python":
        return None
    return Project(root="", language=file.language, name="", layout="unknown", import_roots=("",))


def _first_of_each_name(modules: list[Module], problems: list[Problem]) -> Iterator[Module]:
    seen: dict[str, str] = {}
    for module in modules:
        if module.name in seen:
            problems.append(Problem(path=module.path, reason=f"{seen[module.name]} has the same module name"))
            continue
        seen[module.name] = module.path
        yield module

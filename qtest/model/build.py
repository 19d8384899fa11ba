"""The system model of a bundle: every source file read, calls resolved, purity told, usages gathered."""

from collections.abc import Callable, Iterator, Mapping

from qtest.languages.python.source import decoded, reason_of
from qtest.model.callgraph import call_graph
from qtest.model.directory import Directory
from qtest.model.history import histories
from qtest.model.projects import project_of
from qtest.model.purity import pure_symbols
from qtest.model.usages import usages
from qtest.ports import Language
from qtest.records.source import RawSourceBundle
from qtest.records.system import Module, Problem, SystemModel


def build(bundle: RawSourceBundle, store_get: Callable[[str], bytes], languages: Mapping[str, Language]) -> SystemModel:
    """A file that cannot be read is a Problem, never an error."""
    modules: list[Module] = []
    problems: list[Problem] = []
    for read in _read(bundle, store_get, languages):
        if isinstance(read, Module):
            modules.append(read)
        else:
            problems.append(read)
    modules.sort(key=lambda module: (module.name, module.path))
    directory = Directory(_first_of_each_name(modules, problems))
    kept = tuple(directory.modules.values())
    return SystemModel(
        modules=kept,
        calls=call_graph(directory),
        usages=usages(bundle, store_get, directory),
        pure=pure_symbols(directory),
        problems=tuple(sorted(problems, key=lambda problem: problem.path)),
        histories=histories(bundle),
    )


def _read(
    bundle: RawSourceBundle, store_get: Callable[[str], bytes], languages: Mapping[str, Language]
) -> Iterator[Module | Problem]:
    for file in bundle.files:
        language = languages.get(file.language)
        if file.role != "source" or language is None or not file.path.endswith(language.suffixes):
            continue
        project = project_of(file.path, bundle.projects)
        if project is None:
            continue
        try:
            module = language.parse(decoded(store_get(file.sha256)), file.path, project)
            yield module.model_copy(update={"sha256": file.sha256})
        except SyntaxError as error:
            yield Problem(path=file.path, reason=reason_of(error))


def _first_of_each_name(modules: list[Module], problems: list[Problem]) -> Iterator[Module]:
    seen: dict[str, str] = {}
    for module in modules:
        if module.name in seen:
            problems.append(Problem(path=module.path, reason=f"{seen[module.name]} has the same module name"))
            continue
        seen[module.name] = module.path
        yield module

"""What a run has to propose, cut to what a reviewer reads at once, under names that the same content finds again."""

from collections.abc import Callable, Iterator, Sequence

from qtest.records.delivery import PREFIX, Change, Proposal, PullText
from qtest.records.file import TestFile, WrittenFile
from qtest.records.outcome import ModuleOutcome, ValidatedTest
from qtest.records.record import digest_of
from qtest.records.report import RunReport

Text = Callable[[RunReport], PullText]
Wanted = Callable[[ValidatedTest], bool]
Besides = Callable[[RunReport], Sequence[WrittenFile]]
_DIGITS = 12
_NAMED = 3


def everything(test: ValidatedTest) -> bool:
    return True


def mark(content: str) -> str:
    """Begins a pull request's text, where nobody sees it: by this it is known again when its branch is gone."""
    return f"<!-- qtest: {content} -->"


def proposals(report: RunReport, text: Text, wanted: Wanted, besides: Besides, most_lines: int) -> tuple[Proposal, ...]:
    """Modules in plan order; a module is never torn apart."""
    modules = [module for module in (_kept(module, wanted) for module in report.modules) if module.file]
    groups = _groups(modules, most_lines)
    return tuple(_proposal(report.model_copy(update={"modules": group}), text, besides) for group in groups)


def _kept(module: ModuleOutcome, wanted: Wanted) -> ModuleOutcome:
    """Without the tests that are not wanted, which are whole functions; without a file when none is left."""
    unwanted = {one.name for one in module.outcomes if isinstance(one, ValidatedTest) and not wanted(one)}
    if not unwanted or module.file is None:
        return module
    outcomes = tuple(one for one in module.outcomes if not (isinstance(one, ValidatedTest) and one.name in unwanted))
    return module.model_copy(update={"file": _without(module.file, unwanted), "outcomes": outcomes})


def _without(file: TestFile, names: set[str]) -> TestFile | None:
    gone = {number for test in file.tests if test.name in names for number in range(test.line, test.end_line + 1)}
    tests = tuple(test for test in file.tests if test.name not in names)
    lines = file.text.splitlines(keepends=True)
    kept = "".join(line for number, line in enumerate(lines, 1) if number not in gone)
    text = kept if file.host else kept.rstrip() + "\n"
    return file.model_copy(update={"text": text, "tests": tests}) if tests else None


def _groups(modules: Sequence[ModuleOutcome], most_lines: int) -> Iterator[tuple[ModuleOutcome, ...]]:
    group: list[ModuleOutcome] = []
    for module in modules:
        if group and sum(map(_lines, (*group, module))) > most_lines:
            yield tuple(group)
            group = []
        group.append(module)
    if group:
        yield tuple(group)


def _lines(module: ModuleOutcome) -> int:
    return module.file.added if module.file else 0


def _proposal(part: RunReport, text: Text, besides: Besides) -> Proposal:
    """`part` is the report of its modules alone."""
    tests = tuple(module.file.written() for module in part.modules if module.file)
    names = tuple(module.module for module in part.modules)
    content = digest_of("\0".join((*names, *(file.to_json() for file in tests))))
    base = part.revision.sha256
    said = text(part)
    return Proposal(
        modules=names,
        branch=f"{PREFIX}tests-{digest_of(base + content)[:_DIGITS]}",
        change=Change(base=base, files=(*tests, *besides(part)), message=_subject(names)),
        text=said.model_copy(update={"body": f"{mark(content)}\n{said.body}"}),
        tests=frozenset(file.path for file in tests),
        content=content,
    )


def _subject(modules: Sequence[str]) -> str:
    """Nothing that a second run would say otherwise: the same tests are the same commit."""
    rest = len(modules) - _NAMED
    return f"Add tests for {', '.join(modules[:_NAMED])}" + (f" and {rest} more" if rest > 0 else "")

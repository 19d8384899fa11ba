"""Everything a writer needs to know about one module, gathered from the whole."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from qtest.languages.python.extend import unfit
from qtest.plan.domain import domains_of
from qtest.plan.naming import TestPaths
from qtest.plan.shares import shares_of
from qtest.records.baseline import Baseline
from qtest.records.file import TestStyle, WrittenFile
from qtest.records.plan import Brief, SiblingSource, TestPlan
from qtest.records.system import Module, Symbol, SystemModel, Usage

_NEIGHBOURS = 60
_SIBLINGS = 12
_SIBLING_SIZE = 200_000
_USAGES = 400
_EXISTING = 200
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def briefs(
    system: SystemModel,
    baseline: Baseline,
    plan: TestPlan,
    get_text: Callable[[str], str],
    style_of: Callable[[str], TestStyle],
    seed: str,
) -> Iterator[Brief]:
    """In plan order. `get_text` gives a bundle file's text, or raises KeyError; `style_of` takes a project's root."""
    shares = shares_of(plan, system)
    desk = _Desk(system, baseline, get_text)
    for name, share in shares.items():
        module = desk.modules[name]
        style = style_of(module.project)
        host, apart = desk.host(module)
        targets = tuple(target for target in plan.targets if target.module == name and target.written)
        yield Brief(
            module=module,
            source=get_text(module.path),
            project=module.project,
            targets=targets,
            neighbours=desk.neighbours(module),
            siblings=desk.siblings(module),
            usages=_fair(desk.usages.get(name, [])),
            existing_tests=desk.existing_tests(module),
            domain=tuple(domains_of([module.name, *(symbol.qualname for symbol in module.symbols)])),
            style=style,
            test_path=desk.paths.path_of(module, style),
            host=host,
            apart=apart,
            share=share,
            seed=seed,
        )


class _Desk:
    def __init__(self, system: SystemModel, baseline: Baseline, get_text: Callable[[str], str]) -> None:
        self._system, self._baseline, self._get_text = system, baseline, get_text
        self.modules = {module.name: module for module in system.modules}
        self._symbols = {symbol.id: symbol for module in system.modules for symbol in module.symbols}
        self.paths = TestPaths(system.modules, _nodes(baseline), get_text)
        self.usages: dict[str, list[Usage]] = {}
        for usage in system.usages:
            self.usages.setdefault(usage.symbol.partition(":")[0], []).append(usage)
        self._called: dict[str, set[str]] = {}
        for edge in system.calls:
            self._called.setdefault(edge.caller.partition(":")[0], set()).add(edge.callee)

    def neighbours(self, module: Module) -> tuple[Symbol, ...]:
        """What the module calls elsewhere, then the classes its annotations and bases name, with how they are made."""
        called = sorted(self._called.get(module.name, ()))
        written = [text for symbol in module.symbols for text in _types_in(symbol)]
        names = dict.fromkeys(name for text in written for name in _NAME.findall(text))
        typed = [found for name in names for found in self._meant(name, module)]
        found = [id_ for id_ in dict.fromkeys([*called, *typed]) if id_.partition(":")[0] != module.name]
        return tuple(self._symbols[id_] for id_ in found if id_ in self._symbols)[:_NEIGHBOURS]

    def _meant(self, name: str, module: Module) -> Iterator[str]:
        first, _, rest = name.partition(".")
        source = next((item.source for item in module.imports if item.name == first), "")
        for _ in range(6):
            target = f"{source}:{rest}" if ":" not in source and rest else source
            if target in self._symbols:
                yield target
                if f"{target}.__init__" in self._symbols:
                    yield f"{target}.__init__"
                return
            home, _, wanted = target.partition(":")
            exporter = self.modules.get(home)
            source, rest = (_import_of(exporter, wanted) if exporter and wanted else ""), ""
            if not source:
                return

    def siblings(self, module: Module) -> tuple[SiblingSource, ...]:
        """Modules of the same project that it imports, and those that they import, until the page is full."""
        near = self._imported(module)
        far = [other for name in near for other in self._imported(self.modules[name])]
        found: list[SiblingSource] = []
        room = _SIBLING_SIZE
        for name in dict.fromkeys([*near, *far]):
            other = self.modules[name]
            if name == module.name or other.project != module.project or len(found) == _SIBLINGS:
                continue
            source = self._get_text(other.path)
            if len(source) <= room:
                room -= len(source)
                found.append(SiblingSource(module=name, path=other.path, source=source))
        return tuple(found)

    def _imported(self, module: Module) -> list[str]:
        sources = [item.source for item in module.imports]
        names = [name for source in sources for name in (source.replace(":", "."), source.partition(":")[0])]
        return [name for name in dict.fromkeys(names) if name in self.modules]

    def host(self, module: Module) -> tuple[WrittenFile | None, str]:
        """The module of tests that new ones are added to; else why the one that there is takes none. A slow one is not: every gate would
        run it."""
        path, ground = self.paths.habit_of(module), self._baseline.of(module.project)
        if ground is None or not self.paths.exists(path):
            return None, ""
        bad = next((test for test in ground.suite.unusable if test.node.partition("::")[0] == path), None)
        text = self._get_text(path) if bad is None else ""
        why = f"{bad.node.partition('::')[2]} in it is slow or does not pass every time" if bad else unfit(text)
        return (None, f"{path} takes no tests: {why}") if why else (WrittenFile(path=path, text=text), "")

    def existing_tests(self, module: Module) -> tuple[str, ...]:
        """Tests that ran a line of the module; where lines are not known, those in a file of its name."""
        ground = self._baseline.of(module.project)
        if ground is None:
            return ()
        touching = [
            test.node
            for test in ground.suite.measured.tests
            if any(file.path == module.path and file.lines for file in test.lines)
        ]
        stem = module.name.rpartition(".")[2].strip("_")
        named = [node for node in ground.suite.usable if _is_named_for(node, stem)]
        return tuple(dict.fromkeys([*touching, *named]))[:_EXISTING]


def _fair(usages: Sequence[Usage]) -> tuple[Usage, ...]:
    """As many of each symbol as there is room for, so that the last one is not the one without."""
    most = max(3, _USAGES // max(1, len({usage.symbol for usage in usages})))
    seen: Counter[str] = Counter()
    found: list[Usage] = []
    for usage in usages:
        seen[usage.symbol] += 1
        if seen[usage.symbol] <= most:
            found.append(usage)
    return tuple(found)


def _is_named_for(node: str, stem: str) -> bool:
    file = node.partition("::")[0].rpartition("/")[2]
    return file in (f"test_{stem}.py", f"{stem}_test.py", f"tests_{stem}.py")


def _types_in(symbol: Symbol) -> Iterator[str]:
    yield from symbol.bases
    yield from (parameter.annotation for parameter in symbol.parameters if parameter.annotation)
    if symbol.returns:
        yield symbol.returns


def _import_of(module: Module, name: str) -> str:
    return next((item.source for item in module.imports if item.name == name), "")


def _nodes(baseline: Baseline) -> tuple[str, ...]:
    return tuple(
        node
        for ground in baseline.projects
        for node in (*ground.suite.usable, *(test.node for test in ground.suite.unusable))
    )

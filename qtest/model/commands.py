"""Commands of the terminal: argparse, click and typer, console scripts and `__main__` guards."""

from collections.abc import Iterator, Mapping

from qtest.model.arguments import by_name, by_place, literal
from qtest.model.directory import Directory
from qtest.model.interactions import enclosing
from qtest.model.objects import Objects
from qtest.records.source import Project
from qtest.records.system import EntryPoint, Module, Site

_CLICK = frozenset(("click", "typer", "rich_click", "asyncclick"))
_DEEPEST = 6  # groups in groups


def commands(projects: tuple[Project, ...], directory: Directory, objects: Objects) -> Iterator[EntryPoint]:
    scripts = dict(_scripts(projects, objects))
    for name, symbol in scripts.items():
        found = directory.symbols.get(symbol)
        module = directory.modules.get(symbol.partition(":")[0])
        path, line = (found.path, found.line) if found else (module.path if module else "", 1)
        yield EntryPoint(kind="console script", name=name, symbol=symbol, path=path, line=line)
    named = {symbol: name for name, symbol in sorted(scripts.items(), reverse=True)}
    clicks, parsers = _Clicks(directory, objects, named), _Parsers(directory, objects, named)
    for module in directory.modules.values():
        yield from _of_guard(module, objects)
        for site in module.sites:
            yield from clicks.of_site(site, module)
            yield from parsers.of_site(site, module)


def _scripts(projects: tuple[Project, ...], objects: Objects) -> Iterator[tuple[str, str]]:
    for project in projects:
        for name, target in project.scripts:
            yield name, objects.symbol(target.replace(":", ".")) or target


def _of_guard(module: Module, objects: Objects) -> Iterator[EntryPoint]:
    if module.script or module.name.rpartition(".")[2] == "__main__":
        called = [symbol for site in module.sites if site.how == "script" and (symbol := objects.symbol(site.callee))]
        line = next((site.line for site in module.sites if site.how == "script"), 1)
        name = f"python -m {module.name.removesuffix('.__main__')}"
        yield EntryPoint(kind="script", name=name, symbol=next(iter(called), module.name), path=module.path, line=line)


class _Clicks:
    """Functions that click, or typer on top of it, made commands."""

    def __init__(self, directory: Directory, objects: Objects, named: Mapping[str, str]) -> None:
        self._directory, self._objects, self._named = directory, objects, named
        self._added: dict[str, tuple[str, str]] = {}
        for module in directory.modules.values():
            for site in module.sites:
                owner, _, verb = site.callee.rpartition(".")
                if verb in ("add_command", "add_typer") and by_place(site):
                    name = literal(site, 1, "name") or ""
                    self._added.setdefault(objects.canonical(by_place(site)[0].path), (owner, name))

    def of_site(self, site: Site, module: Module) -> Iterator[EntryPoint]:
        verb = site.callee.rpartition(".")[2]
        if site.how != "decorator" or verb not in ("command", "group"):
            return
        foreign = self._objects.foreign(site.callee)
        library = foreign.partition(".")[0]
        if not (library in _CLICK or (library in ("flask", "quart") and ".cli." in foreign)):
            return
        symbol = self._objects.symbol(site.bound) or enclosing(site, module, self._directory)
        name = " ".join(self._words(site.bound, 0))
        framework = library if library in _CLICK else "click"
        yield EntryPoint(
            kind="cli command", name=name, symbol=symbol, path=module.path, line=site.line, framework=framework
        )

    def _words(self, path: str, depth: int) -> list[str]:
        """The words that are typed, from the program's name on."""
        path = self._objects.canonical(path)
        if depth > _DEEPEST:
            return []
        symbol = self._objects.symbol(path) or _as_symbol(path)
        if symbol in self._named:
            return [self._named[symbol]]
        added, own = self._added.get(path, ("", ""))
        for site in self._objects.made.get(path, ()):
            owner, _, verb = site.callee.rpartition(".")
            if verb in ("command", "group"):
                own = own or literal(site, 0, "name") or _dashed(path.rpartition(".")[2])
                foreign = self._objects.foreign(site.callee)
                above = added or (owner if "()" in foreign.rpartition(".")[0] else "")
                return [*(self._words(above, depth + 1) if above else ()), own]
        for site in self._objects.made.get(path, ()):
            own = (
                own
                or literal(site, 9, "name")
                or (literal(site, 0) if site.callee.endswith(("Group", "Command")) else "")
                or ""
            )
        own = own if own or path.endswith(".cli") else ""
        if added:
            return [*self._words(added, depth + 1), *([own] if own else [])]
        if path.endswith(".cli") and self._objects.foreign(path.removesuffix(".cli")).startswith(("flask", "quart")):
            return ["flask"]
        return [own] if own else [self._program(path)]

    def _program(self, path: str) -> str:
        """The console script that lies in the same module, else the module's name."""
        module = next((prefix for prefix in _beginnings(path) if prefix in self._directory.modules), path)
        near = sorted(name for symbol, name in self._named.items() if symbol.partition(":")[0] == module)
        return near[0] if near else _dashed(module.rpartition(".")[2])


def _as_symbol(path: str) -> str:
    """A console script may point at an object that is no function: `pkg.cli:app`."""
    module, _, name = path.rpartition(".")
    return f"{module}:{name}"


class _Parsers:
    """Parsers of argparse, and the parsers inside them."""

    def __init__(self, directory: Directory, objects: Objects, named: Mapping[str, str]) -> None:
        self._directory, self._objects, self._named = directory, objects, named
        self._functions: dict[str, str] = {}
        for module in directory.modules.values():
            for site in module.sites:
                owner, _, verb = site.callee.rpartition(".")
                given = next((given for given in site.arguments if given.path and given.name), None)
                if verb == "set_defaults" and given:
                    self._functions.setdefault(owner, objects.symbol(given.path))

    def of_site(self, site: Site, module: Module) -> Iterator[EntryPoint]:
        last = site.callee.rpartition(".")[2]
        if site.how != "call" or not (last == "add_parser" or last.endswith("Parser")):
            return
        foreign = self._objects.foreign(site.callee)
        if not foreign.startswith("argparse.") and not self._is_parser(site):
            return
        if (foreign.endswith("ArgumentParser") or self._is_parser(site)) and not by_name(site, "add_help"):
            words = [self._program(site, module)]
        elif foreign.endswith(".add_parser") and literal(site, 0):
            words = [*self._above(site.callee.rpartition(".")[0], 0), literal(site, 0) or ""]
        else:
            return
        symbol = self._functions.get(site.bound) or enclosing(site, module, self._directory)
        yield EntryPoint(
            kind="cli command",
            name=" ".join(words),
            symbol=symbol,
            path=module.path,
            line=site.line,
            framework="argparse",
        )

    def _above(self, path: str, depth: int) -> list[str]:
        """The words before a subcommand: from the object that `add_subparsers` gave, up to the program."""
        if depth > _DEEPEST * 2:
            return []
        path = self._objects.canonical(path)
        for site in self._objects.made.get(path, ()):
            owner, _, verb = site.callee.rpartition(".")
            if verb == "add_subparsers":
                return self._above(owner, depth + 1)
            if verb == "add_parser":
                return [*self._above(owner, depth + 1), literal(site, 0) or ""]
            if site.callee.endswith("ArgumentParser") or self._is_parser(site):
                home = next(self._homes(path), None)
                return [self._program(site, home)] if home else []
            if site.how in ("alias", "call") and depth <= _DEEPEST:
                return self._above(site.callee if site.how == "alias" else f"{site.callee}()", depth + 1)
        return []

    def _is_parser(self, site: Site) -> bool:
        """Whether it makes one of the repository's own kinds of parser."""
        symbol = self._objects.symbol(site.callee)
        return self._directory.is_class(symbol) and "argparse.ArgumentParser" in self._objects.bases(symbol)

    def _homes(self, path: str) -> Iterator[Module]:
        return (self._directory.modules[name] for name in _beginnings(path) if name in self._directory.modules)

    def _program(self, site: Site, module: Module) -> str:
        """As it says, else as the console script that leads here is called, else as the module."""
        said = literal(site, 0, "prog")
        if said:
            return said
        symbol = enclosing(site, module, self._directory)
        near = [
            name for target, name in self._named.items() if target == symbol or target.partition(":")[0] == module.name
        ]
        return sorted(near)[0] if near else module.name.removesuffix(".__main__").rpartition(".")[2]


def _beginnings(path: str) -> Iterator[str]:
    """Longest first, without the whole."""
    while path := path.rpartition(".")[0]:
        yield path


def _dashed(name: str) -> str:
    return name.replace("_", "-").lower()

"""Endpoints of Flask and FastAPI and their kin: the decorators and calls that bind a path to a function, prefixes included."""

from collections.abc import Iterator

from qtest.languages.python.libraries import WEB
from qtest.model.arguments import by_name, by_place, literal
from qtest.model.directory import Directory
from qtest.model.interactions import enclosing
from qtest.model.objects import Objects
from qtest.records.system import EntryPoint, Module, Site

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_ROUTES = frozenset((*_METHODS, "route", "websocket", "api_route", "add_url_rule", "add_api_route", "add_route"))
_INCLUDES = frozenset(("register_blueprint", "include_router"))
_FLASK = frozenset(("flask", "quart", "flask_openapi3", "apiflask"))
_DEEPEST = 6  # routers in routers


def endpoints(directory: Directory, objects: Objects) -> Iterator[EntryPoint]:
    prefixes = _Prefixes(directory, objects)
    for module in directory.modules.values():
        for site in module.sites:
            owner, _, verb = site.callee.rpartition(".")
            if verb in _ROUTES and site.how in ("decorator", "call"):
                library = _library(site.callee, objects)
                if library:
                    yield from _of_site(site, verb, owner, library, prefixes, module, directory, objects)


def _library(path: str, objects: Objects) -> str:
    """The framework whose object it is; empty for other libraries, and for its functions."""
    found = objects.foreign(path)
    library = found.partition(".")[0]
    return library if library in WEB and "()" in found else ""


def _of_site(
    site: Site, verb: str, owner: str, library: str, prefixes: "_Prefixes",
    module: Module, directory: Directory, objects: Objects,
) -> Iterator[EntryPoint]:  # fmt: skip
    path = literal(site, 0, "rule", "path")
    if path is None:
        return
    handler = site.bound if site.how == "decorator" else _handler(site, library)
    symbol = objects.symbol(handler) or enclosing(site, module, directory)
    methods = _verbs(site, verb)
    if directory.is_class(symbol) and not by_name(site, "methods"):
        own = [name for name in _METHODS if directory.method(symbol, name)]
        methods = [name.upper() for name in own] or methods
    for prefix in prefixes.of(owner, library):
        for method in methods:
            answer = directory.method(symbol, method.lower()) if directory.is_class(symbol) else ""
            yield EntryPoint(
                kind="endpoint",
                name=f"{method} {_joined(prefix, path)}",
                symbol=answer or symbol,
                path=module.path,
                line=site.line,
                framework=library,
            )


def _handler(site: Site, library: str) -> str:
    """What `add_url_rule` and its kin bind; a view class stands for its methods."""
    named = by_name(site, "view_func") or by_name(site, "endpoint") or by_name(site, "route")
    position = 2 if site.callee.endswith(".add_url_rule") else 1
    given = named if named and named.path else next(iter(by_place(site)[position : position + 1]), None)
    path = given.path if given else ""
    return path.partition(".as_view()")[0]


def _verbs(site: Site, verb: str) -> list[str]:
    if verb in _METHODS:
        return [verb.upper()]
    if verb == "websocket":
        return ["WS"]
    methods = by_name(site, "methods")
    return sorted(text.upper() for text in methods.texts) if methods and methods.texts else ["GET"]


class _Prefixes:
    """What stands before the paths of a router or blueprint: one prefix for each place where it is included."""

    def __init__(self, directory: Directory, objects: Objects) -> None:
        self._objects = objects
        self._included: dict[str, list[tuple[str, Site]]] = {}
        for module in directory.modules.values():
            for site in module.sites:
                owner, _, verb = site.callee.rpartition(".")
                if verb in _INCLUDES:
                    for given in by_place(site)[:1]:
                        child = self._origin(given.path)
                        self._included.setdefault(child, []).append((self._origin(owner), site))

    def of(self, owner: str, library: str, depth: int = 0) -> list[str]:
        path = self._origin(owner)
        own = self._own(path)
        if depth > _DEEPEST or path not in self._included:
            return [own]
        found = []
        for parent, site in self._included[path]:
            said = by_name(site, "url_prefix") or by_name(site, "prefix")
            text = said.texts[0] if said and said.texts else ""
            mine = (text or own) if library in _FLASK else _joined(text, own)
            found += [_joined(above, mine) for above in self.of(parent, library, depth + 1)]
        return sorted(set(found))

    def _own(self, path: str) -> str:
        for site in self._objects.made.get(path, ()):
            said = by_name(site, "url_prefix") or by_name(site, "prefix")
            if said and said.texts:
                return said.texts[0]
        return ""

    def _origin(self, path: str) -> str:
        """The name under which the object was made."""
        for _ in range(_DEEPEST):
            path = self._objects.canonical(path)
            alias = next((site for site in self._objects.made.get(path, ()) if site.how == "alias"), None)
            if alias is None:
                return path
            path = alias.callee
        return path


def _joined(prefix: str, path: str) -> str:
    return f"{prefix.rstrip('/')}{path}" if path.startswith("/") or not path else f"{prefix.rstrip('/')}/{path}"

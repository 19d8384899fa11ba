"""Calls that leave the program for a service: databases, other servers, queues, caches, clouds, mail."""

from collections.abc import Iterator

from qtest.languages.python.libraries import SERVICES, VERBS
from qtest.model.directory import Directory
from qtest.model.objects import Objects
from qtest.records.system import Interaction, Module, Site

_SESSIONS = ("Session", "sessionmaker", "create_engine", "create_async_engine", "Connection", "Engine", "SQLAlchemy()")
_PURE = (
    "urllib.parse",
    "urllib.request.getproxies",
    "urllib.error",
    "http.cookies",
    "http.HTTPStatus",
    "google.protobuf",
    "redis.exceptions",
)


def interactions(directory: Directory, objects: Objects) -> tuple[Interaction, ...]:
    """By symbol, then line; one for each call as written."""
    found: dict[tuple[str, str], Interaction] = {}
    for module in directory.modules.values():
        for site in module.sites:
            for item in _of_site(site, module, directory, objects):
                found.setdefault((item.symbol, item.cause), item)
    return tuple(sorted(found.values(), key=lambda item: (item.symbol, item.line, item.cause)))


def enclosing(site: Site, module: Module, directory: Directory) -> str:
    """The symbol that the code stands in: functions inside functions belong to the outer one."""
    qualname = site.scope
    while qualname:
        if f"{module.name}:{qualname}" in directory.symbols:
            return f"{module.name}:{qualname}"
        qualname = qualname.rpartition(".")[0]
    return module.name


def _of_site(site: Site, module: Module, directory: Directory, objects: Objects) -> Iterator[Interaction]:
    if site.how != "call":
        return
    path = _of_task(site, objects) or objects.foreign(site.callee)
    library = path.partition(".")[0].removesuffix("()")
    kind = SERVICES.get(library)
    if kind is None or path.startswith(_PURE) or not _is_service(path, library):
        return
    symbol = enclosing(site, module, directory)
    yield Interaction(symbol=symbol, kind=kind, library=library, cause=site.written, line=site.line)


def _of_task(site: Site, objects: Objects) -> str:
    """`task.delay()`: a function that a queue's decorator has made a task."""
    task, _, verb = objects.canonical(site.callee).rpartition(".")
    if verb not in ("delay", "apply_async", "send"):
        return ""
    makers = (objects.foreign(made.callee) for made in objects.made.get(task, ()) if made.how == "decorator")
    return next((f"{maker}().{verb}" for maker in makers if SERVICES.get(maker.partition(".")[0]) == "queue"), "")


def _is_service(path: str, library: str) -> bool:
    """A verb of the service, on an object where the library has no functions of its own for it."""
    owner, _, verb = path.rpartition(".")
    kind = SERVICES[library]
    if kind in VERBS and verb not in VERBS[kind]:
        return False
    if library in ("urllib", "http") and "()" in owner and "Connection" not in owner and "build_opener" not in owner:
        return False
    if library in ("sqlalchemy", "sqlmodel", "flask_sqlalchemy"):
        return any(part in owner for part in (*_SESSIONS, ".Model().query")) or (
            ".Model" in owner and ".query" in owner
        )
    if library == "django":
        return any(part in owner for part in (".objects", ".connection", "cursor()", "core.mail", "_default_manager"))
    if kind in ("cache", "cloud", "queue"):
        return "()" in owner and not verb[:1].isupper()
    return True

"""What a piece of code does beyond giving back a value, and what it calls and touches by name."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from qtest.languages.python.importing import dotted
from qtest.records.system import Effect, EffectKind

_BY_NAME: dict[str, EffectKind] = {
    **dict.fromkeys(("print", "logging.warning", "logging.info", "logging.error", "logging.debug"), "output"),
    **dict.fromkeys(("warnings.warn", "pprint.pprint", "traceback.print_exc"), "output"),
    **dict.fromkeys(("input", "getpass.getpass", "sys.stdin.read", "sys.stdin.readline", "fileinput.input"), "input"),
    **dict.fromkeys(("exit", "quit", "sys.exit", "os._exit", "os.abort", "os.kill", "os.killpg", "os.fork"), "process"),
    **dict.fromkeys(("os.system", "os.popen", "os.wait", "os.waitpid", "os.nice", "sys.setrecursionlimit"), "process"),
    **dict.fromkeys(("os.chdir", "os.umask", "signal.signal", "signal.alarm", "atexit.register"), "process"),
    **dict.fromkeys(("time.time", "time.time_ns", "time.monotonic", "time.perf_counter", "time.sleep"), "clock"),
    **dict.fromkeys(("time.localtime", "time.gmtime", "time.ctime", "time.process_time", "asyncio.sleep"), "clock"),
    **dict.fromkeys(("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"), "clock"),
    **dict.fromkeys(("datetime.date.today", "time.monotonic_ns", "time.perf_counter_ns"), "clock"),
    **dict.fromkeys(("os.urandom", "uuid.uuid1", "uuid.uuid4", "os.getrandom"), "random"),
    **dict.fromkeys(("os.getenv", "os.putenv", "os.unsetenv", "os.environ.get", "os.path.expanduser"), "environment"),
    **dict.fromkeys(("os.getcwd", "os.getpid", "os.getuid", "os.getlogin", "os.uname"), "environment"),
    **dict.fromkeys(("locale.getlocale", "locale.setlocale", "os.path.expandvars", "os.cpu_count"), "environment"),
    **dict.fromkeys(("os.listdir", "os.walk", "os.scandir", "os.stat", "os.lstat", "os.access"), "reads files"),
    **dict.fromkeys(("os.path.exists", "os.path.isfile", "os.path.isdir", "os.path.getsize"), "reads files"),
    **dict.fromkeys(("os.path.getmtime", "os.path.islink", "os.path.realpath", "os.readlink"), "reads files"),
    **dict.fromkeys(("glob.glob", "glob.iglob", "os.open", "os.read", "linecache.getline"), "reads files"),
    **dict.fromkeys(("pkgutil.get_data", "importlib.import_module", "__import__", "os.path.samefile"), "reads files"),
    **dict.fromkeys(("os.remove", "os.unlink", "os.rename", "os.replace", "os.mkdir", "os.makedirs"), "writes files"),
    **dict.fromkeys(("os.rmdir", "os.removedirs", "os.chmod", "os.chown", "os.link", "os.symlink"), "writes files"),
    **dict.fromkeys(("os.utime", "os.write", "os.truncate"), "writes files"),
    **dict.fromkeys(("sys.stdout.write", "sys.stderr.write", "sys.stdout.flush", "sys.stderr.flush"), "output"),
    **dict.fromkeys(("setattr", "delattr", "globals", "exec"), "global state"),
}
_BY_MODULE: dict[str, EffectKind] = {
    **dict.fromkeys(("subprocess", "multiprocessing", "threading", "concurrent.futures", "pty"), "process"),
    **dict.fromkeys(("_thread", "signal", "ctypes"), "process"),
    **dict.fromkeys(("socket", "requests", "urllib.request", "http.client", "http.server", "httpx"), "network"),
    **dict.fromkeys(("aiohttp", "smtplib", "ftplib", "imaplib", "poplib", "telnetlib", "urllib3"), "network"),
    **dict.fromkeys(("socketserver", "xmlrpc.client", "ssl", "websockets", "paramiko", "asyncore"), "network"),
    **dict.fromkeys(("random", "secrets", "numpy.random"), "random"),
    **dict.fromkeys(("shutil", "tempfile", "sqlite3", "zipfile", "tarfile", "shelve"), "writes files"),
    **dict.fromkeys(("platform", "pwd", "grp", "importlib.metadata"), "environment"),
}
_QUIET = frozenset(("random.Random", "threading.local", "threading.RLock", "threading.Lock", "shutil.Error"))
_QUIET |= frozenset(("socket.inet_aton", "socket.inet_pton", "socket.inet_ntoa", "socket.inet_ntop", "socket.error"))
_BY_METHOD: dict[str, EffectKind] = {
    **dict.fromkeys(("read_text", "read_bytes", "iterdir", "is_file", "is_dir"), "reads files"),
    **dict.fromkeys(("write_text", "write_bytes", "unlink", "mkdir", "rmdir", "touch"), "writes files"),
}
_CHANGERS = frozenset(
    (
        *("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "add", "discard", "update"),
        *("setdefault", "popitem", "appendleft", "popleft", "extendleft", "rotate", "write", "writelines"),
        *("difference_update", "intersection_update", "symmetric_difference_update", "move_to_end"),
    )
)


class Surroundings:
    """What the names in a body mean: aliases of imports, names of the module, parameters, and what is local."""

    def __init__(self, aliases: Mapping[str, str], names: Collection[str]) -> None:
        self.aliases = aliases
        self.names = names

    def meaning(self, written: str) -> str:
        head, dot, rest = written.partition(".")
        return f"{self.aliases.get(head, head)}{dot}{rest}"


def effects_of(
    nodes: Sequence[ast.AST], around: Surroundings, parameters: Collection[str] = (), local: Collection[str] = ()
) -> tuple[Effect, ...]:
    """In order of line, without repeats of a cause. `parameters` are those whose change can be seen outside."""
    found: dict[tuple[str, str], Effect] = {}
    changed = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    for node in nodes:
        for effect in _effects(node, around, parameters, local, changed):
            key = (effect.kind, effect.cause)
            if key not in found or found[key].line > effect.line:
                found[key] = effect
    return tuple(sorted(found.values(), key=lambda effect: (effect.line, effect.kind, effect.cause)))


def _effects(
    node: ast.AST, around: Surroundings, parameters: Collection[str], local: Collection[str], changed: set[str]
) -> Iterator[Effect]:
    match node:
        case ast.Call():
            yield from _of_call(node, around, parameters, local)
        case ast.Attribute() if around.meaning(dotted(node)) == "os.environ":
            yield Effect(kind="environment", line=node.lineno, cause="os.environ")
        case ast.Attribute(ctx=ast.Load()) if around.meaning(dotted(node)) in ("sys.argv", "sys.stdin"):
            yield Effect(kind="input", line=node.lineno, cause=around.meaning(dotted(node)))
        case ast.Name(id="environ", ctx=ast.Load()) if around.meaning("environ") == "os.environ":
            yield Effect(kind="environment", line=node.lineno, cause="os.environ")
        case ast.Raise(exc=ast.expr() as raised) if _head(raised) == "SystemExit":
            yield Effect(kind="process", line=node.lineno, cause="raise SystemExit")
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if name in changed:
            yield Effect(kind="global state", line=node.lineno, cause=name)
        case (
            ast.Subscript(value=owner, ctx=ast.Store() | ast.Del())
            | ast.Attribute(value=owner, ctx=ast.Store() | ast.Del())
        ):
            yield from _change(owner, node.lineno, around, parameters, local)


def _head(raised: ast.expr) -> str:
    return dotted(raised.func if isinstance(raised, ast.Call) else raised)


def _of_call(
    node: ast.Call, around: Surroundings, parameters: Collection[str], local: Collection[str]
) -> Iterator[Effect]:
    name = dotted(node.func)
    if name and name.partition(".")[0] not in local:
        meaning = around.meaning(name)
        kind = _kind(node, meaning)
        if kind and not (meaning in around.names and "." not in meaning):
            yield Effect(kind=kind, line=node.lineno, cause=meaning)
            return
    if isinstance(node.func, ast.Attribute):
        method = node.func.attr
        if method in _BY_METHOD:
            yield Effect(kind=_BY_METHOD[method], line=node.lineno, cause=f".{method}")
        elif method == "open":
            yield Effect(kind=_mode(node, 0), line=node.lineno, cause=".open")
        elif method in _CHANGERS:
            yield from _change(node.func.value, node.lineno, around, parameters, local)


def _kind(node: ast.Call, meaning: str) -> EffectKind | None:
    if meaning in ("open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open"):
        return _mode(node, 1)
    if meaning in _QUIET:
        return None
    if meaning in _BY_NAME:
        return _BY_NAME[meaning]
    owner = meaning.rpartition(".")[0]
    while owner:
        if owner in _BY_MODULE:
            return _BY_MODULE[owner]
        owner = owner.rpartition(".")[0]
    return None


def _mode(node: ast.Call, position: int) -> EffectKind:
    given = [keyword.value for keyword in node.keywords if keyword.arg == "mode"] or node.args[position : position + 1]
    if given and not (isinstance(given[0], ast.Constant) and not set(str(given[0].value)) & set("wax+")):
        return "writes files"
    return "reads files"


def _change(
    owner: ast.expr, line: int, around: Surroundings, parameters: Collection[str], local: Collection[str]
) -> Iterator[Effect]:
    """Something reached through this expression is changed."""
    written = _path(owner)
    head = written.partition(".")[0]
    if head in parameters:
        yield Effect(kind="mutates argument", line=line, cause=written)
    elif head in around.aliases and head not in local:
        meaning = around.meaning(written)
        kind: EffectKind = "environment" if meaning.startswith("os.environ") else "global state"
        yield Effect(kind=kind, line=line, cause=meaning)
    elif head in around.names and head not in local:
        yield Effect(kind="global state", line=line, cause=written)


def _path(node: ast.expr) -> str:
    """`a.b[0].c` as `a.b.c`."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def locals_of(nodes: Iterable[ast.AST], parameters: Collection[str]) -> set[str]:
    """Names that are bound in the body and not declared global."""
    bound = set(parameters)
    outer: set[str] = set()
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                bound.add(name)
            case ast.Global(names=names):
                outer.update(names)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.ExceptHandler(name=str() as name):
                bound.add(name)
            case ast.arg(arg=name):
                bound.add(name)
    return bound - outer


def reads_of(nodes: Iterable[ast.AST], around: Surroundings, local: Collection[str]) -> tuple[str, ...]:
    found = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return tuple(sorted(name for name in found if name in around.names and name not in local))


def calls_of(nodes: Iterable[ast.AST], local: Collection[str]) -> tuple[str, ...]:
    """Callees as written, in order of line. A method of something unnamed starts with a dot; a method of a local that was
    made by calling a class stands as `Class().method`."""
    nodes = tuple(nodes)
    made = _made(nodes)
    calls = sorted(
        (node for node in nodes if isinstance(node, ast.Call)), key=lambda node: (node.lineno, node.col_offset)
    )
    return tuple(dict.fromkeys(name for node in calls if (name := _callee(node.func, made, local))))


def _made(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Locals that are assigned once, from a call of something that is named like a class."""
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = "?" if node.id in found else ""
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=called)):
                maker = dotted(called)
                if maker.rpartition(".")[2].lstrip("_")[:1].isupper() and found.get(name) == "":
                    found[name] = maker
    return {name: maker for name, maker in found.items() if maker not in ("", "?")}


def _callee(called: ast.expr, made: Mapping[str, str], local: Collection[str]) -> str:
    name = dotted(called)
    head, _, rest = name.partition(".")
    if head in made and rest and "." not in rest:
        return f"{made[head]}().{rest}"
    if name:
        return name
    if not isinstance(called, ast.Attribute):
        return ""
    inner = called.value
    if isinstance(inner, ast.Call):
        maker = dotted(inner.func)
        if maker == "super" or maker.rpartition(".")[2].lstrip("_")[:1].isupper():
            return f"{maker}().{called.attr}"
    return f".{called.attr}"

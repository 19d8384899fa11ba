"""What a symbol is called inside a test file, and the import that makes it so."""

import builtins
import keyword
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from qtest.errors import UnspokenError

NEEDED_MODULES = frozenset(("asyncio", "copy", "datetime", "math", "operator", "re", "sys", "types"))
USED_AS_MODULES = NEEDED_MODULES | {"contextlib", "functools", "io", "json", "os", "pickle", "random", "string", "time"}
OURS = frozenset(
    (
        "async_iter",
        "async_value",
        "capsys",
        "caught",
        "entered",
        "expected",
        "first_items",
        "message",
        "monkeypatch",
        "printed",
        "pytest",
        "request",
        "result",
        "scenario",
        "self",
        "tmp_path",
    )
)
KEPT_FREE = USED_AS_MODULES | OURS | frozenset(dir(builtins)) | frozenset(keyword.kwlist)
COLLECTED = re.compile(r"(test|Test|pytest_|setup_|teardown_|setUp|tearDown)")


@dataclass(frozen=True)
class Spelled:
    """`text` names the symbol; `imports` is the statement to run before, empty for built-ins."""

    text: str
    imports: str


UNNAMED = {
    f"builtins:{name}": Spelled(f"types.{kind}", "import types")
    for name, kind in {
        "async_generator": "AsyncGeneratorType",
        "builtin_function_or_method": "BuiltinFunctionType",
        "code": "CodeType",
        "coroutine": "CoroutineType",
        "frame": "FrameType",
        "function": "FunctionType",
        "generator": "GeneratorType",
        "mappingproxy": "MappingProxyType",
        "method": "MethodType",
        "module": "ModuleType",
        "traceback": "TracebackType",
    }.items()
} | {"builtins:NoneType": Spelled("type(None)", "")}  # classes that say they live in builtins, where they are not


_PUBLIC_HOMES = {
    f"_{name}": name for name in ("collections", "datetime", "decimal", "functools", "io", "json", "operator", "random")
}  # modules written in C whose names people import from the public one


class Names:
    """Spellings for all symbols of one text. A name is used bare where nothing else in the text wears it.

    What cannot be bare is renamed by its import, not reached through its module: a package often hides a module behind a
    function of the same name, and then `import package.module` gives the function.
    """

    def __init__(self, module: str, symbols: Iterable[str], taken: Collection[str] = ()) -> None:
        self._taken = frozenset(taken)
        self._symbols = frozenset(symbols)
        self._owner: dict[str, str] = {}
        self._aliases: dict[tuple[str, str], str] = {}
        ordered = sorted(self._symbols, key=lambda symbol: (_home(symbol) != module, symbol))
        for symbol in ordered:
            if self._may_be_bare(symbol):
                self._owner.setdefault(_first(symbol), _home(symbol))
        for symbol in ordered:
            if not self._bare(symbol):
                self._aliases.setdefault((_home(symbol), _first(symbol)), self._alias(symbol))

    @property
    def worn(self) -> frozenset[str]:
        """Every name that an import of the text binds."""
        homes = {_home(symbol) for symbol in self._symbols}
        return frozenset((*self._owner, *self._aliases.values(), *homes))

    def spell(self, symbol: str) -> Spelled:
        """Raises UnspokenError for what no import can reach."""
        if symbol in UNNAMED:
            return UNNAMED[symbol]
        if not _reachable(symbol):
            raise UnspokenError(f"Python has no name to import for {symbol!r}")
        home, first, qualname = _home(symbol), _first(symbol), unmangled(symbol.partition(":")[2])
        if home == "builtins" and first not in self._taken:
            return Spelled(qualname, "")
        if self._bare(symbol):
            return Spelled(qualname, f"from {home} import {first}")
        if "." not in home and home not in self._taken and home not in self._owner:
            return Spelled(f"{home}.{qualname}", f"import {home}")
        alias = self._aliases.get((home, first)) or self._alias(symbol)
        return Spelled(alias + qualname[len(first) :], f"from {home} import {first} as {alias}")

    def _bare(self, symbol: str) -> bool:
        home = _home(symbol)
        return self._may_be_bare(symbol) and self._owner.get(_first(symbol), home) == home

    def _may_be_bare(self, symbol: str) -> bool:
        home, name = _home(symbol), _first(symbol)
        free = name not in KEPT_FREE and name not in self._taken and not COLLECTED.match(name)
        return free and home != "builtins" and home not in USED_AS_MODULES

    def _alias(self, symbol: str) -> str:
        home, first = _home(symbol), _first(symbol).strip("_")
        worn = self._taken | set(self._aliases.values()) | set(self._owner) | KEPT_FREE
        alias = f"{home.rpartition('.')[2].strip('_')}_{first}"
        if alias in worn:
            alias = f"{home.replace('.', '_').strip('_')}_{first}"
        while alias in worn or COLLECTED.match(alias):
            alias = f"the_{alias}"
        return alias


def _reachable(symbol: str) -> bool:
    home, _, qualname = symbol.partition(":")
    named = all(
        part.isidentifier() and not keyword.iskeyword(part) for part in (*home.split("."), *qualname.split("."))
    )
    return named and home != "__main__" and (home != "builtins" or hasattr(builtins, _first(symbol)))


def snake(name: str) -> str:
    """`HTTPError2` as `http_error2`; only ASCII letters, digits and single underscores."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")


def unmangled(qualname: str) -> str:
    """A private name of a class as it must be written outside of the class."""
    parts = qualname.split(".")
    return ".".join(
        _mangled(owner, part) if owner else part for owner, part in zip(["", *parts[:-1]], parts, strict=True)
    )


def _mangled(owner: str, part: str) -> str:
    private = part.startswith("__") and not part.endswith("__") and owner.strip("_")
    return f"_{owner.lstrip('_')}{part}" if private else part


def _home(symbol: str) -> str:
    home = symbol.partition(":")[0]
    return _PUBLIC_HOMES.get(home, home)


def _first(symbol: str) -> str:
    return symbol.partition(":")[2].partition(".")[0]

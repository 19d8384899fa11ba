"""What a case that a model wrote may name: the code under test and what its arguments are made of, and nothing that reaches further.

A test that was proven runs on people's machines later, outside of any sandbox.
"""

import builtins
from collections.abc import Iterable, Iterator

from qtest.languages.python.walk import symbols_in, walk
from qtest.records.case import Call, CallCase, Function, Get, Ref, SetAttribute, Subject
from qtest.records.plan import Brief

_FUNCTIONS = "abs all any bytearray bytes complex dict divmod enumerate filter float frozenset hash int isinstance issubclass iter len list map max memoryview min next object ord chr pow range repr reversed round set slice sorted str sum tuple bool type zip"
_LIBRARY = {
    "collections": "ChainMap Counter OrderedDict defaultdict deque namedtuple",
    "datetime": "date datetime time timedelta timezone tzinfo",
    "decimal": "Decimal InvalidOperation",
    "fractions": "Fraction",
    "functools": "partial",
    "io": "BytesIO StringIO",
    "ipaddress": "IPv4Address IPv6Address ip_address",
    "itertools": "chain count repeat",
    "json": "JSONDecodeError",
    "math": "inf nan pi",
    "operator": "add attrgetter itemgetter mul neg",
    "pathlib": "PurePath PurePosixPath PureWindowsPath",
    "re": "Pattern compile error",
    "types": "MappingProxyType SimpleNamespace",
    "uuid": "UUID",
}
CALLED = "builtins:object.__call__"  # with a receiver: the receiver itself is called
_ERRORS = [
    name
    for name in dir(builtins)
    if isinstance(kind := getattr(builtins, name), type) and issubclass(kind, BaseException)
]
_IMPLIED = frozenset(("itertools:islice", "decimal:Decimal"))  # named by kinds that are written with them
_BUILTIN = frozenset(f"builtins:{name}" for name in (*_FUNCTIONS.split(), *_ERRORS))
_KNOWN = frozenset(f"{home}:{name}" for home, names in _LIBRARY.items() for name in names.split())


def symbols(brief: Brief) -> tuple[str, ...]:
    """Those of the project first."""
    module = brief.module
    own = [symbol.id for symbol in (*module.symbols, *brief.neighbours) if symbol.public]
    constants = [f"{module.name}:{name}" for name in module.constants if not name.startswith("_")]
    return tuple(dict.fromkeys((*own, *constants, CALLED, *sorted(_BUILTIN | _KNOWN))))


def own(listed: Iterable[str]) -> list[str]:
    """Of the symbols those of the project."""
    return [name for name in listed if name not in _BUILTIN | _KNOWN | {CALLED}]


def library() -> Iterator[str]:
    """A line for each module."""
    return (f"{home}: {names}" for home, names in _LIBRARY.items())


def objection(case: CallCase, permitted: frozenset[str]) -> str:
    """What of the case may not be, in a few words; empty when all of it may."""
    parts = [*walk((case.setup, case.input, case.expect))]
    for part in parts:
        for symbol in symbols_in(part):
            if symbol not in permitted | _IMPLIED:
                return f"it names {symbol}, which is not among the listed symbols"
        for name in _looked_up(part):
            if name.startswith("_"):
                return f"it reaches for {name}, which is private"
    return _unbound(case)


def _looked_up(part: object) -> Iterator[str]:
    match part:
        case Call(symbol, receiver=receiver) if receiver is not None and not symbol.endswith(".__call__"):
            yield symbol.rpartition(".")[2]
        case Get(_, name) | SetAttribute(_, name):
            yield name
        case Subject(path=path):
            yield from path


def _unbound(case: CallCase) -> str:
    bound = {step.name for step in case.setup} | {"result"}
    bound |= {
        name
        for part in walk((case.setup, case.input, case.expect))
        if isinstance(part, Function)
        for name in part.parameters
    }
    for part in walk((case.setup, case.input, case.expect)):
        name = part.name if isinstance(part, Ref) else part.of if isinstance(part, Subject) else ""
        if name and name not in bound:
            return f"it refers to {name}, which no step makes"
    return ""

"""Values of a wanted kind, drawn from the pools: mostly what people write, sometimes an edge."""

import random
import re
from collections.abc import Callable, Sequence

from qtest.generate.search.callbacks import coroutines, functions
from qtest.generate.search.code import Code
from qtest.generate.search.kinds import ANY, BOOL, BYTES, FLOAT, INT, LIST, MAP, NULL, TEXT, Kind, Wanted
from qtest.generate.search.places import FILE_NAME, Places
from qtest.generate.search.pools import FLOATS, INTS, WORDS, Pools, named_texts
from qtest.records.case import (
    Argument,
    Bool,
    Bytes,
    Call,
    Construct,
    Date,
    DateTime,
    Decimal,
    Duration,
    Entry,
    EnumMember,
    Expression,
    Float,
    Function,
    Get,
    Int,
    Later,
    List,
    Map,
    Null,
    Operate,
    Regex,
    Set,
    SymbolRef,
    Text,
    Time,
    Tuple,
    expression_to_json,
)
from qtest.records.system import Parameter, Symbol

_DEEPEST = 3
_DATES = ("2024-02-29", "2023-12-31", "1999-01-01", "2000-03-15", "0001-01-01")
_MOMENTS = (
    "2024-02-29T12:34:56.000000",
    "2023-12-31T23:59:59.999999",
    "2000-01-01T00:00:00.000000",
    "2024-06-15T08:30:00.000000+02:00",
    "1999-12-31T23:59:00.000000+00:00",
)
_TIMES = ("12:34:56.000000", "00:00:00.000000", "23:59:59.500000")
_SECONDS = (0, 1, 59, 60, 90, 3600, 5400, 86399, 86400, 90061, 604800, 2592000, 31536000, -60, 5)
_DECIMALS = ("0", "1.5", "-2.25", "10", "0.1", "1E+3", "99.995")
_BYTES = (b"hello", b"", b"\x00\xff", b"a,b\r\n", b"abc", "café".encode())
_KEYS = ("a", "b", "name", "key", "x", "y", "id", "value")
_TAKEN: dict[type, frozenset[str]] = {
    Text: frozenset(("text", "any")),
    Bytes: frozenset(("bytes", "any")),
    List: frozenset(("list", "iterable", "any")),
    Tuple: frozenset(("tuple", "iterable", "any")),
    Map: frozenset(("map", "any")),
}  # kinds of parameters that such a value is given to
DURATION = re.compile(r"(?i)(^|_)(time|timeout|period|delay|interval|ttl|wait|seconds|sleep|expir\w*)($|_)")
SLICES = tuple(
    Construct("builtins:slice", tuple(Argument(part) for part in parts))
    for parts in (
        (Int(1), Int(3)),
        (Null(),),
        (Int(0), Int(2)),
        (Int(1), Null()),
        (Null(), Int(-1)),
        (Null(), Null(), Int(2)),
        (Null(), Null(), Int(-1)),
    )
)
SHORT = ("0.01", "0.02", "0.04")  # seconds that a test can wait


class Maker:
    """Draws from one random stream; the same stream and pools give the same values."""

    def __init__(self, code: Code, pools: Pools, rng: random.Random) -> None:
        self.code, self.pools, self.rng = code, pools, rng
        self.places = Places(code.module, code.source, pools.spoken, rng)
        self._making: dict[str, Callable[[Kind, str, int, str], Expression]] = {
            "text": lambda kind, name, depth, within: Text(self.text(name, within)),
            "int": lambda kind, name, depth, within: Int(self.whole(name, within)),
            "float": lambda kind, name, depth, within: self.number(),
            "bool": lambda kind, name, depth, within: Bool(rng.random() < 0.5),
            "null": lambda kind, name, depth, within: Null(),
            "bytes": lambda kind, name, depth, within: self.octets(),
            "literal": lambda kind, name, depth, within: rng.choice(kind.values),
            "list": self._list,
            "iterable": self._iterable,
            "iterator": lambda kind, name, depth, within: Operate("iter", (self._list(kind, name, depth, within),)),
            "stream": lambda kind, name, depth, within: Later(self._list(kind, name, depth, within)),
            "awaitable": self._awaitable,
            "tuple": self._tuple,
            "row": self._row,
            "set": lambda kind, name, depth, within: _set(
                self._items(_ordered(kind), name, depth, within), frozen=False
            ),
            "frozenset": lambda kind, name, depth, within: _set(
                self._items(_ordered(kind), name, depth, within), frozen=True
            ),
            "deque": lambda kind, name, depth, within: Construct(
                "collections:deque", (Argument(self._list(kind, name, depth, within)),)
            ),
            "map": self._map,
            "callable": self._callable,
            "class": self._instance,
            "union": lambda kind, name, depth, within: self.of(rng.choice(kind.inside), name, depth, within),
            "date": lambda kind, name, depth, within: Date(rng.choice(_DATES)),
            "datetime": lambda kind, name, depth, within: DateTime(rng.choice(_MOMENTS)),
            "time": lambda kind, name, depth, within: Time(rng.choice(_TIMES)),
            "duration": lambda kind, name, depth, within: self._duration(),
            "zone": lambda kind, name, depth, within: Get(SymbolRef("datetime:timezone"), "utc"),
            "decimal": lambda kind, name, depth, within: Decimal(rng.choice(_DECIMALS)),
            "fraction": lambda kind, name, depth, within: Construct(
                "fractions:Fraction", (Argument(Int(rng.choice((1, -3, 7)))), Argument(Int(rng.choice((2, 4, 5)))))
            ),
            "regex": lambda kind, name, depth, within: Regex(rng.choice((r"\d+", "a+b", r"(\w+)-(\w+)"))),
            "lock": lambda kind, name, depth, within: Construct("threading:RLock"),
            "path": lambda kind, name, depth, within: self._path(name, within),
            "file name": lambda kind, name, depth, within: self._file_name(name, within),
            "text file": lambda kind, name, depth, within: self._stream(kind),
            "binary file": lambda kind, name, depth, within: self._stream(Kind("binary file", (BYTES,))),
            "type": lambda kind, name, depth, within: SymbolRef(
                rng.choice(("builtins:int", "builtins:str", "builtins:list"))
            ),
            "slice": lambda kind, name, depth, within: rng.choice(SLICES),
            "exception": lambda kind, name, depth, within: Construct("builtins:ValueError", (Argument(Text("wrong")),)),
        }

    def value(self, wanted: Wanted, name: str, within: str = "", depth: int = 0) -> Expression:
        """For a parameter of that name, in the function `within`."""
        kept = self.pools.by_name.get(name)
        if kept and depth == 0 and self.rng.random() < 0.3:
            chosen = self.rng.choice(list(kept))
            return self.places.lying(chosen) if FILE_NAME in wanted.kinds else chosen
        if depth == 0 and self.pools.given_back and self.rng.random() < 0.06:
            chosen = self.rng.choice(list(self.pools.given_back))
            if _TAKEN[type(chosen)] & {kind.name for kind in wanted.kinds}:
                return chosen
        if self.code.waits and DURATION.search(name) and self.rng.random() < 0.5:
            return Float(self.rng.choice(SHORT))
        kinds = wanted.kinds
        if len(kinds) > 1 and self.rng.random() < 0.6:
            kinds = kinds[:1] if kinds[0] is not NULL else kinds[1:2]
        return self.of(self.rng.choice(kinds), name, depth, within)

    def of(self, kind: Kind, name: str = "", depth: int = 0, within: str = "") -> Expression:
        make = self._making.get(kind.name)
        if make is None:
            return self._any(name, depth, within)
        return make(kind, name, depth, within)

    # --- plain values ------------------------------------------------------------------------------------------------

    def text(self, name: str = "", within: str = "") -> str:
        rng, pools = self.rng, self.pools
        dice = rng.random()
        local = [value.value for value in pools.local.get(within, []) if isinstance(value, Text)]
        named = named_texts(name)
        if dice < 0.25 and named:
            return rng.choice(named)
        if dice < 0.4 and local:
            return rng.choice(local)
        if dice < 0.6 and pools.matching:
            return rng.choice(list(pools.matching))
        if dice < 0.75 and pools.texts:
            return rng.choice(list(pools.texts))
        if dice < 0.82 and local and len(local) > 1:
            return rng.choice(local) + rng.choice(("", " ", "1", "x")) + rng.choice(local)
        return rng.choice(WORDS)

    def whole(self, name: str = "", within: str = "") -> int:
        rng = self.rng
        dice = rng.random()
        local = [value.value for value in self.pools.local.get(within, []) if isinstance(value, Int)]
        if dice < 0.3 and local:
            return rng.choice(local) + rng.choice((0, 0, 1, -1))
        if dice < 0.45 and self.pools.ints:
            return rng.choice(list(self.pools.ints))
        if dice < 0.9:
            return rng.choice(INTS[:12])
        return rng.choice(INTS)

    def number(self) -> Expression:
        dice = self.rng.random()
        if dice < 0.2 and self.pools.floats:
            return Float(self.rng.choice(list(self.pools.floats)))
        if dice < 0.35:
            return Int(self.whole())
        return Float(self.rng.choice(FLOATS))

    def octets(self) -> Expression:
        if self.pools.octets and self.rng.random() < 0.4:
            return Bytes(self.rng.choice(list(self.pools.octets)))
        if self.rng.random() < 0.4:
            return Bytes(self.text().encode("utf-8", "replace").hex())
        return Bytes(self.rng.choice(_BYTES).hex())

    def _path(self, name: str, within: str) -> Expression:
        if self.places.touching and self.rng.random() < 0.85:
            return self.places.path(name)
        return Construct("pathlib:PurePosixPath", (Argument(Text(self.text(name or "path", within))),))

    def _file_name(self, name: str, within: str) -> Expression:
        if self.rng.random() < 0.85:
            path = self.places.path(name)
            return Operate("str", (path,)) if self.rng.random() < 0.6 else path
        return Text(self.text(name or "path", within))

    def _stream(self, kind: Kind) -> Expression:
        """What is in it, for one that is read; nothing is in it for one that is written to."""
        content = self.places.document() if self.rng.random() < 0.8 else ""
        if kind.inside and kind.inside[0] == BYTES:
            return Construct("io:BytesIO", (Argument(Bytes(content.encode().hex())),) if content else ())
        return Construct("io:StringIO", (Argument(Text(content)),) if content else ())

    def _duration(self) -> Expression:
        seconds = self.rng.choice((*_SECONDS, *(number for number in self.pools.ints if abs(number) < 10**9)))
        return Duration(seconds * 1_000_000 + self.rng.choice((0, 0, 0, 500_000)))

    def _any(self, name: str, depth: int, within: str) -> Expression:
        kinds = [TEXT, TEXT, INT, INT, LIST, FLOAT, NULL, MAP, BOOL, Kind("tuple"), Kind("set")]
        if depth >= 1:
            kinds = [TEXT, INT, INT, FLOAT, NULL]
        return self.of(self.rng.choice(kinds), name, depth + 1, within)

    # --- holders -------------------------------------------------------------------------------------------------

    def _items(self, kind: Kind, name: str, depth: int, within: str) -> tuple[Expression, ...]:
        inside = kind.inside[0] if kind.inside else ANY
        if inside.name == "any":
            inside = self.rng.choice((INT, INT, INT, TEXT, TEXT)) if depth < 2 or self.rng.random() < 0.7 else NULL
            if depth == 0 and self.rng.random() < 0.12:
                inside = self.rng.choice((Kind("row", (TEXT, INT)), Kind("list", (INT,)), Kind("row", (INT, INT))))
        count = self.rng.choice((0, 1, 2, 3, 3, 4, 5)) if depth < _DEEPEST else self.rng.choice((0, 1))
        items: list[Expression] = []
        for _ in range(count):
            if items and self.rng.random() < 0.15:
                items.append(self.rng.choice(items))
            else:
                items.append(
                    self.of(inside, "", depth + 1, within)
                    if inside != INT
                    else Int(self.rng.choice((1, 2, 3, 0, 4, 5, 10, -1)))
                )
        return tuple(item for item in items if not isinstance(item, Call | Operate | Get))

    def _list(self, kind: Kind, name: str, depth: int, within: str) -> Expression:
        return List(self._items(kind, name, depth, within))  # type: ignore[arg-type]

    def _tuple(self, kind: Kind, name: str, depth: int, within: str) -> Expression:
        return Tuple(self._items(kind, name, depth, within))  # type: ignore[arg-type]

    def _iterable(self, kind: Kind, name: str, depth: int, within: str) -> Expression:
        made = self._items(kind, name, depth, within)
        dice = self.rng.random()
        if dice < 0.12:
            return Operate("iter", (List(made),))  # type: ignore[arg-type]
        if dice < 0.22 and not kind.inside:
            return Text(self.text(name, within))
        return Tuple(made) if dice < 0.3 else List(made)  # type: ignore[arg-type]

    def _row(self, kind: Kind, name: str, depth: int, within: str) -> Expression:
        return Tuple(tuple(self.of(inside, "", depth + 1, within) for inside in kind.inside))  # type: ignore[misc]

    def _map(self, kind: Kind, name: str, depth: int, within: str) -> Expression:
        keys = kind.inside[0] if kind.inside else TEXT
        values = kind.inside[1] if len(kind.inside) > 1 else ANY
        entries: dict[Expression, Expression] = {}
        for _ in range(self.rng.choice((0, 1, 2, 2, 3)) if depth < _DEEPEST else 1):
            key = Text(self._key(within)) if keys in (TEXT, ANY) else self.of(keys, "", depth + 2, within)
            entries[key] = self.of(values, "", depth + 1, within)
        plain = [(key, value) for key, value in entries.items() if not isinstance(value, Call | Operate | Get)]
        return Map(tuple(Entry(key, value) for key, value in plain))  # type: ignore[arg-type]

    def _key(self, within: str) -> str:
        local = [value.value for value in self.pools.local.get(within, []) if isinstance(value, Text)]
        return self.rng.choice(local) if local and self.rng.random() < 0.5 else self.rng.choice(_KEYS)

    def _awaitable(self, kind: Kind, name: str, depth: int, within: str) -> Expression:
        inside = kind.inside[0] if kind.inside else INT
        return Later(self.of(inside if inside.name != "any" else INT, "", depth + 1, within), "value")

    def _callable(self, kind: Kind, name: str, depth: int, within: str) -> Expression:
        arity = len(kind.inside) - 1 if kind.inside else self.rng.choice((1, 1, 1, 2, 2, 0))
        result = kind.inside[-1].name if kind.inside else ""
        if result == "awaitable":
            chosen = kind.inside[-1].inside
            return self.rng.choice(
                coroutines(
                    arity if len(kind.inside) > 1 else self.rng.choice((0, 1, 1)), chosen[0].name if chosen else ""
                )
            )
        if name in ("timer", "clock", "time_func"):
            return Function((), self.rng.choice((Int(1), Float("2.5"))))
        return self.rng.choice(functions(arity, "bool" if name.startswith(("pred", "is_", "filter")) else result))

    # --- objects -----------------------------------------------------------------------------------------------

    def _instance(self, kind: Kind, name: str, depth: int, within: str) -> Expression:
        return self.instance(kind.symbol, depth)

    def instance(self, cls: str, depth: int = 0) -> Expression:
        """Of the class or of one that follows from it: by its constructor, a class method, or as somebody else made one."""
        members = self.code.members(cls)
        if members:
            return EnumMember(cls, self.rng.choice(members))
        known = self.pools.producers.get(cls, [])
        if known and self.rng.random() < (0.45 if self.code.is_public(cls) else 0.9):
            return self.rng.choice(known)
        heirs = self.code.heirs(cls)
        if heirs and (self.code.abstract(cls) or self.rng.random() < 0.15):
            cls = self.rng.choice(heirs)
        producers = [] if depth > _DEEPEST else self.code.producers(cls)
        if producers and self.rng.random() < 0.3:
            made = self.rng.choice(producers)
            return Call(made.id, self.arguments(made, depth + 1))
        return Construct(cls, self.made_of(cls, depth))

    def made_of(self, cls: str, depth: int = 0) -> tuple[Argument, ...]:
        maker = self.code.maker(cls)
        if maker is not None:
            return self.arguments(maker, depth + 1)
        if self.code.has_fields(cls):
            return self._given(self.code.fields(cls), self._field_kind, cls, depth + 1)
        return ()

    def _field_kind(self, parameter: Parameter) -> Wanted:
        return Wanted(self.code.scope.kinds(parameter.annotation) or (ANY,))

    def arguments(self, symbol: Symbol, depth: int = 0, options: float = 0.35) -> tuple[Argument, ...]:
        """For a call of it; each option is given with that probability."""
        return self._given(
            parameters_of(symbol),
            lambda parameter: self.code.wanted(symbol, parameter),
            last_name(symbol.id),
            depth,
            options,
        )

    def given(self, parameters: Sequence[Parameter], kinds: Callable[[Parameter], Wanted]) -> tuple[Argument, ...]:
        """For a call of something that the code does not name."""
        return self._given(parameters, kinds, "", 0)

    def _given(
        self,
        parameters: Sequence[Parameter],
        kinds: Callable[[Parameter], Wanted],
        within: str,
        depth: int,
        options: float = 0.35,
    ) -> tuple[Argument, ...]:
        given: list[Argument] = []
        named = False
        for parameter in parameters:
            chance = options if depth == 0 else options / 2
            if parameter.kind == "variadic":
                count = self.rng.choice((0, 1, 2, 2, 3)) if not named else 0
                given += [Argument(self.value(kinds(parameter), parameter.name, within, depth)) for _ in range(count)]
                named = True
            elif parameter.kind == "variadic keyword":
                if self.rng.random() < chance:
                    given.append(
                        Argument(self.value(kinds(parameter), parameter.name, within, depth), self._keyword(within))
                    )
            elif parameter.default and self.rng.random() >= chance:
                named = True
            else:
                value = self.value(kinds(parameter), parameter.name, within, depth)
                by_name = parameter.kind == "keyword only" or (named and parameter.kind != "positional only")
                if named and parameter.kind == "positional only":
                    continue
                given.append(Argument(value, parameter.name if by_name or _is_option(parameter) else ""))
                named = named or bool(given[-1].name)
        return _no_repeats(given)

    def _keyword(self, within: str) -> str:
        local = [value.value for value in self.pools.local.get(within, []) if isinstance(value, Text)]
        names = [text for text in local if text.isidentifier()]
        return self.rng.choice(names or list(_KEYS[:4]))


def parameters_of(symbol: Symbol) -> tuple[Parameter, ...]:
    """What a caller gives: without the receiver or the class."""
    bound = symbol.kind in ("method", "class method", "property") or symbol.id.endswith(".__new__")
    first = symbol.parameters[0].name if symbol.parameters else ""
    if bound and first in ("self", "cls", "mcs", "klass", "this", "_self", "_cls", "mcls"):
        return symbol.parameters[1:]
    return symbol.parameters


def last_name(symbol: str) -> str:
    return symbol.rpartition(":")[2].rpartition(".")[2]


def _is_option(parameter: Parameter) -> bool:
    return bool(parameter.default) and parameter.kind == "positional or keyword"


def _ordered(kind: Kind) -> Kind:
    """Of numbers where nothing else is asked for: in what order a set of texts is walked through is another in each process."""
    return kind if kind.inside and kind.inside[0] != ANY else Kind(kind.name, (INT,))


def _set(items: tuple[Expression, ...], *, frozen: bool) -> Set:
    plain = [item for item in dict.fromkeys(items) if not isinstance(item, List | Map | Set | Function)]
    return Set(tuple(sorted(plain, key=expression_to_json)), frozen)  # type: ignore[arg-type]


def _no_repeats(given: Sequence[Argument]) -> tuple[Argument, ...]:
    """No keyword twice, and none before a positional."""
    names: set[str] = set()
    kept = []
    for argument in given:
        if argument.name and argument.name in names:
            continue
        names.add(argument.name)
        kept.append(argument)
    return tuple(sorted(kept, key=lambda argument: bool(argument.name)))

"""Names that people would choose: of tests, their parameters, their ids and their local variables."""

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence

from qtest.languages.python.behaviour import kind_of, sort_of, tails, trimmed
from qtest.languages.python.naming import NEEDED_MODULES, OURS, snake
from qtest.languages.python.walk import walk
from qtest.records.case import (
    Argument,
    Bool,
    Bytes,
    Call,
    CallCase,
    Construct,
    Date,
    DateTime,
    Decimal,
    Duration,
    EnumMember,
    Equals,
    Expression,
    Float,
    Function,
    Int,
    List,
    Map,
    Null,
    Set,
    Subject,
    SymbolRef,
    Text,
    Time,
    Tuple,
)

LONGEST_NAME, LONGEST_ID = 60, 24
_LONG_NUMBER = re.compile(r"\d{5,}")
_DIGITS = re.compile(r"\d{3,}")
_MACHINE_MADE = re.compile(r"_*[a-z]{0,2}_?\d*|(step|var|tmp|obj|arg)_?\d*")
_KINDS: dict[type, str] = {
    Text: "text",
    Bytes: "data",
    Int: "number",
    Float: "number",
    Bool: "flag",
    List: "items",
    Tuple: "items",
    Set: "items",
    Map: "mapping",
    Function: "function",
    Date: "date",
    DateTime: "moment",
    Duration: "duration",
}


def class_name(target: str) -> str:
    """`TestVersionBump` for `module:Version.bump`."""
    return "Test" + "".join(word.capitalize() for word in snake(target.partition(":")[2]).split("_"))


def slug(text: str, longest: int) -> str:
    """Whole words of it, joined with hyphens, as many as fit."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = re.findall(r"[a-z0-9]+", "".join(char for char in plain if not unicodedata.combining(char)))
    kept = ""
    for word in words:
        if len(kept) + len(word) + 1 > longest:
            break
        kept = f"{kept}-{word}" if kept else word
    return kept or (words[0][:longest] if words else "")


def of_kind(values: Iterable[Expression]) -> str:
    """A parameter's name from what it holds."""
    names = {_KINDS.get(type(value), "value") for value in values if not isinstance(value, Null)}
    return names.pop() if len(names) == 1 else "value"


def of_step(name: str, does: Expression) -> str:
    """A readable name is kept; one that a machine counted up is made from what the step does."""
    if not _MACHINE_MADE.fullmatch(name):
        return name
    match does:
        case Construct(symbol) | Call(symbol, receiver=None):
            first, _, rest = symbol.partition(":")[2].partition(".")
            made = snake(first) if first[:1].isupper() else f"{snake(rest or first)}_result"
        case Call(symbol) if symbol.endswith(".__call__"):
            made = "result"
        case Call(symbol):
            made = f"{snake(symbol.rpartition('.')[2])}_result"
        case _:
            made = of_kind((does,))
    return made if made.isidentifier() else "value"


def free(name: str, worn: Collection[str], others: Collection[str] = ()) -> str:
    """The name, or one near it: not a built-in, not `worn` by an import, not among the `others` of its kind."""
    if not name.isidentifier():
        name = "value"
    if keyword.iskeyword(name) or hasattr(builtins, name):
        name += "_"
    if name in OURS or name in NEEDED_MODULES or name in worn:
        name += "_value"
    return unique(name, {*worn, *others})


def unique(name: str, worn: Collection[str], between: str = "_") -> str:
    if name not in worn:
        return name
    count = 2
    while f"{name}{between}{count}" in worn:
        count += 1
    return f"{name}{between}{count}"


def titles(cases: Sequence[CallCase], alike: Collection[str] = ()) -> Iterator[str]:
    """Names for a test, best first: the function, then what somebody said of the case, else what it shows."""
    called = snake(cases[0].target.partition(":")[2].replace(".__", ".")) or "module"
    if origin := undone(cases):
        yield trimmed(f"test_{called}_undoes_{origin}", LONGEST_NAME)
    said = {snake(case.description) for case in cases}
    told = said.pop().removeprefix(called).strip("_") if len(said) == 1 else ""
    for tail in (told,) if told else tails(cases, alike):
        yield trimmed(f"test_{called}_{tail}" if tail else f"test_{called}", LONGEST_NAME)


def undone(cases: Sequence[CallCase]) -> str:
    """The function whose argument comes back, in every case, when the target is called on what it gave; empty where it is not so."""
    names = set()
    for case in cases:
        match case.input, case.expect:
            case Call(_, (Argument(Call(inner, (Argument(given),))),)), (Equals(value, Subject("result", (), "")),):
                names.add(snake(inner.partition(":")[2]) if given == value else "")
            case _:
                return ""
    return names.pop() if len(names) == 1 else ""


def ids(cases: Sequence[CallCase], data: Sequence[tuple[Expression, ...]]) -> list[str]:
    """A short id for each case of a parametrised test: its description, else words of its data, else of what kind that is.

    Of the data as many values are told, from the first on, as tell the cases apart.
    """
    chosen: list[str] = []
    for count in range(1, max(map(len, data)) + 1):
        chosen = [
            slug(case.description, LONGEST_ID) or _id(values[:count]) for case, values in zip(cases, data, strict=True)
        ]
        if len(set(chosen)) == len(chosen):
            break
    given: list[str] = []
    for number, name in enumerate(chosen, 1):
        given.append(unique(name or f"case-{number}", given, "-"))
    return given


def _id(values: Sequence[Expression]) -> str:
    """The values where they are short, else what they are: `non-ascii-text`, `datetime`."""
    spelled = slug(" ".join(_texts(values)), 2 * LONGEST_ID)
    if spelled and len(spelled) <= LONGEST_ID and not _LONG_NUMBER.search(spelled):
        return spelled
    kinds = [kind_of(value) or sort_of(value) for value in values]
    plain = slug(" ".join(text for text in _texts(values) if text.isascii() and not _DIGITS.search(text)), LONGEST_ID)
    return plain if plain.count("-") else slug(" ".join(kinds), LONGEST_ID)


def _texts(values: Iterable[Expression]) -> Iterator[str]:
    for value in values:
        for part in walk(value):
            match part:
                case Text(text):
                    yield text or "empty"
                case Bool(truth):
                    yield str(truth)
                case Decimal(text) | Date(text):
                    yield text.replace("-", " ")
                case DateTime(text):
                    yield text[:10].replace("-", " ")
                case Time(text):
                    yield text[:5].replace(":", " ")
                case EnumMember(_, member):
                    yield member
                case SymbolRef(symbol) | Construct(symbol):
                    yield snake(symbol.partition(":")[2]).replace("_", " ")
                case Null():
                    yield "none"
                case Int(number) if number.bit_length() > 100:
                    yield "huge"
                case Int(number):
                    yield f"minus {-number}" if number < 0 else str(number)
                case Float(text):
                    yield text.replace("-", "minus ").replace(".", " ")
                case List(()) | Tuple(()) | Map(()) | Set(()):
                    yield "empty"

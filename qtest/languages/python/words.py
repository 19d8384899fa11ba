"""Names that people would choose: of tests, their parameters, their ids and their local variables."""

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence

from qtest.languages.python.naming import NEEDED_MODULES, OURS
from qtest.languages.python.walk import walk
from qtest.records.case import (
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
    Is,
    IsNan,
    List,
    Map,
    Null,
    Raises,
    Set,
    SymbolRef,
    Text,
    Time,
    Tuple,
)

LONGEST_NAME, LONGEST_ID = 70, 32
MOST_WORDS = 3  # values told in a test's name; more of them tell a reader nothing
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


def snake(name: str) -> str:
    """`HTTPError2` as `http_error2`; only ASCII letters, digits and single underscores."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")


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


def titles(cases: tuple[CallCase, ...], parameters: Sequence[str]) -> Iterator[str]:
    """Names for a test, best first."""
    best = title(cases)
    yield best
    for name in reversed(parameters):
        if not name.startswith(("expected", "message")):
            yield _cut(f"{best}_with_{snake(name)}")


def title(cases: tuple[CallCase, ...]) -> str:
    """`test_` and the function, then what is said of it: the description of a single case, else what comes out."""
    called = snake(cases[0].target.partition(":")[2].replace(".__", ".")) or "module"
    said = snake(cases[0].description) if len(cases) == 1 else _common(cases)
    tail = said.removeprefix(called).strip("_") or _outcome(cases)
    return _cut(f"test_{called}_{tail}" if tail else f"test_{called}")


def _common(cases: tuple[CallCase, ...]) -> str:
    said = {snake(case.description) for case in cases}
    return said.pop() if len(said) == 1 else ""


def _outcome(cases: tuple[CallCase, ...]) -> str:
    first = cases[0].expect[0] if cases[0].expect else None
    about = _about(cases[0]) if len(cases) == 1 else ""
    match first:
        case Raises(symbol):
            came = f"raises_{snake(symbol.partition(':')[2].rpartition('.')[2])}"
        case Is(Null()) | Equals(Null()):
            came = "is_none"
        case Is(Bool(value)) | Equals(Bool(value)) if len(cases) == 1:
            came = f"is_{value}".lower()
        case IsNan():
            came = "is_nan"
        case _:
            came = ""
    joined = "_for_" if came else "of_"
    return f"{came}{joined}{about}" if about else came


def _about(case: CallCase) -> str:
    """What goes in, where that is short enough to be said in a name."""
    said = _words(case)
    return slug(" ".join(said), 30).replace("-", "_") if len(said) <= MOST_WORDS else ""


def ids(cases: Sequence[CallCase], data: Sequence[tuple[Expression, ...]]) -> list[str]:
    """A short id for each case of a parametrised test: its description, else words of its data, else its number.

    Of the data as many values are told, from the first on, as tell the cases apart.
    """
    chosen: list[str] = []
    for count in range(1, max(map(len, data)) + 1):
        chosen = [
            slug(case.description, LONGEST_ID) or slug(" ".join(_texts(values[:count])), LONGEST_ID)
            for case, values in zip(cases, data, strict=True)
        ]
        if len(set(chosen)) == len(chosen):
            break
    given: list[str] = []
    for number, name in enumerate(chosen, 1):
        given.append(unique(name or f"case-{number}", given, "-"))
    return given


def _words(case: CallCase) -> list[str]:
    """Of the arguments; where they say nothing, of the receiver."""
    if isinstance(case.input, Call) and case.input.receiver is not None:
        said = list(_texts(argument.value for argument in case.input.arguments))
        return said or list(_texts((case.input.receiver,)))
    return list(_texts((case.input,)))


def _texts(values: Iterable[Expression]) -> Iterator[str]:
    for value in values:
        for part in walk(value):
            match part:
                case Text(text):
                    yield text or "empty"
                case Bool(truth):
                    yield str(truth)
                case Decimal(text) | Date(text) | DateTime(text) | Time(text):
                    yield text.replace("-", " ")
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


def _cut(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    return name[: LONGEST_NAME + 1].rpartition("_")[0] or name[:LONGEST_NAME]

"""Words for what a case shows: what comes out, and what is special about what goes in. Never its values spelled out."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from qtest.languages.python.naming import snake
from qtest.languages.python.walk import walk
from qtest.records.case import (
    RESULT,
    Argument,
    Bool,
    Bytes,
    Call,
    CallCase,
    Construct,
    Consume,
    Date,
    DateTime,
    Decimal,
    Duration,
    EnumMember,
    Equals,
    Expectation,
    Expression,
    Float,
    Int,
    Is,
    IsInstance,
    IsNan,
    List,
    Map,
    Null,
    Operate,
    Outputs,
    Raises,
    Ref,
    Regex,
    Set,
    SymbolRef,
    Text,
    Time,
    Tuple,
)

_MOST_MESSAGE_WORDS, _LONGEST_MESSAGE = 7, 40
_MOST_NAMES = 2
_HUGE = 10**9
_SINGLE = "for_single_character"
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"|`([^`]*)`")
_CALL = re.compile(r"[\w.]+\([^)]*\)|<[^>]*>|\[[^\]]*\]|\{[^}]*\}|\([^)]*\)")
_SENTENCE = re.compile(r"[.:;!?](?:\s|$)|\n")
_WORD = re.compile(r"[A-Za-z]+(?:['_][A-Za-z]+)*|(?<![\w.])\d{1,4}(?![\w.])")
_LAST_PHRASE = re.compile(r"_(with|without|for|and)_(?!.*_(with|without|for|and)_)")
_HANGING = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "its",
        "not",
        "of",
        "on",
        "or",
        "than",
        "that",
        "the",
        "to",
        "was",
        "with",
    ]
)
_ANONYMOUS = frozenset(
    [
        "a",
        "b",
        "c",
        "args",
        "data",
        "it",
        "item",
        "k",
        "key",
        "n",
        "obj",
        "other",
        "s",
        "st",
        "string",
        "text",
        "value",
        "values",
        "x",
        "y",
    ]
)
_HELD: dict[type, str] = {
    Text: "text",
    Bytes: "bytes",
    Int: "number",
    Float: "float",
    List: "list",
    Tuple: "tuple",
    Set: "set",
    Map: "mapping",
    Decimal: "decimal",
    Regex: "pattern",
    Date: "date",
    DateTime: "datetime",
    Time: "time",
    Duration: "timedelta",
    Bool: "flag",
    Null: "none",
}


def tails(cases: Sequence[CallCase], alike: Collection[str] = ()) -> Iterator[str]:
    """What may follow a test's name, in snake case, most telling first; of several cases only what they share. Nothing is said of
    the sort of the result where it is among those `alike` in all tests of the function."""
    came, given, held, back, made = (
        _shared(part(case) for case in cases) for part in (_came, _given, _receiver, _back, _made)
    )
    back = "" if back in alike else back
    came = came or _shared(_error(case) for case in cases)
    yield _joined(came, given)
    yield _joined(came, given, held)
    yield _joined(came, held)
    if not came:
        yield _joined(back, given)
        yield _joined(back, given, held)
        yield _joined(back, made)
    if len(cases) == 1:
        short = _short(cases[0])
        yield _joined(came, given, short) if short else ""
    names = _shared(_every_name(case) for case in cases)
    if names:
        yield _joined(came, names)


def sorts_alike(tests: Iterable[Sequence[CallCase]]) -> frozenset[str]:
    """The one sort of result that all the tests of a function have, where they do."""
    found = {_back(case) for cases in tests for case in cases if not _came(case)}
    return frozenset(found) if len(found) == 1 else frozenset()


def kind_of(value: Expression) -> str:
    """`negative number`, `empty text`: what somebody would call it who does not care for its value; empty for nothing special."""
    adjective = _adjective(value)
    if adjective == "single_character":
        return "single character"
    return f"{adjective} {_HELD.get(type(value), 'value')}" if adjective else ""


def sort_of(value: Expression) -> str:
    """What the value is called in one word."""
    match value:
        case Construct(symbol):
            return snake(symbol.partition(":")[2])
        case SymbolRef(symbol):
            return snake(symbol.rpartition(":")[2].rpartition(".")[2])
        case EnumMember(_, member):
            return snake(member)
    return _HELD.get(type(value), "value")


def message_words(message: str, given: frozenset[str] = frozenset()) -> str:
    """The words of an error's first sentence that do not come from what was `given`."""
    plain = _QUOTED.sub(lambda found: _unquoted(found, given), message)
    for text in sorted(given, key=len, reverse=True):
        if len(text) > 2:
            plain = plain.replace(text, " ")
    sentences = [part for part in _SENTENCE.split(_CALL.sub(" ", plain)) if _WORD.search(part)]
    words = [
        word.lower().replace("'", "") for word in _WORD.findall(sentences[0] if sentences else "") if word not in given
    ]
    kept: list[str] = []
    for word in words[:_MOST_MESSAGE_WORDS]:
        if len("_".join((*kept, word))) > _LONGEST_MESSAGE:
            break
        kept.append(word)
    while kept and (kept[0] in ("a", "an", "the") or kept[0].isdigit()):
        kept.pop(0)
    kept = _trimmed(kept)
    return "_".join(kept) if len(kept) > 1 or any(len(word) > 4 for word in kept) else ""


def trimmed(name: str, longest: int) -> str:
    """As many whole phrases of it as fit, else whole words, without one that leaves a reader waiting."""
    while len(name) > longest and (found := _LAST_PHRASE.search(name)):
        name = name[: found.start()]
    if len(name) > longest:
        name = name[: longest + 1].rpartition("_")[0] or name[:longest]
        name = "_".join(_trimmed(name.split("_")))
    return name


def _trimmed(words: list[str]) -> list[str]:
    while len(words) > 1 and words[-1] in _HANGING:
        words = words[:-1]
    return words


def _unquoted(found: re.Match[str], given: frozenset[str]) -> str:
    text = next((part for part in found.groups() if part is not None), "")
    return text if text not in given and re.fullmatch(r"[A-Za-z]{2,}( [A-Za-z]{2,})?", text) else " "


def _shared(found: Iterable[str]) -> str:
    """Of all; empty when they differ."""
    distinct = set(found)
    return distinct.pop() if len(distinct) == 1 else ""


def _joined(*parts: str) -> str:
    told: list[str] = []
    for part in parts:
        if not part or part in told:
            continue
        joins = next((word for word in ("with_", "without_", "for_") if part.startswith(word)), "")
        if told and joins and any(f"_{earlier}".rpartition(f"_{joins}")[1] for earlier in told):
            part = f"and_{part.removeprefix(joins)}"
        told.append(part)
    return "_".join(told)


# --- what comes out --------------------------------------------------------------------------------------------------


def _came(case: CallCase) -> str:
    first = case.expect[0] if case.expect else None
    match first:
        case Raises(symbol, message):
            said = message_words(message, _texts_in(case)) if message else ""
            return f"raises_{said or _error_name(symbol)}"
        case Is(Null()) | Equals(Null()) if first.subject.of == "result":
            return "is_none" if len(case.expect) == 1 else ""
        case Is(Bool(value)) | Equals(Bool(value)) if first.subject.of == "result":
            return f"is_{value}".lower()
        case IsNan():
            return "is_nan"
        case Is(Ref()):
            return "returns_itself"
        case Equals(value, subject) if subject.of == "result" and not subject.view:
            return _came_back(value, case.input)
        case Outputs(text):
            return "prints_nothing" if not text else "prints"
    return ""


def _error(case: CallCase) -> str:
    first = case.expect[0] if case.expect else None
    return f"raises_{_error_name(first.symbol)}" if isinstance(first, Raises) else ""


def _error_name(symbol: str) -> str:
    return snake(symbol.partition(":")[2].rpartition(".")[2])


def _came_back(value: Expression, given: Expression) -> str:
    if _adjective(value) == "empty":
        return "is_empty"
    arguments = _arguments(given)
    speaks = isinstance(value, Text | List | Map | Tuple | Bytes)
    return "unchanged" if speaks and sum(argument.value == value for argument in arguments) == 1 else ""


def _back(case: CallCase) -> str:
    """Of which sort the result is."""
    for expectation in case.expect:
        match expectation:
            case Equals(value, subject) | Is(value, subject) if subject == RESULT:
                special = _adjective(value) if isinstance(value, Int | Float | Duration) else ""
                return f"is_{special}" if special else f"returns_{sort_of(value)}"
            case IsInstance(symbol, subject) if subject.of == "result" and not subject.path:
                return f"returns_{snake(symbol.partition(':')[2])}"
    return "changes_it" if _about_others(case.expect) else ""


def _made(case: CallCase) -> str:
    """What a new object that equals the result is given."""
    first = case.expect[0] if case.expect else None
    if not isinstance(first, Equals) or not isinstance(first.value, Construct):
        return ""
    names = [snake(argument.name) for argument in first.value.arguments if argument.name]
    return f"with_{'_and_'.join(names)}" if 0 < len(names) <= _MOST_NAMES else ""


def _about_others(expect: Sequence[Expectation]) -> bool:
    return any(isinstance(item, Equals) and item.subject.of != "result" for item in expect)


# --- what goes in ----------------------------------------------------------------------------------------------------


def _given(case: CallCase) -> str:
    """The arguments that are special by their kind, else the options that are given."""
    found = [
        (argument.name, _special(argument, at, case.parameters))
        for at, argument in enumerate(_arguments(case.input))
        if not argument.spread
    ]
    special = [word for _, word in found if word and (word != _SINGLE or len(found) == 1)]
    options = [f"with_{snake(name)}" for name, word in found if name and not word]
    if not 0 < len(special) <= _MOST_NAMES:
        special = []
    return _joined(*special, *(options if len(special) + len(options) <= _MOST_NAMES else ()))


def _every_name(case: CallCase) -> str:
    names = [snake(argument.name) for argument in _arguments(case.input) if argument.name]
    return f"with_{'_'.join(names)}" if names else ""


def _special(argument: Argument, at: int, parameters: Sequence[str]) -> str:
    name = snake(argument.name or (parameters[at] if at < len(parameters) else ""))
    match argument.value:
        case Null():
            return f"without_{name}" if name and name not in _ANONYMOUS else "for_none"
        case Bool(value) if name and name not in _ANONYMOUS:
            return f"{'with' if value else 'without'}_{name}"
        case Bool(value):
            return f"for_{value}".lower()
        case SymbolRef(symbol):
            constant = symbol.rpartition(":")[2].rpartition(".")[2]
            return f"with_{snake(constant)}" if constant.isupper() and len(constant) > 2 else ""
        case EnumMember(_, member):
            return f"for_{snake(member)}"
        case Construct(symbol, arguments) if not symbol.startswith("builtins:"):
            return "" if arguments else f"for_default_{snake(symbol.partition(':')[2])}"
    adjective = _adjective(argument.value)
    if not adjective:
        return ""
    if adjective == "single_character":
        return f"for_{adjective}"
    noun = name if name and name not in _ANONYMOUS else _HELD.get(type(argument.value), "value")
    return f"for_{adjective}_{noun}"


def _adjective(value: Expression) -> str:
    match value:
        case Text(text):
            return _text_kind(text)
        case Int(number):
            return "zero" if number == 0 else "negative" if number < 0 else "huge" if number >= _HUGE else ""
        case Float(text):
            if text in ("nan", "inf", "-inf"):
                return {"nan": "nan", "inf": "infinite", "-inf": "negative_infinite"}[text]
            return "negative" if text.startswith("-") else "zero" if value.value == 0 else ""
        case Duration(amount):
            return "zero" if amount == 0 else "negative" if amount < 0 else ""
        case DateTime(iso):
            return "aware" if re.search(r"([+-]\d\d:\d\d|Z)$", iso) else ""
        case Bytes(octets):
            return "" if octets else "empty"
        case Map(entries):
            return "" if entries else "empty"
        case List(items) | Tuple(items) | Set(items):
            if not items:
                return "empty"
            return "single_item" if len(items) == 1 else "repeated" if len(set(items)) == 1 else ""
    return ""


def _text_kind(text: str) -> str:
    if not text:
        return "empty"
    if not text.strip():
        return "blank"
    if text != text.strip():
        return "padded"
    if "\n" in text:
        return "multiline"
    if not text.isascii():
        return "non_ascii"
    if text.isdigit():
        return "numeric"
    if text.startswith("-") and any(char.isdigit() for char in text):
        return "negative"
    if len(text) == 1:
        return "single_character" if text.isalpha() else "punctuation"
    return "uppercase" if text.isalpha() and text.isupper() else ""


def _receiver(case: CallCase) -> str:
    """How the object was made that a method is called on, or the only object that is handed over."""
    made = [step.does for step in case.setup if step.name and isinstance(step.does, Construct)]
    if not made:
        made = [argument.value for argument in _arguments(case.input) if isinstance(argument.value, Construct)]
    if isinstance(case.input, Operate) and isinstance(case.input.operands[0], Construct):
        made = [case.input.operands[0]]
    if len(made) != 1 and not case.setup:
        return ""
    first = made[0] if made else None
    if first is None:
        return ""
    if not first.arguments:
        return f"of_default_{snake(first.symbol.partition(':')[2])}"
    names = [snake(argument.name) for argument in first.arguments if argument.name]
    negative = all(_adjective(argument.value) == "negative" for argument in first.arguments)
    told = f"{'negative_' if negative else ''}{'_and_'.join(names)}"
    return f"with_{told}" if 0 < len(names) <= _MOST_NAMES else ""


def _short(case: CallCase) -> str:
    """A word or a small number, where the case has just one."""
    said = [part for argument in _arguments(case.input) for part in walk(argument.value)]
    texts = [
        part.value
        for part in said
        if isinstance(part, Text) and re.fullmatch(r"[A-Za-z]+([ _-][A-Za-z]+)?", part.value)
    ]
    numbers = [part.value for part in said if isinstance(part, Int) and abs(part.value) < 1000]
    if len(texts) == 1 and 2 < len(texts[0]) <= 20:
        return f"of_{snake(texts[0])}"
    if len(numbers) == 1 and not texts:
        return f"of_minus_{-numbers[0]}" if numbers[0] < 0 else f"of_{numbers[0]}"
    return ""


def _arguments(given: Expression) -> tuple[Argument, ...]:
    match given:
        case Call() | Construct():
            return given.arguments
        case Consume(source):
            return _arguments(source)
        case Operate(_, operands):
            return tuple(Argument(operand) for operand in operands if not isinstance(operand, Ref))
    return ()


def _texts_in(case: CallCase) -> frozenset[str]:
    parts = list(walk((case.setup, case.input)))
    numbers = {str(abs(part.value)) for part in parts if isinstance(part, Int)}
    return frozenset({part.value for part in parts if isinstance(part, Text) and part.value} | numbers)

"""One short clause on what a case shows, where something can be said that its values do not say already."""

from collections.abc import Sequence

from qtest.records.case import (
    Argument,
    Bool,
    Bytes,
    Call,
    CallCase,
    Construct,
    Consume,
    Equals,
    Expectation,
    Expression,
    Is,
    List,
    Map,
    Null,
    Raises,
    Set,
    Text,
    Tuple,
)

_EMPTY: tuple[tuple[Expression, str], ...] = (
    (Text(""), "empty text"),
    (List(), "an empty list"),
    (Tuple(), "an empty tuple"),
    (Map(), "an empty mapping"),
    (Set(), "an empty set"),
    (Bytes(""), "empty bytes"),
)
_WORDS = dict(_EMPTY)


def describe(given: Expression, expect: Sequence[Expectation], parameters: Sequence[str]) -> str:
    """Empty when its values tell more than words would."""
    what = _given(given, parameters)
    if not what or not expect:
        return ""
    came = _came(expect[0])
    return f"{came} for {what}" if came else ""


def _came(expectation: Expectation) -> str:
    match expectation:
        case Raises(symbol):
            return f"raises {symbol.rpartition(':')[2].rpartition('.')[2]}"
        case Is(Null()):
            return "returns None"
        case Is(Bool(value)):
            return f"is {str(value).lower()}"
        case Equals(value) if value in _WORDS:
            return f"returns {_WORDS[value]}"
    return ""


def _given(given: Expression, parameters: Sequence[str]) -> str:
    """What is special about the arguments, when exactly one of them is."""
    if isinstance(given, Consume):
        return _given(given.source, parameters)
    if not isinstance(given, Call | Construct):
        return ""
    special = [word for at, argument in enumerate(given.arguments) if (word := _special(argument, at, parameters))]
    return special[0] if len(special) == 1 else ""


def _special(argument: Argument, at: int, parameters: Sequence[str]) -> str:
    name = (argument.name or (parameters[at] if at < len(parameters) else "")).replace("_", " ").strip()
    if argument.value in _WORDS:
        return f"{_WORDS[argument.value]}" if not argument.name else f"{_WORDS[argument.value]} as {name}"
    if isinstance(argument.value, Null) and name:
        return f"no {name}"
    if isinstance(argument.value, Bool) and argument.name:
        return f"{name} {'on' if argument.value.value else 'off'}"
    return ""


def distinct(cases: Sequence[CallCase]) -> list[CallCase]:
    """Descriptions that two cases of a target share say nothing, and are taken away."""
    counts: dict[tuple[str, str], int] = {}
    for case in cases:
        counts[case.target, case.description] = counts.get((case.target, case.description), 0) + 1
    return [
        case if counts[case.target, case.description] == 1 else case.model_copy(update={"description": ""})
        for case in cases
    ]

"""From what was seen to what a test says of it: expectations that can be read and relied on."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from qtest.generate.search import files
from qtest.generate.search.trial import Trial
from qtest.records.case import (
    Call,
    Consume,
    Entry,
    EnumMember,
    Equals,
    Expectation,
    Expression,
    Float,
    Is,
    IsInstance,
    IsNan,
    List,
    Map,
    Outputs,
    Raises,
    Ref,
    Set,
    Subject,
    SymbolRef,
    Text,
    Tuple,
    expression_from_json,
    expression_to_json,
)

from qtest.records.case import Argument, Construct  # isort: skip
from qtest.records.workbench import Observation

CARELESS = frozenset(
    (
        "builtins:TypeError",
        "builtins:AttributeError",
        "builtins:NameError",
        "builtins:RecursionError",
        "builtins:MemoryError",
    )
)
_SIMPLE = frozenset(
    ("null", "bool", "int", "float", "text", "bytes", "decimal", "date", "time", "datetime", "duration", "regex", "env")
)
_MOST_ATTRIBUTES = 6
_LONGEST = 1500
_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Said:
    """What is looked at and what is expected of it; without expectations `why` says what is missing."""

    input: Expression
    expect: tuple[Expectation, ...] = ()
    implicit: bool = False
    why: str = ""


def said(trial: Trial, observation: Observation, promised: Callable[[str], bool] = lambda _: False) -> Said:
    """`promised` says whether the target announces an error; one that it did not itself raise is then a part of its behaviour."""
    form = _form(observation.seen)
    if form is None:
        return Said(trial.input, why="nothing was seen")
    given = had(trial.input, form)
    if given is None:
        return Said(trial.input, why="what it gives must be awaited, and is not by a call")
    if "raised" in form:
        return _raised(given, form, promised)
    given, expect = _result(given, form["result"])
    others = (*_watched(form), *files.expected(form), *_printed(form))
    if others and form["result"].get("kind") == "null":
        expect = ()
    whole = (*expect, *others)
    if not whole:
        return Said(trial.input, why="nothing about the result can be asserted")
    if sum(len(repr(item)) for item in whole) > _LONGEST:
        return Said(trial.input, why="the result is too long to be read in a test")
    return Said(given, whole)


def shown(seen: str) -> tuple[Expectation, ...]:
    """All that can be said of it, whether a test should rely on it or not."""
    form = _form(seen)
    if form is None:
        return ()
    others = (*_watched(form), *files.expected(form), *_printed(form))
    if "raised" in form:
        message = form["raised"].get("message")
        return (Raises(str(form["raised"]["type"]), message if isinstance(message, str) else None), *others)
    result = form["result"]
    if result["kind"] == "iterator":
        found: tuple[Expectation, ...] = tuple(about({"kind": "list", "items": result["items"]}, Subject()))
    else:
        found = (Is(Ref(result["name"])),) if result["kind"] == "same" else tuple(about(result, Subject()))
    return (*(() if others and result["kind"] == "null" else found), *others)


def value_of(form: Any) -> Expression | None:
    """The value as the DSL says it; None when it does not."""
    kind = form.get("kind") if isinstance(form, dict) else None
    try:
        if kind in _SIMPLE:
            return expression_from_json(json.dumps(form))
        match kind:
            case "list" | "tuple":
                items = _values(form["items"])
                return None if items is None else List(items) if kind == "list" else Tuple(items)
            case "set":
                items = _values(form["items"])
                return (
                    None if items is None else Set(tuple(sorted(items, key=expression_to_json)), bool(form["frozen"]))
                )
            case "map":
                return _map(form["entries"])
            case "enum":
                return EnumMember(form["symbol"], form["member"]) if nameable(form["symbol"]) else None
            case "symbol":
                return SymbolRef(form["symbol"]) if nameable(form["symbol"]) else None
            case "construct":
                return _construct(form)
    except (KeyError, TypeError, ValueError, ValidationError, RecursionError):
        return None
    return None


def text_of(form: Any) -> str | None:
    """The value's repr, where it can be told from what was seen."""
    kind = form.get("kind") if isinstance(form, dict) else None
    match kind:
        case "null":
            return "None"
        case "bool" | "int" | "text":
            return repr(form["value"])
        case "float":
            return str(form["text"])
        case "bytes":
            return repr(bytes.fromhex(form["hex"]))
        case "list" | "tuple":
            return _joined(kind, [text_of(item) for item in form["items"]])
        case "map":
            pairs = [(text_of(entry["key"]), text_of(entry["value"])) for entry in form["entries"]]
            if any(key is None or value is None for key, value in pairs):
                return None
            return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
        case "object":
            found = form.get("repr")
            return found if isinstance(found, str) else None
    return None


def _joined(kind: str, texts: list[str | None]) -> str | None:
    plain = [text for text in texts if text is not None]
    if len(plain) != len(texts):
        return None
    inner = ", ".join(plain)
    if kind == "list":
        return f"[{inner}]"
    return f"({inner},)" if len(plain) == 1 else f"({inner})"


def _form(seen: str) -> dict[str, Any] | None:
    try:
        form = json.loads(seen)
    except ValueError:
        return None
    return form if isinstance(form, dict) and ("raised" in form or isinstance(form.get("result"), dict)) else None


def had(given: Expression, form: dict[str, Any]) -> Expression | None:
    """What was looked at: the result of the call once it is awaited, or the items that it gives then; None when that cannot be said."""
    awaited = str(form.get("awaited", "")).split()
    if "value" in awaited:
        if not isinstance(given, Call) or given.awaited:
            return None
        given = replace(given, awaited=True)
    if "items" in awaited:
        source = given.arguments[0].value if isinstance(given, Call) and given.symbol == "builtins:aiter" else given
        return Consume(source, _LIMIT if form.get("result", {}).get("more") else 0, awaited=True)
    return given


def raised_of(observation: Observation) -> dict[str, Any]:
    """The exception as it was seen; empty when there was none."""
    form = _form(observation.seen)
    found = form.get("raised") if form else None
    return found if isinstance(found, dict) else {}


def result_of(observation: Observation) -> Any:
    form = _form(observation.seen)
    return form.get("result") if form else None


def waited_for(observation: Observation) -> bool:
    """Whether the result had to be awaited, beyond what the trial itself awaits."""
    form = _form(observation.seen)
    return bool(form and form.get("awaited"))


# --- exceptions ------------------------------------------------------------------------------------------------------


def _raised(given: Expression, form: dict[str, Any], promised: Callable[[str], bool]) -> Said:
    raised = form["raised"]
    symbol, message = str(raised["type"]), raised.get("message")
    if not nameable(symbol):
        return Said(given, why=f"its exception {symbol} cannot be named")
    if not raised.get("inside", True):
        return Said(given, why="the exception does not come from the code under test")
    explicit = bool(raised.get("explicit"))
    if not explicit and symbol in CARELESS:
        return Said(given, why=f"only {symbol.partition(':')[2]} from arguments of a wrong type was seen")
    if not explicit and not promised(symbol):
        return Said(given, why="the error comes from a builtin, not from the target")
    text = message if explicit and isinstance(message, str) and message else None
    expect = (Raises(symbol, text, exact=True), *_watched(form), *files.expected(form))
    return Said(given, expect, implicit=not explicit)


# --- results ---------------------------------------------------------------------------------------------------------


def _result(given: Expression, form: dict[str, Any]) -> tuple[Expression, tuple[Expectation, ...]]:
    if form["kind"] == "same":
        return given, (Is(Ref(form["name"])),)
    if form["kind"] == "iterator":
        consumed = given if isinstance(given, Consume) and given.awaited else Consume(given, _LIMIT)
        items = _values(form["items"])
        if items is None:
            text = _joined("list", [text_of(item) for item in form["items"]])
            return consumed, () if text is None else (Equals(Text(text), Subject(view="repr")),)
        return consumed, (Equals(List(items)),)
    return given, tuple(about(form, Subject()))


def about(form: dict[str, Any], subject: Subject) -> Iterator[Expectation]:
    """What can be said of one value, wherever it is looked at."""
    kind = form["kind"]
    value = value_of(form)
    if value is not None:
        if kind in ("null", "bool", "symbol"):
            yield Is(value, subject)
        elif isinstance(value, Float) and value.text == "nan":
            yield IsNan(subject)
        else:
            yield Equals(value, subject)
    elif kind == "subclass":
        inner = value_of(form["value"])
        if inner is not None:
            yield from _class(form, subject)
            yield Equals(inner, subject)
    elif kind == "exception":
        yield from _class(form, subject)
        if isinstance(form.get("text"), str):
            yield Equals(Text(form["text"]), _view(subject, "str"))
    elif kind == "buffer" and not subject.path:
        yield from files.written(form, subject)
    elif kind == "object":
        yield from _object(form, subject)
    elif kind in ("list", "tuple", "map"):
        text = text_of(form)
        if text is not None:
            yield Equals(Text(text), _view(subject, "repr"))


def _object(form: dict[str, Any], subject: Subject) -> Iterator[Expectation]:
    found = list(_parts(form, subject))
    if found:
        yield from _class(form, subject)
        yield from found


def _parts(form: dict[str, Any], subject: Subject) -> Iterator[Expectation]:
    if isinstance(form.get("repr"), str):
        yield Equals(Text(form["repr"]), _view(subject, "repr"))
        if isinstance(form.get("str"), str) and form["str"] != form["repr"]:
            yield Equals(Text(form["str"]), _view(subject, "str"))
        return
    if isinstance(form.get("str"), str):
        yield Equals(Text(form["str"]), _view(subject, "str"))
    if isinstance(form.get("list"), list) and not form.get("more"):
        items = _values(form["list"])
        if items is not None:
            yield Equals(List(items), _view(subject, "list"))
    count = 0
    for name, inner in form.get("attributes", {}).items():
        value = value_of(inner)
        if value is not None and name.isidentifier() and count < _MOST_ATTRIBUTES:
            count += 1
            yield from about(inner, Subject(subject.of, (*subject.path, name)))


def _class(form: dict[str, Any], subject: Subject) -> Iterator[Expectation]:
    if nameable(form["symbol"]):
        yield IsInstance(form["symbol"], subject)


def _view(subject: Subject, view: Any) -> Subject:
    return Subject(subject.of, subject.path, view)


def _watched(form: dict[str, Any]) -> Iterator[Expectation]:
    for name, inner in form.get("watch", {}).items():
        if inner.get("kind") != "iterator":
            yield from about(inner, Subject(of=name))


def _printed(form: dict[str, Any]) -> Iterator[Expectation]:
    if form.get("out"):
        yield Outputs(form["out"])


# --- values ----------------------------------------------------------------------------------------------------------


def _values(forms: list[Any]) -> Any:
    values = [value_of(form) for form in forms]
    return None if any(value is None for value in values) else tuple(values)


def _map(entries: list[Any]) -> Expression | None:
    pairs = [(value_of(entry["key"]), value_of(entry["value"])) for entry in entries]
    if any(key is None or value is None for key, value in pairs):
        return None
    return Map(tuple(Entry(key, value) for key, value in pairs))  # type: ignore[arg-type]


def _construct(form: dict[str, Any]) -> Expression | None:
    if not nameable(form["symbol"]):
        return None
    arguments = []
    for given in form["arguments"]:
        value = value_of(given["value"])
        if value is None:
            return None
        arguments.append(Argument(value, given["name"]))
    return Construct(form["symbol"], tuple(arguments))


def nameable(symbol: str) -> bool:
    module, _, name = symbol.partition(":")
    return (
        bool(module and name)
        and "<" not in symbol
        and "?" not in symbol
        and all(part.isidentifier() for part in (*module.split("."), *name.split(".")))
    )

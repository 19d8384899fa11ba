"""From records to the wire form, and back."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any, get_type_hints

from pydantic import ValidationError

from qtest.records.case.as_json import expression_to_json
from qtest.records.case.call import CallCase
from qtest.records.case.expression import Call, Set, Step
from qtest.records.case.plain import Bool, Float, Int, Null, Text
from qtest.records.case.wire import forms, limits
from qtest.records.case.wire.forms import Digits, Form, Parts
from qtest.records.case.wire.suite import MOST_CASES, WireCase


class Unsayable(ValueError):
    """The wire form has no words for it."""


def each(text: str) -> Iterator[WireCase | str]:
    """The cases of an answer; of one that is not of the form what is wrong with it, in one line. Raises ValueError, with one line too,
    where that is so of the whole answer."""
    for number, case in enumerate(_cases(text)):
        try:
            yield WireCase.model_validate(_kinder(case))
        except (ValidationError, RecursionError) as error:
            yield f"case {number + 1} is not of the form that was asked for: {_first(error)}"


def _cases(text: str) -> list[Any]:
    try:
        answer = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"the answer is not JSON: {error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise ValueError("the answer is not of the form that was asked for: too deep") from error
    if not isinstance(answer, dict) or set(answer) != {"cases"} or not isinstance(answer["cases"], list):
        raise ValueError('the answer is not of the form that was asked for: expected {"cases": [...]}')
    if len(answer["cases"]) > MOST_CASES:
        raise ValueError(f"the answer holds {len(answer['cases'])} cases; expected at most {MOST_CASES}")
    return list(answer["cases"])


def _first(error: ValidationError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "too deep"
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg'][:200]}"


def recorded(said: Any) -> Any:
    """The expression, expectation or step that a validated form says."""
    match said:
        case None:
            return Null()
        case bool():
            return Bool(said)
        case int():
            return Int(said)
        case str():
            return Text(said)
        case Parts():
            return Text(_joined(said))
        case Digits():
            return Int(int(said.text))
    given = {name: _field(said, name, getattr(said, name)) for name in said.model_fields_set if name != "kind"}
    if said.made_of is Float:  # 1.50 is the number 1.5
        given["text"] = repr(float(given["text"]))
    made = said.made_of(**given)
    return replace(made, items=tuple(sorted(made.items, key=expression_to_json))) if isinstance(made, Set) else made


def setup_of(case: WireCase) -> tuple[Step, ...]:
    return tuple(Step(recorded(step.does), step.name or "") for step in case.setup)


def prose(said: Any) -> str:
    return _joined(said) if isinstance(said, Parts) else str(said)


def written(case: CallCase) -> str:
    """As JSON. Raises Unsayable."""
    said: dict[str, Any] = {"target": case.target}
    if case.description:
        said["description"] = case.description
    if case.setup:
        said["setup"] = [{"does": _said(step.does)} | ({"name": step.name} if step.name else {}) for step in case.setup]
    said |= {"input": _said(case.input), "expect": [_said(one) for one in case.expect]}
    try:
        WireCase.model_validate(said)
    except ValidationError as error:
        raise Unsayable(error.errors()[0]["msg"]) from error
    return json.dumps(said, separators=(",", ":"))


def _field(said: Form, name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_field(said, name, item) for item in value)
    if isinstance(value, Parts) and name not in said.says:
        return _joined(value)
    nobody = value is None and said.made_of is Call  # a function is called, on nothing
    if isinstance(value, Form) or (name in said.says and not nobody):
        return recorded(value)
    return value


def _joined(parts: Parts) -> str:
    return "".join(chr(part) if isinstance(part, int) else part for part in parts.parts)


def _said(part: Any) -> Any:
    match part:
        case Null():
            return None
        case Bool(value):
            return value
        case Int(value, 0):
            return value if abs(value) <= limits.LARGEST else {"kind": "int", "text": str(value)}
        case Text(value):
            return _prose(value)
        case tuple():
            return [_said(item) for item in part]
        case Call(receiver=Null()):
            raise Unsayable("nothing is called on null")
    if not is_dataclass(part) or isinstance(part, (*forms.PLAIN_JSON, *forms.UNSAID)):
        raise Unsayable(f"no words for {part!r}")
    hints, made = get_type_hints(type(part)), {}
    for field in sorted(fields(part), key=lambda field: field.name != "kind"):
        value = getattr(part, field.name)
        if field.name != "kind" and field.default is not MISSING and value == field.default:
            continue
        made[field.name] = _spelled(value, holds=forms.holds(hints[field.name]), kind=field.name == "kind")
    return made


def _spelled(value: Any, *, holds: bool, kind: bool) -> Any:
    if holds or (is_dataclass(value) and not isinstance(value, type)):
        return _said(value)
    if isinstance(value, str) and not kind:
        return _prose(value)
    if isinstance(value, tuple):
        return [_spelled(item, holds=False, kind=False) for item in value]
    return value


def _prose(text: str) -> Any:
    if limits.PLAIN_TEXT.fullmatch(text):
        return text
    parts: list[str | int] = []
    for char in text:
        plain = limits.PLAIN_TEXT.fullmatch(char) is not None
        if plain and parts and isinstance(parts[-1], str) and len(parts[-1]) < limits.LONGEST_TEXT:
            parts[-1] += char
        else:
            parts.append(char if plain else ord(char))
    return {"kind": "text", "parts": parts}


def _kinder(part: Any) -> Any:
    """Numbers as JSON has them and our grammar has not."""
    match part:
        case float():
            return {"kind": "float", "text": repr(part)}
        case bool():
            return part
        case int() if abs(part) > limits.LARGEST:
            return {"kind": "int", "text": str(part)}
        case list():
            return [_kinder(item) for item in part]
        case dict():
            return {key: _kinder(value) for key, value in part.items()}
    return part

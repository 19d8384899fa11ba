"""Schemas as the clouds want them."""

from typing import Any

import pytest

from serve.providers.grammar import is_strict, reduced

CLOSED: dict[str, Any] = {
    "type": "object",
    "properties": {"a": {"type": "string", "pattern": "^x$"}, "b": {"$ref": "#/$defs/B"}},
    "required": ["a", "b"],
    "additionalProperties": False,
    "$defs": {"B": {"type": "array", "items": {"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 3}]}}},
}


def test_a_closed_schema_that_requires_everything_can_be_enforced() -> None:
    assert is_strict(CLOSED)


@pytest.mark.parametrize(
    "change",
    [
        {"additionalProperties": True},
        {"required": ["a"]},
        {"$defs": {"B": {"type": "object", "properties": {"c": {}}}}},
        {"properties": {"a": {"anyOf": [{"type": "object", "properties": {"c": {}}}]}, "b": {}}},
    ],
)
def test_an_open_object_anywhere_cannot_be_enforced(change: dict[str, Any]) -> None:
    assert not is_strict(CLOSED | change)


def test_what_a_grammar_does_not_know_is_said_in_words() -> None:
    found = reduced(CLOSED | {"description": "A case."})
    assert found["description"] == "A case."
    assert found["properties"]["a"] == {"type": "string", "description": "{pattern: ^x$}"}
    assert found["$defs"]["B"]["items"]["anyOf"][1] == {"type": "integer", "description": "{minimum: 3}"}
    assert found["additionalProperties"] is False


def test_true_and_false_are_schemas() -> None:
    assert reduced({"type": "array", "items": True}) == {"type": "array", "items": True}


def test_a_property_may_be_called_as_a_keyword() -> None:
    schema = {"type": "object", "properties": {"pattern": {"type": "string"}}, "required": ["pattern"]}
    assert reduced(schema)["properties"] == {"pattern": {"type": "string"}}

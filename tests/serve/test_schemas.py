"""Schemas that cannot be used are refused with the reason, and none makes the router fetch an address."""

import pytest

from serve.schemas import MOST_CHARACTERS, UnusableSchema, fits, usable


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("{", "the schema is no JSON"),
        ('{"type": "text"}', "the schema is no JSON Schema: 'text' is not valid"),
        ("[" * 100_000, "the schema is no JSON"),
        (f'"{"x" * MOST_CHARACTERS}"', "expected at most 200000"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused(schema: str, message: str) -> None:
    with pytest.raises(UnusableSchema, match=message):
        usable(schema)


def test_a_reference_to_elsewhere_is_not_followed() -> None:
    with pytest.raises(UnusableSchema, match=r"refers to 'http://127\.0\.0\.1:9/x', which is not in it"):
        fits('{"$ref": "http://127.0.0.1:9/x"}', "1")


@pytest.mark.parametrize("schema", ['{"pattern": "("}', '{"patternProperties": {"(": {}}}'])
def test_a_pattern_that_is_none_is_refused(schema: str) -> None:
    with pytest.raises(UnusableSchema, match="is not a 'regex'"):
        usable(schema)


def test_a_reference_within_is_followed() -> None:
    schema = '{"$defs": {"n": {"type": "integer"}}, "type": "array", "items": {"$ref": "#/$defs/n"}}'
    assert fits(schema, "[1, 2]")
    assert not fits(schema, '["1"]')


def test_an_answer_that_is_nested_without_end_does_not_fit() -> None:
    assert not fits("{}", "[" * 200_000)

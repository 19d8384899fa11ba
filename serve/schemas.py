"""JSON Schemas that come with prompts: refused when they cannot be used, and asked whether an answer is what they say."""

import json
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.exceptions import Unresolvable

MOST_CHARACTERS = 200_000


class UnusableSchema(Exception):
    """The message says what is wrong with it."""


def usable(schema: str) -> None:
    """Raises UnusableSchema."""
    _validator(schema)


def fits(schema: str, content: str) -> bool:
    """Raises UnusableSchema."""
    try:
        return bool(_validator(schema).is_valid(json.loads(content, parse_constant=_refuse)))
    except (ValueError, RecursionError):
        return False
    except Unresolvable as error:
        raise UnusableSchema(f"the schema refers to {error.ref!r}, which is not in it") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


@lru_cache(maxsize=64)
def _validator(schema: str) -> Validator:
    """Of a registry that is empty: the default one fetches whatever address a schema names."""
    if len(schema) > MOST_CHARACTERS:
        raise UnusableSchema(f"the schema has {len(schema)} characters; expected at most {MOST_CHARACTERS}")
    try:
        table: Any = json.loads(schema)
        Draft202012Validator.check_schema(table)
    except (ValueError, RecursionError) as error:
        raise UnusableSchema(f"the schema is no JSON: {error}") from error
    except SchemaError as error:
        raise UnusableSchema(f"the schema is no JSON Schema: {error.message[:300]}") from error
    return Draft202012Validator(table, registry=Registry())

"""JSON Schemas as the clouds want them."""

from collections.abc import Mapping
from typing import Any

_TAKEN = frozenset(("$defs", "$ref", "type", "enum", "const", "anyOf", "allOf", "properties", "required", "items", "description", "title", "format", "default"))  # fmt: skip
_FORMATS = frozenset(("date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"))


def is_strict(schema: Any) -> bool:
    """Whether every object in it is closed and requires all it may have: OpenAI enforces only such a schema."""
    if isinstance(schema, list):
        return all(map(is_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    named = schema.get("properties")
    if isinstance(named, Mapping) and schema.get("type") == "object":
        closed = schema.get("additionalProperties") is False and set(schema.get("required", ())) == set(named)
        return closed and all(map(is_strict, named.values())) and all(map(is_strict, schema.get("$defs", {}).values()))
    return all(is_strict(part) for key, part in schema.items() if key not in ("enum", "const", "default"))


def reduced(schema: Any) -> Any:
    """With what Anthropic's grammars do not know as words in a description, where a model may still heed it. Objects are closed."""
    if not isinstance(schema, Mapping):
        return schema  # true or false is a schema too
    kept: dict[str, Any] = {}
    words: dict[str, Any] = {}
    for key, part in schema.items():
        name = "anyOf" if key == "oneOf" else key
        if key == "additionalProperties":
            continue
        if name in _TAKEN and not (key == "format" and part not in _FORMATS):
            kept[name] = _part(name, part)
        elif key == "minItems" and part in (0, 1):
            kept[key] = part
        elif not key.startswith("$"):
            words[key] = part
    if kept.get("type") == "object":
        kept["additionalProperties"] = False
    if words:
        said = ", ".join(f"{key}: {part}" for key, part in words.items())
        kept["description"] = "\n\n".join(filter(None, (kept.get("description", ""), f"{{{said}}}")))
    return kept


def _part(name: str, part: Any) -> Any:
    if name in ("properties", "$defs"):
        return {key: reduced(one) for key, one in part.items()}
    if name in ("anyOf", "allOf"):
        return [reduced(one) for one in part]
    return reduced(part) if name == "items" else part

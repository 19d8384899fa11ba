"""GitHub's own description of its API: which operation a request is, whether it and its answer are as described, and what a field that
nobody here cares about may hold."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

_FILE = Path(__file__).parent.parent / "github-api-subset.json"
_URI = "urn:github"
_GENERAL = (
    400,
    401,
    403,
    404,
    409,
    422,
    429,
    500,
    502,
    503,
)  # documented for the API as a whole, not for each operation
_DEFAULTS = {"date-time": "2024-01-01T00:00:00Z", "uri": "https://example.invalid/", "email": "a@example.invalid"}


@dataclass(frozen=True)
class Operation:
    """`parts` are what the path held in place of the template's names."""

    method: str
    template: str
    parts: Mapping[str, str]


class Description:
    def __init__(self) -> None:
        self._whole: dict[str, Any] = json.loads(_FILE.read_text())
        self._registry: Registry[Any] = Registry().with_resource(_URI, Resource(self._whole, DRAFT4))
        self._paths = [(_pattern(template), template) for template in self._whole["paths"]]

    def operation(self, method: str, path: str) -> Operation | None:
        for pattern, template in self._paths:
            found = pattern.fullmatch(path)
            if found and method.lower() in self._whole["paths"][template]:
                return Operation(method, template, found.groupdict())
        return None

    def wrong_request(self, operation: Operation, query: Mapping[str, str], body: Any) -> Iterator[str]:
        described = self._described(operation)
        names = {}
        for number, parameter in enumerate(described.get("parameters", ())):
            found = self._followed(parameter)
            at = self._pointer(operation, "parameters", str(number))
            names[found["name"]] = parameter.get("$ref") or at
            if found["in"] == "query" and found["name"] in query:
                yield from self._broken(
                    OAS30WriteValidator, f"{names[found['name']]}/schema", _typed(query[found["name"]], found)
                )
        yield from (f"query parameter {name} is not described" for name in query if name not in names)
        if "requestBody" in described and (body is not None or described["requestBody"].get("required")):
            at = self._pointer(operation, "requestBody", "content", "application/json", "schema")
            yield from self._broken(OAS30WriteValidator, at, body)
            known = described["requestBody"]["content"]["application/json"]["schema"].get("properties")
            if known and isinstance(body, dict):
                yield from (f"field {name} is not described" for name in body if name not in known)

    def wrong_answer(self, operation: Operation, status: int, body: Any) -> Iterator[str]:
        answers = self._described(operation)["responses"]
        if str(status) in answers:
            at = self._pointer(operation, "responses", str(status))
            described = answers[str(status)]
            if "$ref" in described:
                at, described = described["$ref"], self._followed(described)
            if "content" not in described:
                yield from ([f"an answer with {status} has no body"] if body is not None else [])
            else:
                media = next(iter(described["content"]))
                yield from self._broken(OAS30ReadValidator, f"{at}/content/{media.replace('/', '~1')}/schema", body)
        elif status in _GENERAL:
            yield from self._broken(OAS30ReadValidator, "#/components/schemas/basic-error", body)
        else:
            yield f"an answer with {status} is not described"

    def filled(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """A schema's object: what is given, and anything allowed for the other fields that it requires."""
        schema = self._whole["components"]["schemas"][name]
        return {field: self._anything(schema["properties"][field]) for field in schema.get("required", ())} | dict(
            given
        )

    def _anything(self, schema: Mapping[str, Any]) -> Any:
        schema = self._followed(schema)
        if schema.get("nullable"):
            return None
        if "enum" in schema:
            return schema["enum"][0]
        for choice in ("oneOf", "anyOf", "allOf"):
            if choice in schema:
                return self._anything(schema[choice][0])
        if schema.get("type") == "object" or "properties" in schema:
            return {field: self._anything(schema["properties"][field]) for field in schema.get("required", ())}
        plain = {"array": [], "integer": 1, "number": 1, "boolean": False}
        return plain.get(schema.get("type", ""), _DEFAULTS.get(schema.get("format", ""), "-"))

    def _described(self, operation: Operation) -> dict[str, Any]:
        found: dict[str, Any] = self._whole["paths"][operation.template][operation.method.lower()]
        return found

    def _followed(self, thing: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in thing:
            found: Any = self._whole
            for part in thing["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            thing = found
        return thing

    def _pointer(self, operation: Operation, *parts: str) -> str:
        steps = ("paths", operation.template, operation.method.lower(), *parts)
        return "#/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in steps)

    def _broken(self, kind: Any, pointer: str, thing: Any) -> Iterator[str]:
        for error in self._validator(kind, pointer).iter_errors(thing):
            yield f"{'/'.join(map(str, error.absolute_path)) or 'the whole'}: {error.message[:300]}"

    @cache  # noqa: B019  one description lives as long as the session
    def _validator(self, kind: Any, pointer: str) -> Any:
        schema = {"$ref": _URI + quote(pointer, safe="#/~")}
        return kind(schema, registry=self._registry, format_checker=oas30_format_checker)


@cache
def described() -> Description:
    """Read once: it is large."""
    return Description()


def _pattern(template: str) -> re.Pattern[str]:
    """Names of references and files hold slashes."""
    wide = ("ref", "path", "branch", "basehead")
    parts = re.split(r"\{(\w+)\}", template)
    made = [
        re.escape(part) if number % 2 == 0 else f"(?P<{part}>{'.+' if part in wide else '[^/]+'})"
        for number, part in enumerate(parts)
    ]
    return re.compile("".join(made))


def _typed(text: str, parameter: Mapping[str, Any]) -> Any:
    kind = parameter["schema"].get("type")
    if kind == "integer" and text.isdecimal():
        return int(text)
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text

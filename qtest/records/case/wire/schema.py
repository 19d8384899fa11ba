"""The wire form as a JSON Schema that grammar engines take."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from qtest.records.case.wire import limits
from qtest.records.case.wire.suite import WireSuite

_UNSAID = ("title", "description", "default", "discriminator")
_NAMES = ("properties", "$defs")  # below them stand names of ours, not words of the language


def schema_text(names: Sequence[str] = (), model: type[BaseModel] = WireSuite) -> str:
    """`names` are the only symbols that may stand in an answer; any, when empty."""
    schema = _plain(model.model_json_schema())
    symbol: dict[str, Any] = {"type": "string", "pattern": limits.SYMBOL}
    if names:
        symbol = {"type": "string", "enum": list(names)}
    if _uses_symbols(schema):
        schema.setdefault("$defs", {})["Symbol"] = symbol
    return json.dumps(schema, separators=(",", ":"))


def _plain(part: Any, *, named: bool = False) -> Any:
    """Without what only people read; any of the options where pydantic says which."""
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    if not named and part.get("pattern") == limits.SYMBOL:
        return {"$ref": "#/$defs/Symbol"}
    return {
        "anyOf" if key == "oneOf" and not named else key: _plain(value, named=key in _NAMES and not named)
        for key, value in part.items()
        if named or key not in _UNSAID
    }


def _uses_symbols(part: Any) -> bool:
    return '"#/$defs/Symbol"' in json.dumps(part)

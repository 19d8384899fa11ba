"""Reads settings that may be broken: what cannot be read says nothing."""

import tomllib
from collections.abc import Mapping
from typing import Any


def toml(data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return {}


def table(around: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The inner table of that path; empty where there is none."""
    found: Any = around
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, dict) else {}


def text_of(files: Mapping[str, bytes], *names: str) -> str:
    """Of those that are there."""
    return "\n".join(files[name].decode("utf-8", "replace") for name in names if name in files)

"""How a project has its code formatted, as its own settings say: those of ruff's formatter or of black. They are read, never run."""

import tomllib
from collections.abc import Mapping
from typing import Any

FILES = (".ruff.toml", "ruff.toml", "pyproject.toml")  # in the order in which ruff looks
_QUOTES = {"single": "'", "double": '"'}
_LINE = 88
_LONGEST = 320  # ruff takes no more


def configured(texts: Mapping[str, str]) -> dict[str, Any]:
    """Fields of a TestStyle, given the text of those of the files that there are; nothing where no formatter is set up."""
    tools = {name: _table(texts.get(name, "")) for name in FILES}
    tool = tools["pyproject.toml"].get("tool")
    project = tool if isinstance(tool, dict) else {}
    own = next((tools[name] for name in FILES[:2] if texts.get(name)), None)
    ruff = own if own is not None else project.get("ruff")
    black = project.get("black")
    if isinstance(black, dict):
        keeps = black.get("skip-string-normalization") or black.get("skip_string_normalization")
        return _style(black.get("line-length", black.get("line_length", _LINE)), "" if keeps else "double")
    if isinstance(ruff, dict) and "format" in ruff:
        form = ruff["format"] if isinstance(ruff["format"], dict) else {}
        return _style(ruff.get("line-length", _LINE), form.get("quote-style", "double"))
    return {}


def _style(length: object, quotes: object) -> dict[str, Any]:
    """Quotes that are kept as they are say nothing of new ones."""
    found: dict[str, Any] = {"line_length": length} if isinstance(length, int) and 0 < length <= _LONGEST else {}
    return found | ({"quote": _QUOTES[quotes]} if isinstance(quotes, str) and quotes in _QUOTES else {})


def _table(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}

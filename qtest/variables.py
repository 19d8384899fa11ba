"""Environment variables in the texts of a table: `${NAME}`, `${NAME:-default}`, and `$$` for a dollar."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from qtest.errors import UsageError

Place = tuple[str | int, ...]

_MARK = re.compile(r"\$(?:(\$)|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|(\{))")


def places(table: Any, at: Place = ()) -> Iterator[tuple[Place, str]]:
    """Where a text stands that is not to be taken as it is, and that text."""
    if isinstance(table, Mapping):
        for key, part in table.items():
            yield from places(part, (*at, key))
    elif isinstance(table, list | tuple):
        for number, part in enumerate(table):
            yield from places(part, (*at, number))
    elif isinstance(table, str) and _MARK.search(table):
        yield at, table


def replaced(table: Any, texts: Mapping[Place, Any], at: Place = ()) -> Any:
    """A copy of the table with other values in some places."""
    if at in texts:
        return texts[at]
    if isinstance(table, Mapping):
        return {key: replaced(part, texts, (*at, key)) for key, part in table.items()}
    if isinstance(table, list | tuple):
        return [replaced(part, texts, (*at, number)) for number, part in enumerate(table)]
    return table


def standing(table: Any, at: Place) -> Any:
    """What stands in that place; None when there is no such place."""
    for part in at:
        try:
            table = table[part]
        except (KeyError, IndexError, TypeError):
            return None
    return table


def filled(text: str, environ: Mapping[str, str], where: str) -> str:
    """As a shell reads it: a default also serves for a variable that is empty. Raises UsageError that names `where` and the variable,
    never a value."""

    def value(mark: re.Match[str]) -> str:
        dollar, name, default, broken = mark.groups()
        if dollar:
            return "$"
        if broken:
            raise UsageError(f"{where} is {text!r}; expected ${{NAME}} or ${{NAME:-default}}, or $$ for a dollar")
        found = environ.get(name)
        if default is not None:
            return found or str(default)
        if found is None:
            raise UsageError(
                f"{where} needs the environment variable {name}, which is not set; set it, or write ${{{name}:-default}}"
            )
        return found

    return _MARK.sub(value, text)

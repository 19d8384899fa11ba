"""Rows as tables: their columns, the statements that write and read them, and batches of them as Arrow tables."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import pyarrow as pa

from qtest.errors import LedgerError
from qtest.ports import AnyRow
from qtest.records.run import Row

_MARK = "\ufdd0"  # a noncharacter: stands before four hexadecimal digits in place of what UTF-8 cannot say
_UNSAYABLE = re.compile("[\ud800-\udfff\ufdd0]")
_ESCAPED = re.compile(_MARK + "([0-9a-f]{4})")


def columns(kind: type[Row]) -> dict[str, Literal["VARCHAR", "BIGINT"]]:
    """In the order of the fields."""
    return {
        name: "BIGINT" if field.annotation is int else "VARCHAR"
        for name, field in kind.model_fields.items()
    }  # fmt: skip


def grouped(rows: Iterable[Row]) -> dict[type[Row], list[Row]]:
    """By kind, with one row left for each key: the first of a fact, the last of a state."""
    kept: dict[type[Row], dict[tuple[object, ...], Row]] = {}
    for row in rows:
        known = kept.setdefault(type(row), {})
        key = tuple(getattr(row, name) for name in row.key)
        if row.keeps == "last" or key not in known:
            known[key] = row
    return {kind: list(known.values()) for kind, known in kept.items()}


def batch(kind: type[Row], rows: Sequence[Row]) -> pa.Table:
    """Raises LedgerError for a whole number that needs more than 64 bits."""
    return pa.table({name: _array(kind, name, [getattr(row, name) for row in rows]) for name in columns(kind)})


def insert(kind: type[Row], source: str) -> str:
    """Takes the columns of the same names from `source`; leaves alone what its kind keeps."""
    others = [name for name in columns(kind) if name not in kind.key]
    update = f"UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in others)}"
    action = update if kind.keeps == "last" and others else "NOTHING"
    names = ", ".join(columns(kind))
    return f"INSERT INTO {kind.table} ({names}) SELECT {names} FROM {source} ON CONFLICT ({', '.join(kind.key)}) DO {action}"


def select(kind: type[Row], conditions: Sequence[str] = ()) -> str:
    """In the order of the keys."""
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join(columns(kind))} FROM {kind.table}{where} ORDER BY {', '.join(kind.key)}"


def equal_to(kind: type[Row], equal: Mapping[str, str | int]) -> tuple[list[str], list[str | int]]:
    """Conditions with their parameters. Raises LedgerError for a field that the kind has not."""
    strange = [name for name in equal if name not in kind.model_fields]
    if strange:
        raise LedgerError(f"{kind.table}: has no field {strange[0]}; expected one of {', '.join(kind.model_fields)}")
    return [f"{name} = ?" for name in equal], [escaped(value) for value in equal.values()]


def row(kind: type[AnyRow], values: Sequence[str | int]) -> AnyRow:
    return kind.model_validate(dict(zip(columns(kind), map(_unescaped, values), strict=True)))


def escaped(value: str | int) -> str | int:
    """Text with every lone surrogate, which no column can hold, written out."""
    return _UNSAYABLE.sub(lambda found: f"{_MARK}{ord(found[0]):04x}", value) if isinstance(value, str) else value


def _unescaped(value: str | int) -> str | int:
    if isinstance(value, int) or _MARK not in value:
        return value
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


def _array(kind: type[Row], name: str, values: list[str | int]) -> pa.Array:
    if columns(kind)[name] == "VARCHAR":
        return pa.array([escaped(value) for value in values], pa.large_string())
    try:
        return pa.array(values, pa.int64())
    except OverflowError as error:
        raise LedgerError(f"{kind.table}: {name} holds a number that does not fit into 64 bits") from error

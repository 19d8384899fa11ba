"""The mutants that people let live, as a reviewed file of the repository says them."""

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence

from pydantic import ValidationError

from qtest.errors import UsageError
from qtest.mutation.words import change
from qtest.records.mutant import Verdict
from qtest.records.mutation import Accepted, lives

_HEAD = "# Mutants that no test has to notice, each with the reason. Kept by `qtest accept`; an entry lapses when its statement changes.\n"


def entry(verdict: Verdict, reason: str, author: str, date: str) -> Accepted:
    mutant = verdict.mutant
    return Accepted(
        id=verdict.stable,
        path=mutant.path,
        symbol=mutant.symbol,
        operator=mutant.operator,
        change=change(mutant),
        reason=reason,
        author=author,
        date=date,
    )


def parsed(text: str, name: str) -> tuple[Accepted, ...]:
    """Raises UsageError, which begins with the file's name, for what is not such a file."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: is not TOML: {error}") from error
    entries = document.pop("accepted", [])
    if document or not isinstance(entries, list):
        raise UsageError(f"{name}: expected nothing but [[accepted]] tables, as `qtest accept` writes them")
    return tuple(_one(number, item, name) for number, item in enumerate(entries, 1))


def rendered(entries: Iterable[Accepted]) -> str:
    """Sorted, one of an id, so that two people's changes seldom meet on one line."""
    unique = {item.id: item for item in entries}
    ordered = sorted(unique.values(), key=lambda item: (item.path, item.symbol, item.operator, item.change, item.id))
    tables = (
        "\n[[accepted]]\n" + "".join(f"{name} = {_quoted(str(value))}\n" for name, value in item if value)
        for item in ordered
    )
    return _HEAD + "".join(tables)


def marks(
    entries: Iterable[Accepted], known: Mapping[str, Sequence[str]], gone: Iterable[str] = ()
) -> tuple[tuple[Accepted, ...], tuple[Accepted, ...]]:
    """Those that name a mutant, and those that have lapsed. `known` holds all stable ids of each path that was read; the entries of
    other paths are neither, but for paths that are `gone`."""
    ids = {path: set(names) for path, names in known.items()}
    lost = set(gone)
    found = [item for item in entries if item.path in ids or item.path in lost]
    return (
        tuple(item for item in found if item.id in ids.get(item.path, ())),
        tuple(item for item in found if item.id not in ids.get(item.path, ())),
    )


def let_live(verdicts: Iterable[Verdict], entries: Iterable[Accepted]) -> tuple[Verdict, ...]:
    """Those on mutants that live and that a person has accepted; by their stable ids."""
    names = {entry.id for entry in entries}
    return tuple(verdict for verdict in verdicts if lives(verdict) and verdict.stable in names)


def _one(number: int, item: object, name: str) -> Accepted:
    try:
        read = Accepted.model_validate(item)
    except ValidationError as error:
        first = error.errors()[0]
        where = next(iter(first["loc"]), "it")
        raise UsageError(f"{name}: entry {number}: {where}: {first['msg'][:1].lower()}{first['msg'][1:]}") from error
    if not read.reason.strip():
        raise UsageError(f"{name}: entry {number}: reason is empty; expected why no test has to notice {read.id}")
    return read


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON's escapes, but other characters as they are, and no lone surrogates, which TOML cannot say."""
    plain = text.encode("utf-8", "replace").decode()
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")

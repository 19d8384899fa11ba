"""`qtest why FILE:LINE`: what the latest run that knows the file made of that line."""

import argparse
import difflib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from qtest.commands.remembered import remembered
from qtest.commands.runs import latest_first, of_id, when
from qtest.errors import UsageError
from qtest.ports import Ledger, Store
from qtest.records.outcome import Tried
from qtest.records.report import RunReport
from qtest.records.run import RunRow, TestRow, VerdictRow
from qtest.report.text import visible
from qtest.report.why import explain
from qtest.wiring import home

_NAMED = 5


def main(arguments: argparse.Namespace) -> int:
    path, line = _place(arguments.place)
    with remembered(arguments.store) as ledger:
        runs = latest_first(ledger)
        known = _find(ledger, [of_id(runs, arguments.run)] if arguments.run else runs, path)
    tried = _tried(known.run, home(arguments.store).artefacts())
    note = f": {visible(known.run.note)}" if known.run.note else ""
    print(
        f"{visible(known.path)} line {line}, in run {known.run.run} of {when(known.run.started)} ({known.run.status}{note})"
    )
    print("\n".join(explain(known.path, line, known.verdicts, known.tests, tried)))
    return 0


@dataclass(frozen=True)
class Known:
    """A run that knows the file, under the name it has there."""

    run: RunRow
    path: str
    verdicts: tuple[VerdictRow, ...]
    tests: tuple[TestRow, ...]


def _tried(run: RunRow, store: Store) -> tuple[Tried, ...]:
    """The inputs that its search made up; none while it has no report."""
    if not run.report or run.command != "run":
        return ()
    try:
        report = RunReport.from_json(store.get(run.report))
    except (KeyError, ValidationError):
        return ()
    return tuple(one for module in report.modules for one in module.effort.tried)


def _place(text: str) -> tuple[str, int]:
    path, _, number = text.rpartition(":")
    if not path or not number.isascii() or not number.isdigit() or int(number) < 1:
        raise UsageError(f"{text}: names no line; expected FILE:LINE, such as src/pkg/money.py:42")
    return path, int(number)


def _find(ledger: Ledger, runs: Sequence[RunRow], given: str) -> Known:
    seen: set[str] = set()
    for run in runs:
        verdicts = ledger.rows(VerdictRow, run=run.run)
        tests = ledger.rows(TestRow, run=run.run)
        paths = {row.path for row in verdicts} | {row.path for row in tests if row.path}
        matching = sorted(_matching(paths, given))
        if len(matching) > 1:
            raise UsageError(f"{given}: may be {_named(matching)} in run {run.run}; give more of the path")
        if matching:
            return Known(run, matching[0], tuple(row for row in verdicts if row.path == matching[0]), tests)
        seen |= paths
    raise UsageError(f"{given}: {_unknown(runs, seen, given)}")


def _matching(paths: Iterable[str], given: str) -> Iterator[str]:
    """The path itself, else those that end with it or that it ends with."""
    normal = os.path.normpath(given).replace(os.sep, "/")
    known = set(paths)
    if normal in known:
        yield normal
        return
    for path in known:
        if path.endswith(f"/{normal}") or normal.endswith(f"/{path}"):
            yield path


def _unknown(runs: Sequence[RunRow], paths: set[str], given: str) -> str:
    if not paths:
        latest = f"; the latest was {runs[0].status}: {visible(runs[0].note)}" if runs and runs[0].note else ""
        return f"no remembered run judged any file{latest}"
    names = {path.rpartition("/")[2]: path for path in sorted(paths)}
    close = difflib.get_close_matches(given, paths, _NAMED, 0.5) or [
        names[name] for name in difflib.get_close_matches(given.rpartition("/")[2], names, _NAMED, 0.5)
    ]
    return f"no run knows this file; near it: {_named(close or sorted(paths))}"


def _named(paths: Sequence[str]) -> str:
    return ", ".join(map(visible, paths[:_NAMED])) + (", …" if len(paths) > _NAMED else "")

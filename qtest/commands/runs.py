"""`qtest runs`: what is remembered of each run, the latest first; and how other commands name one."""

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from qtest.commands.remembered import remembered
from qtest.errors import UsageError
from qtest.ports import Ledger
from qtest.records.run import RunRow
from qtest.report.text import visible
from qtest.wiring import home


def main(arguments: argparse.Namespace) -> int:
    kept = home(arguments.store)
    runs: tuple[RunRow, ...] = ()
    if kept.file.exists():
        with remembered(arguments.store) as ledger:
            runs = latest_first(ledger)
    if arguments.json:
        print(json.dumps([run.model_dump(mode="json") for run in runs]))
    elif runs:
        print("\n".join(table(runs)))
    else:
        print(f"no runs are remembered in {kept.folder}")
    return 0


def latest_first(ledger: Ledger) -> tuple[RunRow, ...]:
    return tuple(sorted(ledger.rows(RunRow), key=lambda run: (run.started, run.run), reverse=True))


def of_id(runs: Sequence[RunRow], given: str) -> RunRow:
    """By a run's id, or the beginning of it. Raises UsageError when that names none, or several."""
    found = [run for run in runs if run.run == given] or [run for run in runs if run.run.startswith(given)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{given}: is the beginning of {len(found)} runs: {_named(found)}; give more of it")
    raise UsageError(f"{given}: there is no such run; the latest are {_named(runs) or 'none'}, see `qtest runs`")


def table(runs: Sequence[RunRow]) -> list[str]:
    """Columns as wide as what they hold; times are UTC."""
    lines = [("run", "when", "status", "tests", "killed", "of")]
    lines += [
        (
            visible(run.run),
            when(run.started),
            run.status,
            str(run.validated),
            f"{run.killed}/{run.mutants}" if run.mutants else "–",
            visible(run.spec),
        )
        for run in runs
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[5]]) for line in lines
    ]


def when(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def _named(runs: Sequence[RunRow]) -> str:
    return ", ".join(run.run for run in runs[:5]) + (", …" if len(runs) > 5 else "")

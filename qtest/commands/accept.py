"""`qtest accept MUTANT...`: lets survivors live, each with a reason and an author, in a file of the repository that people review."""

import argparse
import datetime
import getpass
import os
from pathlib import Path

from qtest.adapters import accepted
from qtest.adapters.git.author import author
from qtest.config import recalled
from qtest.errors import UsageError
from qtest.mutation.accepted import entry
from qtest.records.mutant import Verdict
from qtest.records.mutation import Accepted, MutationReport, lives
from qtest.report.mutation import files
from qtest.report.mutation.told import ending, name
from qtest.report.text import visible


def main(arguments: argparse.Namespace) -> int:
    reason = arguments.reason.strip()
    if not reason:
        raise UsageError("--reason is empty; expected why no test has to notice it")
    report = files.read(Path(arguments.out))
    verdicts = [acceptable(files.verdict_of(report, given)[1]) for given in arguments.mutants]
    path = writable(report, arguments.file)
    who = arguments.author or default_author(path.parent)
    added = add(path, verdicts, reason, who)
    for item in added:
        print(f"accepted {item.id}: {visible(item.change)} in {visible(item.symbol)}")
    print(f"wrote {visible(str(path))}; review it and commit it")
    return 0


def acceptable(verdict: Verdict) -> Verdict:
    """Raises UsageError for what does not live: nobody has to let it."""
    if not lives(verdict):
        raise UsageError(f"{name(verdict)}: {ending(verdict)}; only what survives, or no test runs, can be accepted")
    if not verdict.stable:
        raise UsageError(f"{name(verdict)}: has no stable id; run `qtest mutate` again")
    return verdict


def add(path: Path, verdicts: list[Verdict], reason: str, who: str) -> list[Accepted]:
    """To what stands there; an entry of the same mutant is replaced."""
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    entries = [entry(verdict, reason, who, today) for verdict in verdicts]
    accepted.write(path, (*accepted.read(path), *entries))
    return entries


def reviewed_file(report: MutationReport, given: str | None) -> Path | None:
    """None when the target was fetched, and lies nowhere that a person could commit from."""
    if given:
        return Path(given)
    if report.revision.kind != "folder":
        return None
    return Path(report.revision.name, recalled(report.settings).mutate.accepted)


def writable(report: MutationReport, given: str | None) -> Path:
    """Raises UsageError when nobody could say where."""
    path = reviewed_file(report, given)
    if path is None:
        raise UsageError(f"{report.target}: was fetched and is no folder here; say with --file which file to write")
    return path


def default_author(folder: Path) -> str:
    """As git knows them in that folder, else who is logged in."""
    known = author(dict(os.environ), folder)
    if known:
        return known
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""

"""`qtest show MUTANT`: one mutant of the last `qtest mutate`, with all that is known of it."""

import argparse
from pathlib import Path

from qtest.adapters import accepted
from qtest.commands.accept import reviewed_file
from qtest.report.mutation import files
from qtest.report.mutation.show import shown


def main(arguments: argparse.Namespace) -> int:
    report = files.read(Path(arguments.out))
    module, verdict = files.verdict_of(report, arguments.mutant)
    path = reviewed_file(report, arguments.file)
    entries = {entry.id: entry for entry in accepted.read(path)} if path else report.reasons
    print("\n".join(shown(module, verdict, entries.get(verdict.stable))))
    return 0

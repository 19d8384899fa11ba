"""`qtest audit`: a sample of a run's verdicts again, each by the whole suite in a fresh copy of the tree and a new process."""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from qtest.auditing import Audit
from qtest.commands.runs import latest_first, of_id
from qtest.config import recalled
from qtest.errors import UsageError
from qtest.mutation.audit import drawn
from qtest.records.mutation import MutationReport
from qtest.report.audit import lines
from qtest.report.mutation import files
from qtest.report.text import visible
from qtest.wiring import home, open_house


def main(arguments: argparse.Namespace) -> int:
    report, out = _report(arguments.run, arguments.store)
    sample = drawn(report.verdicts, arguments.sample, arguments.seed)
    if not sample:
        raise UsageError(f"{arguments.run}: holds no verdict to audit")
    config = recalled(report.settings)
    with open_house(unsafe=config.unsafe_no_sandbox and arguments.unsafe_no_sandbox) as house:
        found = Audit(house, report, lambda said: print(visible(said), file=sys.stderr)).run(sample)
    print("\n".join(lines(found, out)))
    return 1 if any(one.disagrees for one in found) else 0


def _report(named: str, store: str | None) -> tuple[MutationReport, str]:
    """And the folder that it lies in: an output folder, or of a run that is remembered."""
    if Path(named).exists():
        return files.read(Path(named)), named
    kept = home(store)
    with closing(kept.known()) as ledger:
        row = of_id(latest_first(ledger), named)
    if row.command != "mutate":
        raise UsageError(f"{row.run}: was made by `qtest {row.command}`; expected a run of `qtest mutate`")
    if not row.report:
        raise UsageError(f"{row.run}: has no report; finish it with `qtest resume {row.run}`")
    try:
        report = MutationReport.from_json(kept.artefacts().get(row.report))
    except (KeyError, ValueError) as error:
        raise UsageError(f"{row.run}: its report is gone or damaged; run `qtest mutate` again") from error
    return report, report.out

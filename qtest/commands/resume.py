"""`qtest resume RUN`: finishes a run that was interrupted, killed or cut off; what it made before is remembered."""

import argparse
import os
from pathlib import Path

from qtest.adapters.git.spec import parse
from qtest.commands import mutate
from qtest.commands.hand_over import hand_over, ordered
from qtest.commands.remembered import remembered
from qtest.commands.run import follow, new_form, shown
from qtest.commands.runs import latest_first, of_id
from qtest.config import recalled
from qtest.errors import UsageError
from qtest.records.run import EventRow
from qtest.wiring import home


def main(arguments: argparse.Namespace) -> int:
    kept = home(arguments.store)
    address = arguments.address or os.environ.get("RAY_ADDRESS", "")
    with remembered(arguments.store, address) as ledger:
        row = of_id(latest_first(ledger), arguments.run)
        orders = ledger.rows(EventRow, run=row.run, kind="ordered")
    config = recalled(row.config)
    if row.command == "mutate":
        return mutate.again(row, arguments, address, str(kept.folder))
    if not orders:
        raise UsageError(f"{row.run}: was made in one process (--inline); run it again: what it made is remembered")
    out = arguments.out or config.output.out
    where = config.where.model_copy(update={"store": str(kept.folder), "address": address})
    output = config.output.model_copy(update={"out": out, "form": new_form(arguments)})
    config = config.model_copy(update={"output": output, "where": where})
    told = config.target.repository
    order = ordered(config, told, parse(told) if config.pulls.open else None)
    report = follow(config, row.run, Path(out))
    code = shown(report, config)
    hand_over(order, report, config)
    return code

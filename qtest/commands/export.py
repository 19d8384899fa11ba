"""`qtest export`: what is remembered, as Parquet datasets."""

import argparse
from pathlib import Path

from qtest.commands.runs import latest_first, of_id
from qtest.wiring import home


def main(arguments: argparse.Namespace) -> int:
    ledger = home(arguments.store).known()
    try:
        run = "" if arguments.run == "all" else of_id(latest_first(ledger), arguments.run).run
        written = ledger.export(Path(arguments.parquet), run)
    finally:
        ledger.close()
    for table, rows in written.items():
        print(f"{Path(arguments.parquet) / table}: {rows} rows")
    return 0

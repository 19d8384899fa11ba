"""`qtest store`: what is remembered, into one file and back."""

import argparse
from pathlib import Path

from qtest.adapters.backup import Contents, back_up, restore
from qtest.wiring import home


def main(arguments: argparse.Namespace) -> int:
    kept = home(arguments.store)
    file = Path(arguments.file)
    if arguments.action == "restore":
        print(f"restored {_said(restore(file, kept))} to {kept.folder}")
        return 0
    ledger = kept.known()
    try:
        print(f"backed up {_said(back_up(kept, ledger, file))} to {file}")
    finally:
        ledger.close()
    return 0


def _said(contents: Contents) -> str:
    return f"{sum(contents.rows.values())} rows ({contents.rows['generation_runs']} runs) and {contents.artefacts} artefacts"

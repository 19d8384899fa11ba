"""`qtest merge`: the reports of all shards as the one of the whole."""

import argparse
from pathlib import Path

from rich.console import Console

from qtest.commands.mutate import exit_code
from qtest.commands.run import must_be_writable
from qtest.config import recalled
from qtest.errors import UsageError
from qtest.mutation.merge import merged
from qtest.report.mutation import files, terminal


def main(arguments: argparse.Namespace) -> int:
    if arguments.floor is not None and not 0 <= arguments.floor <= 1:
        raise UsageError(f"--floor {arguments.floor}: expected 0 to 1")
    places = [Path(place) for place in arguments.shards]
    out = Path(arguments.out)
    must_be_writable(out)
    report = merged([(place, files.read(place)) for place in places])
    report = report.model_copy(update={"out": str(out)})
    files.write(report, out)
    if arguments.json:
        print(report.to_json())
    else:
        terminal.show(report, Console(highlight=False, soft_wrap=False))
    config = recalled(report.settings)
    if arguments.floor is not None:
        config = config.model_copy(update={"mutate": config.mutate.model_copy(update={"floor": arguments.floor})})
    return exit_code(report, config)

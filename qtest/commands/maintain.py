"""`qtest maintain`: what is to be done about shipped tests that are red; with --write, healed and retired ones are."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from qtest import __version__
from qtest.adapters import folder, prooffile
from qtest.adapters.git.changed import forms_of
from qtest.adapters.git.command import Git
from qtest.commands.verify import said, settings
from qtest.maintaining import Maintenance
from qtest.records.maintained import MaintainReport
from qtest.report.maintained import lines
from qtest.verifying import Ground
from qtest.wiring import open_house


def main(arguments: argparse.Namespace) -> int:
    top = folder.check(arguments.folder)
    tests = Path(arguments.out) if arguments.out else top
    proof = prooffile.expected(tests)
    config = settings(arguments, top)
    git = Git(dict(os.environ))
    with open_house(unsafe=config.unsafe_no_sandbox) as house:
        today = datetime.now(UTC).date().isoformat()
        work = Maintenance(
            Ground.of(house, config, tests), proof, today, lambda path: tuple(forms_of(git, top, path)), said
        )
        cares, left = work.run()
    written: tuple[str, ...] = ()
    if arguments.write and (work.texts or left != proof):
        written = tuple(str(path) for path in prooffile.replaced(tests, work.texts, left))
    report = MaintainReport(
        qtest=__version__,
        target=arguments.folder,
        green=work.green,
        cares=cares,
        written=written,
        wrote=arguments.write,
    )
    print(report.to_json() if arguments.json else "\n".join(lines(report)))
    return 1 if report.open else 0

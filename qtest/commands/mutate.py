"""`qtest mutate`: judge every mutant of a project's code by its own tests, and say what lives."""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from qtest.adapters import folder
from qtest.adapters.git.spec import parse
from qtest.commands.run import must_be_writable, new_form, new_run
from qtest.config import Config, load_for, recalled
from qtest.errors import UsageError
from qtest.mutating import MutateRun
from qtest.mutation.score import score
from qtest.ports import Ledger
from qtest.records.mutation import MutationReport
from qtest.records.run import RunRow
from qtest.report.mutation import files, terminal
from qtest.report.mutation.live import judging_display
from qtest.wiring import House, home, open_house, workers

WIDTH = 160  # where no terminal says how wide it is: names of modules stay whole
Place = tuple[House, Ledger, int]


def main(arguments: argparse.Namespace) -> int:
    spec = arguments.repository
    named = parse(spec)
    fetched = named is not None or spec.startswith("pypi:")
    where = (named.shown if named else spec) if fetched else str(folder.check(spec))
    config = load_for(spec, flags(arguments, where))
    if config.mutate.since and fetched:
        raise UsageError(f"--since: {where} is fetched and has no work tree to compare; expected a folder")
    return shown(config, new_run(), spec)


def shown(config: Config, run: str, spec: str) -> int:
    """Judges, writes the reports, and says how the command ends."""
    out = Path(config.output.out)
    must_be_writable(out)
    report = judged(config, run, spec)
    files.write(report, out)
    if config.output.form == "json":
        print(report.to_json())
    else:
        terminal.show(report, Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH))
    return exit_code(report, config)


def again(row: RunRow, arguments: argparse.Namespace, address: str, store: str) -> int:
    """Goes on with a run of this command: what it judged before is remembered."""
    config = recalled(row.config)
    output = config.output.model_copy(update={"out": arguments.out or config.output.out, "form": new_form(arguments)})
    where = config.where.model_copy(update={"store": store, "address": address})
    return shown(config.model_copy(update={"output": output, "where": where}), row.run, config.target.repository)


def judged(config: Config, run: str, spec: str) -> MutationReport:
    """The whole job. `spec` is the repository with its login. An interrupt brings what is known until then."""
    started = time.monotonic()
    with judging_display(config.output.form) as screen, place(config) as (house, ledger, width):
        house.environments.check(config.target.python)
        return MutateRun(house, ledger, config, run, width, screen.update, started).report(spec)


@contextmanager
def place(config: Config) -> Iterator[Place]:
    """This process and its threads, or the cluster that is named: where the work is done, what remembers it, and how many hands."""
    address = config.where.address
    if address and not config.where.inline:
        from actors.client import house_on

        with house_on(address, config) as found:
            yield found
        return
    kept = home(config.where.store)
    with closing(kept.ledger()) as ledger, open_house(unsafe=config.unsafe_no_sandbox, store=kept.artefacts()) as house:
        yield house, ledger, workers(house.sandbox)


def exit_code(report: MutationReport, config: Config) -> int:
    if report.status == "partial":
        return 130
    if report.red:
        return 1
    if report.note:
        return 0
    told = score(report.unaccepted).value
    floor = config.mutate.floor
    return 1 if floor is not None and (told is None or told < floor) else 0


def flags(arguments: argparse.Namespace, repository: str) -> Mapping[str, Any]:
    """The command line as Config is nested; what was not given is not there."""
    wanted: dict[str, dict[str, Any]] = {
        "target": {"repository": repository, "only": arguments.only, "python": arguments.python},
        "output": {"form": new_form(arguments), "out": arguments.out},
        "mutate": {
            "floor": arguments.floor,
            "sample": arguments.sample,
            "matrix": arguments.matrix or None,
            "since": arguments.since,
            "tests": arguments.tests,
            "shard": arguments.shard,
            "ask_s": arguments.ask,
            "type_check": "mypy" if arguments.type_check else None,
            "allow_red": arguments.allow_red or None,
        },
        "where": {
            "store": arguments.store,
            "address": arguments.address,
            "inline": arguments.inline or None,
            "fresh": arguments.fresh or None,
        },
    }
    given: dict[str, Any] = {
        section: {name: value for name, value in settings.items() if value is not None}
        for section, settings in wanted.items()
    }
    if arguments.seed is not None:
        given["seed"] = arguments.seed
    if arguments.unsafe_no_sandbox:
        given["unsafe_no_sandbox"] = True
    return given

"""Pull requests at the end of a run, or of one that is resumed: asked for first, made last."""

import os
from typing import TYPE_CHECKING

from qtest.adapters.git.spec import GitSpec
from qtest.config import Config
from qtest.records.report import INTERRUPTED, RunReport
from qtest.report import delivered

if TYPE_CHECKING:
    from qtest.delivering import Order


def ordered(config: Config, told: str, named: GitSpec | None) -> "Order | None":
    """Asked of the server now: nobody wants to hear of a wrong token when the work is done."""
    if not config.pulls.open:
        return None
    from qtest.delivering import order  # PyGithub takes a third of a second to import

    made = order(told, named, config.pulls, dict(os.environ))
    made.check()
    return made


def hand_over(order: "Order | None", report: RunReport, config: Config) -> None:
    """Each is said as soon as it is there."""
    if order is None or report.note == INTERRUPTED["note"]:
        return
    as_json, handed = config.output.form == "json", False
    for one in order.carry_out(report):
        handed = True
        print(one.to_json() if as_json else delivered.said(one), flush=True)
    if not handed and not as_json:
        print("no pull request: no test was kept")

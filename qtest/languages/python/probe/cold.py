"""The slow true way: the mutant in its file, and all tests in a process that starts from nothing, as a user would run them."""

import json
import os
import sys

from _qtest_probe import swap
from _qtest_probe.desk import Desk, not_run

_DOOR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "main.py")


class Cold(Desk):
    """Nothing of the target is in this process, and no code is exchanged or marked."""

    def __init__(self, settings, disk):
        super().__init__(settings, disk)
        self.swap = swap.Swap(settings["folder"])

    def answer(self, order, limits):
        mutant = order["mutant"]
        patch = self.swap.prepare([mutant])[0]
        if patch.state in ("same code", "invalid"):
            return not_run(order, "cold", patch.state + (": " + patch.note if patch.note else ""))
        usual = self.reference("whole", lambda writer: self._become(writer, order["tests"], mutant))
        tests = usual["record"].get("tests", {})
        planned = [node for node in order["tests"] if tests.get(node, {}).get("passed")]
        if not planned:
            return not_run(order, "cold", usual["record"].get("note") or "none of its tests passes without the change")
        return self.judged(
            order,
            "cold",
            planned,
            lambda writer: self._become(writer, planned, mutant),
            limits,
            usual["cpu_s"],
            usual["wall_s"],
            self.swap.source(mutant["path"]).encoded(mutant),
        )

    def seen(self, work, limits):
        facts = super().seen(work, limits)
        return {**facts, "record": _as_told(facts["record"])}

    def _become(self, writer, nodes, mutant):
        """In the child: another program takes its place, and its standard output is what is read here."""
        settings = {
            **{name: self.settings[name] for name in ("folder", "root", "files")},
            "nodes": nodes,
            "mutated": os.path.join(self.settings["folder"], mutant["path"]),
        }
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(writer, 1)
        os.dup2(null, 2)
        os.execv(sys.executable, [sys.executable, _DOOR, "pytest", json.dumps(settings)])  # noqa: S606 - no shell is the point


def _as_told(report):
    """One run's report in the form that a child of ours tells in."""
    tests = {
        test["node"]: {
            "passed": test["outcome"] in ("passed", "xfailed", "xpassed"),
            "cpu_s": test["cpu_s"],
            "wall_s": test["wall_s"],
        }
        for test in report.get("tests", [])
    }
    complete = bool(report.get("complete"))
    return {
        "applied": bool(report.get("opened")),
        "executed": None,
        "finished": list(tests),
        "failing": report.get("failing", []),
        "tripped": complete,
        "done": complete,
        "tests": tests,
        "note": report.get("problem", ""),
    }

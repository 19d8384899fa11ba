"""`qtest review`: one survivor after the other, each with one key to press."""

import argparse
import sys
from pathlib import Path

from qtest.adapters import accepted
from qtest.commands.accept import add, default_author, writable
from qtest.records.mutant import Verdict
from qtest.records.mutation import JudgedModule
from qtest.report.mutation import files
from qtest.report.mutation.show import shown
from qtest.report.text import visible

_KEYS = "[a] accept with a reason, [n] next, [q] quit: "


def main(arguments: argparse.Namespace) -> int:
    report = files.read(Path(arguments.out))
    path = writable(report, arguments.file)
    known = {entry.id for entry in accepted.read(path)}
    alive = {verdict.id for verdict in report.alive if verdict.stable not in known}
    found = [(module, one) for module in report.modules for one in module.verdicts if one.id in alive]
    who = arguments.author or default_author(path.parent)
    taken = 0
    for number, (module, verdict) in enumerate(found, 1):
        print(f"--- {number} of {len(found)} ---")
        reason = _asked(module, verdict)
        if reason is None:
            break
        if reason:
            add(path, [verdict], reason, who)
            taken += 1
    print(f"{taken} of {len(found)} accepted" + (f" in {visible(str(path))}" if taken else ""))
    return 0


def _asked(module: JudgedModule, verdict: Verdict) -> str | None:
    """The reason to accept it; empty to go on, None to stop. The end of the input stops too."""
    print("\n".join(shown(module, verdict, None)))
    while True:
        key = _line(_KEYS)
        if key is None or key[:1].lower() == "q":
            return None
        if key[:1].lower() == "n":
            return ""
        if key[:1].lower() == "a":
            reason = _line("why no test has to notice it: ")
            if reason is None or reason:
                return reason
            print("a reason is needed")


def _line(prompt: str) -> str | None:
    print(prompt, end="", flush=True)
    line = sys.stdin.readline()
    return line.strip() if line else None

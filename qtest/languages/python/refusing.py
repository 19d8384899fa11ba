"""Asks mypy about one module's text with many edits, each on its own; run as a program by our own interpreter, inside the sandbox.

Reads `{"text", "edits": [[id, start, end, replacement]]}`, prints `{"problem", "refused": {id: message}}`. One checker stays warm: it looks
again at what an edit changed, 3 ms where a new run takes 500. The text as it is has to be clean before, and again after every edit that
was refused, so that no refusal is left over from another edit; and a planted error has to be found.
"""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

PLANTED = "\n\ndef _planted_by_the_self_test() -> int:\n    return ''\n"


class Checker:
    def __init__(self, path: str, options: list[str]) -> None:
        from mypy.dmypy_server import Server  # not for importers of this module: it is slow to load
        from mypy.main import process_options

        self._path = path
        self._sources, chosen = process_options([*options, path], server_options=True, require_targets=True)
        self._server = Server(chosen, os.devnull)
        self._time = 1

    def refusal(self, text: str) -> str:
        """The first error in the module itself; empty when there is none. Every text has its own time of change, which mypy goes by."""
        os.remove(self._path)  # inside, it belongs to someone else, and only owners may set times
        with open(self._path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        self._time += 1
        os.utime(self._path, (self._time, self._time))
        said: Mapping[str, Any] = self._server.check(self._sources, export_types=False, is_tty=False, terminal_width=-1)
        if said.get("status") not in (0, 1):
            raise RuntimeError(str(said.get("err") or said.get("error") or said)[:300])
        name = os.path.realpath(self._path)
        for line in str(said["out"]).splitlines():
            place, mark, message = line.partition(": error: ")
            if mark and os.path.realpath(place.rpartition(":")[0]) == name:
                return message
        return ""


def judged(checker: Checker, text: str, edits: list[list[Any]]) -> Mapping[str, Any]:
    unclean = checker.refusal(text)
    if unclean:
        return {"problem": f"it is refused without any mutant: {unclean}", "refused": {}}
    if not checker.refusal(text + PLANTED) or checker.refusal(text):
        return {"problem": "the type checker did not find a planted error", "refused": {}}
    refused: dict[str, str] = {}
    for name, start, end, replacement in edits:
        message = checker.refusal(text[:start] + replacement + text[end:])
        if not message:
            continue
        if checker.refusal(text):
            return {"problem": "the type checker kept an error of a mutant that was gone", "refused": {}}
        refused[name] = message
    return {"problem": "", "refused": refused}


def main() -> None:
    wanted = json.load(sys.stdin)
    sys.stdout.write(json.dumps(judged(Checker(sys.argv[1], sys.argv[2:]), wanted["text"], wanted["edits"])) + "\n")


if __name__ == "__main__":
    main()

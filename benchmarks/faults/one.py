"""`python -m benchmarks.faults.one NAME...`: what is said of these scenarios, or of all, as JSON; under no name, by which copy of us."""

import json
import sys
import tempfile
from pathlib import Path

import qtest
from benchmarks.faults.scenarios import SCENARIOS
from benchmarks.faults.seen import seen
from qtest.adapters import sandbox as sandboxes


def main(names: list[str]) -> None:
    chosen = [scenario for scenario in SCENARIOS if not names or scenario.name in names]
    with tempfile.TemporaryDirectory(prefix="qtest-faults-") as folder:
        told = seen(chosen, sandboxes.choose(), Path(folder))
    json.dump({"": qtest.__file__, **told}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Takes a guard out of a copy of our packages, and asks the copy about the scenarios that hang on it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.faults.scenario import Guard, Scenario

ROOT = Path(__file__).parents[2]
PACKAGES = ("qtest", "gates", "actors", "benchmarks")
MOST_S = 60.0
NO_END = "nothing: it did not end"


def said_without(guard: Guard | None, scenarios: Sequence[Scenario]) -> Mapping[str, str]:
    """What a copy without the guard says of each, by name; with None, what an untouched copy says. Each scenario is asked in a
    process of its own: the first may take the others' ground from under them."""
    with copied() as copy:
        if guard is not None:
            remove(guard, copy)
        return {scenario.name: _asked(copy, scenario) for scenario in scenarios}


@contextlib.contextmanager
def copied() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="qtest-unguarded-") as folder:
        for name in PACKAGES:
            shutil.copytree(ROOT / name, Path(folder, name))
        yield Path(folder)


def remove(guard: Guard, copy: Path) -> None:
    """Raises ValueError when its text does not stand there exactly once: then the table of guards is out of date."""
    path = copy / guard.file
    text = path.read_text("utf-8")
    if text.count(guard.text) != 1:
        raise ValueError(f"{guard.file}: {guard.text!r} stands there {text.count(guard.text)} times; expected 1")
    path.write_text(text.replace(guard.text, guard.without), "utf-8")


def _asked(copy: Path, scenario: Scenario) -> str:
    command = [sys.executable, "-m", "benchmarks.faults.one", scenario.name]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    with subprocess.Popen(
        command,
        cwd=copy,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as asking:
        try:
            out, errors = asking.communicate(timeout=MOST_S)
        except subprocess.TimeoutExpired:
            os.killpg(asking.pid, signal.SIGKILL)
            asking.communicate()
            return NO_END
    if asking.returncode:
        return f"nothing: {errors.strip().splitlines()[-1]}"
    told: dict[str, str] = json.loads(out)
    if not told.pop("").startswith(str(copy)):
        raise RuntimeError(f"the copy at {copy} was not what answered")
    return told[scenario.name]

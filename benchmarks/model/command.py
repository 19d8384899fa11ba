"""`python -m benchmarks.run model`: seconds and memory of `qtest model` over whole packages, on one core, as MODEL.md."""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from qtest.wiring import open_library

PAGE = Path(__file__).parents[1] / "MODEL.md"
PACKAGES = ("pypi:sqlalchemy", "pypi:networkx", "pypi:rich", "pypi:psutil")
HEAD = """# The system model: seconds and memory

Written by `python -m benchmarks.run model`; do not edit. `qtest model --json` in a process of its own, on one core, start of the
interpreter and writing the JSON included, fetching the package not. Lines are those of the files in the model; tests and pages are
read as well, for their examples, and are not counted. Peak is the largest resident set the kernel saw.
"""
COLUMNS = ("package", "files", "lines", "languages", "problems", "seconds", "CPU s", "lines/s", "peak MiB", "load")


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run model")
    parser.add_argument("--packages", default=",".join(PACKAGES), help="names as qtest takes them, with commas between")
    packages = parser.parse_args(argv).packages.split(",")
    rows = [measured(spec) for spec in packages]
    PAGE.write_text(page(rows), "utf-8")
    print(page(rows))
    return 0


def measured(spec: str) -> tuple[str, ...]:
    """One row; the package is fetched before the clock starts."""
    with open_library() as desk:
        repository = desk.fetcher.fetch(spec)
    folder, release = repository.folder, repository.revision.name
    core = min(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    with tempfile.TemporaryFile() as out:
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "qtest", "model", folder, "--json"],
            stdout=out,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        model = json.loads(out.read()) if process.returncode == 0 else {"modules": [], "problems": []}
    lines = sum(Path(folder, module["path"]).read_bytes().count(b"\n") for module in model["modules"])
    languages = ", ".join(sorted({module["language"] for module in model["modules"]}))
    return (
        release, str(len(model["modules"])), str(lines), languages or f"exit {process.returncode}", str(len(model["problems"])),
        f"{wall_s:.1f}", f"{_cpu_s(used):.1f}", f"{lines / wall_s:.0f}", f"{used.ru_maxrss / 1024:.0f}", f"{load:.1f}",
    )  # fmt: skip


def _cpu_s(used: resource.struct_rusage) -> float:
    return used.ru_utime + used.ru_stime


def page(rows: Sequence[Sequence[str]]) -> str:
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, QTest {_commit()}"
    table = [COLUMNS, ["---"] * len(COLUMNS), *rows]
    return "\n".join((HEAD, machine, "", *(f"| {' | '.join(row)} |" for row in table), ""))


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"

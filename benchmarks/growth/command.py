"""What generating tests costs as packages grow: CPU seconds and memory against lines; the section of the page of results."""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.generation.commit import ROOT, commit
from benchmarks.generation.process import Ran, clean_environment, run
from benchmarks.generation.store import Store
from benchmarks.page import publish
from qtest.wiring import open_library

PACKAGES = (
    *("pytimeparse==1.1.8", "inflection==0.5.1", "semver==3.0.4", "isodate==0.7.2", "cachetools==6.2.1"),
    *("humanize==4.13.0", "toolz==1.0.0", "boltons==25.0.0", "rich==14.1.0"),
)
LINES_EACH = 4  # lines of source for each evaluation that is given, so that work grows with the code
PATIENCE_S = 3000
HEAD = """# Growth: what generating costs as packages grow

Written by `python -m benchmarks.run growth`; do not edit. `qtest run` over whole packages, own suite left out, in one process and without Ray,
with one evaluation for every {each} lines of source: fetching and the environment included in the wall time. CPU is that of the whole command and
its sandboxes. Memory is the largest resident set of the command itself and of any one process below it.
"""
COLUMNS = (
    *("package", "modules", "lines", "evaluations", "tests", "mutants killed", "CPU s", "CPU s per 1,000 lines"),
    *("wall s", "memory MiB", "load", "commit", "note"),
)


@dataclass(frozen=True)
class Measured:
    package: str
    modules: int
    lines: int
    evaluations: int
    tests: int
    killed: int
    mutants: int
    cpu_s: float
    wall_s: float
    memory_mib: float
    load: float
    commit: str
    note: str


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    store = Store(asked.store.expanduser().resolve())
    rows = []
    for package in asked.packages.split(","):
        key = (package, f"seed={asked.seed}", f"each={LINES_EACH}", commit())
        rows.append(Measured(**store.once("growth", key, lambda package=package: vars(measured(package, asked.seed)))))
        print(f"| {' | '.join(cells(rows[-1]))} |", flush=True)
    publish(page(rows, asked.seed))
    return 0


def measured(package: str, seed: int) -> Measured:
    """One package, in a process of its own with a store of its own."""
    with open_library() as desk:
        folder = Path(desk.fetcher.fetch(f"pypi:{package}").folder)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
        lines = _lines(folder, Path(scratch))
        evaluations = max(1, sum(lines) // LINES_EACH)
        out = Path(scratch, "out")
        command = [
            *(sys.executable, "-m", "qtest", "run", f"pypi:{package}", "--inline", "--standalone"),
            *("--store", str(Path(scratch, "store")), "--out", str(out), "--seed", str(seed)),
            *("--evaluations", str(evaluations), "--budget", f"{PATIENCE_S}s"),
        ]
        env = clean_environment(PYTHONPATH=str(ROOT))
        ran = run(command, cwd=Path(scratch), env=env, timeout_s=PATIENCE_S + 600, log=Path(scratch, "log"))
        report = out / "qtest-report" / "report.json"
        told = json.loads(report.read_text("utf-8")) if report.exists() else {}
    return _row(package, lines, evaluations, ran, told, load)


def _lines(folder: Path, scratch: Path) -> list[int]:
    """Of each file in the model, which is what a run works on."""
    model = run(
        [sys.executable, "-m", "qtest", "model", str(folder), "--json"],
        cwd=scratch,
        env=clean_environment(PYTHONPATH=str(ROOT)),
        timeout_s=PATIENCE_S,
        log=scratch / "model.json",
    )
    modules = json.loads(model.output)["modules"] if model.code == 0 else []
    return [(folder / module["path"]).read_bytes().count(b"\n") for module in modules if module["language"] == "python"]


def _row(package: str, lines: list[int], evaluations: int, ran: Ran, told: dict[str, Any], load: float) -> Measured:
    modules = told.get("modules", [])
    verdicts = [one for module in modules for one in module["after"]]
    last = (ran.output.strip().splitlines() or ["it said nothing"])[-1]
    return Measured(
        package=package,
        modules=len(lines),
        lines=sum(lines),
        evaluations=evaluations,
        tests=sum(one["exit"] == "regression test" for module in modules for one in module["outcomes"]),
        killed=sum(one["result"]["status"] == "killed" for one in verdicts),
        mutants=len(verdicts),
        cpu_s=max(ran.cpu_s, told.get("cpu_s") or 0.0),
        wall_s=ran.wall_s,
        memory_mib=ran.peak_mib,
        load=load,
        commit=commit(),
        note="" if told else f"exit {ran.code}: {last}"[:200],
    )


def page(rows: list[Measured], seed: int) -> str:
    machine = (
        f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, seed {seed}; QTest {commit()}"
    )
    rule = "|" + "---|" * len(COLUMNS)
    table = [f"| {' | '.join(cells(row))} |" for row in sorted(rows, key=lambda row: row.lines)]
    return "\n".join(
        (HEAD.format(each=LINES_EACH), machine, "", f"| {' | '.join(COLUMNS)} |", rule, *table, "", *grown(rows), "")
    )


def grown(rows: list[Measured]) -> Iterator[str]:
    """How often the CPU of the smallest package the largest takes, beside how often its lines."""
    known = sorted((row for row in rows if row.lines and not row.note), key=lambda row: row.lines)
    if len(known) > 1:
        least, most = known[0], known[-1]
        yield (
            f"- from {least.package} to {most.package}: {most.lines / least.lines:.0f} times the lines, "
            f"{most.cpu_s / least.cpu_s:.1f} times the CPU, {most.memory_mib / least.memory_mib:.1f} times the memory"
        )


def cells(row: Measured) -> tuple[str, ...]:
    return (
        *(row.package, str(row.modules), str(row.lines), str(row.evaluations), str(row.tests)),
        *(f"{row.killed} of {row.mutants}", f"{row.cpu_s:.0f}"),
        f"{1000 * row.cpu_s / row.lines:.1f}" if row.lines else "–",
        *(f"{row.wall_s:.0f}", f"{row.memory_mib:.0f}", f"{row.load:.1f}", row.commit, row.note.replace("|", "/")),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run growth", description=__doc__)
    parser.add_argument("--packages", default=",".join(PACKAGES), help="name==version, with commas between")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--store", type=Path, default=Path("~/.cache/qtest/benchmarks"))
    return parser

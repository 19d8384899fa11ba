"""The two tools under measurement, each asked for the tests of one module."""

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.generation.commit import ROOT
from benchmarks.generation.environments import Environment
from benchmarks.generation.process import Ran, clean_environment, run
from benchmarks.generation.subjects import Subject

PATIENCE_S = 600.0  # both tools: Pynguin spends minutes on its assertions after its search


@dataclass(frozen=True)
class Generated:
    """`tests` is empty when the tool wrote none, and `note` then says why. `files` is all it wrote, by path, for other modules too."""

    tests: str
    name: str
    wall_s: float
    cpu_s: float
    version: str
    note: str
    load: float
    files: dict[str, str]


def pynguin(subject: Subject, environment: Environment, seed: int, seconds: int) -> Generated:
    """Its search clock is `seconds`; what it does after the search may take `PATIENCE_S` more."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
        out = Path(scratch, "out")
        out.mkdir()
        command = [
            *(str(environment.python), "-m", "pynguin"),
            *("--project-path", str(_root(environment, subject))),
            *("--module-name", subject.module),
            *("--output-path", str(out)),
            *("--maximum_search_time", str(seconds)),
            *("--seed", str(seed)),
        ]
        env = clean_environment(PYNGUIN_DANGER_AWARE="1")
        ran = run(command, cwd=out, env=env, timeout_s=seconds + PATIENCE_S, log=Path(scratch, "log"))
        name, tests = only_test_file(out)
        version = environment.versions()[subject.package]
        note = "" if tests else _why(ran)
        return Generated(tests, name, ran.wall_s, ran.cpu_s, version, note, load, {name: tests} if tests else {})


def only_test_file(out: Path) -> tuple[str, str]:
    """Found by looking: the name a tool gives its file is no interface, and a wrong guess reads as a tool that wrote nothing."""
    found = sorted(out.rglob("*.py"))
    if len(found) > 1:
        raise RuntimeError(f"{len(found)} files were written, expected one: {[path.name for path in found]}")
    return (found[0].name, found[0].read_text("utf-8")) if found else ("", "")


def qtest(
    subject: Subject, only: str, seed: int, budget_s: int, repository: str = "", more: tuple[str, ...] = ()
) -> Generated:
    """Through the front door of the QTest beside this file, the files that fit `only`, with `more` words on the command line; of the
    subject's newest release, or of another repository. The larger of the two CPU figures counts, the kernel's or the report's own."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
        out = Path(scratch, "out")
        command = [
            *(sys.executable, "-m", "qtest", "run", repository or f"pypi:{subject.package}"),
            *(
                "--inline",
                "--store",
                str(Path(scratch, "store")),
            ),  # no memory of an earlier run, and no cluster to start
            *("--standalone", "--budget", f"{budget_s}s"),
            *("--only", only, "--seed", str(seed), "--out", str(out)),
            *more,
        ]
        env = clean_environment(PYTHONPATH=str(ROOT))
        ran = run(command, cwd=Path(scratch), env=env, timeout_s=budget_s + PATIENCE_S, log=Path(scratch, "log"))
        report = out / "qtest-report" / "report.json"
        if not report.exists():
            return Generated("", "", ran.wall_s, ran.cpu_s, "", _why(ran), load, {})
        return read_report(json.loads(report.read_text("utf-8")), out, subject, ran, load)


def pattern(subject: Subject, environment: Environment) -> str:
    """Fits the module's file in an archive of its sources, wherever it lies there."""
    return f"*{environment.origin(subject.module).relative_to(_root(environment, subject)).as_posix()}"


def read_report(report: dict[str, Any], out: Path, subject: Subject, ran: Ran, load: float) -> Generated:
    version = (report.get("revision") or {}).get("version") or ""
    cpu_s = max(ran.cpu_s, report.get("cpu_s") or 0.0)
    entry = next((one for one in report["modules"] if one["module"] == subject.module), None)
    paths = [one["file"]["path"] for one in report["modules"] if one["file"]]
    files = {path: (out / path).read_text("utf-8") for path in paths}
    if entry is None:
        return Generated("", "", ran.wall_s, cpu_s, version, "the report has no such module", load, files)
    if entry["file"] is None:
        return Generated("", "", ran.wall_s, cpu_s, version, _without_a_file(entry["outcomes"]), load, files)
    written = out / entry["file"]["path"]
    return Generated(written.read_text("utf-8"), written.name, ran.wall_s, cpu_s, version, "", load, files)


def _without_a_file(outcomes: list[dict[str, Any]]) -> str:
    """What broke, else what stood in the way of the first target."""
    reasons = {exit: [one["reason"] for one in outcomes if one["exit"] == exit] for exit in ("failure", "rejection")}
    return "; ".join(reasons["failure"] or reasons["rejection"][:1]) or "no test was kept"


def _why(ran: Ran) -> str:
    if ran.timed_out:
        return f"nothing written in {ran.wall_s:.0f} s"
    last = [line.strip() for line in ran.output.splitlines() if line.strip()][-1:]
    return f"exit {ran.code}: {' '.join(last)}"[:300]


def _root(environment: Environment, subject: Subject) -> Path:
    origin = environment.origin(subject.module)
    depth = subject.module.count(".") + (2 if origin.name == "__init__.py" else 1)
    return origin.parents[depth - 1]

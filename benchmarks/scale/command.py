"""The line in one process and on Ray, on one core and on two, in turn; and the page of results."""

import argparse
import os
import platform
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks.generation.commit import ROOT, commit
from benchmarks.scale.measure import Took, adopt_orphans, measure

HEAD = """# The line with and without Ray

Written by `python -m benchmarks.run scale`; do not edit. The same package, seed and number of evaluations, each run with a store of its own.
CPU is what the kernel counts for processes that were waited for: QTest's own and Ray's, daemons and dashboard included. Target code ends with its
sandbox and escapes that count on both sides, so the ratio of CPU is that of our own processes, not of the whole. "ready" is the time from the command
to the first module that could be written. "control" is the CPU beyond the run in one process on as many cores. Ratios are to that run too.
"""
PACKAGES = ("pypi:inflection==0.5.1", "pypi:semver==3.0.4")
Key = tuple[str, int, bool]


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    adopt_orphans()
    load_before = _load()
    found: dict[Key, Took] = {}
    for spec in asked.packages.split(","):
        for cores in (1, 2):
            for inline in (True, False):
                with tempfile.TemporaryDirectory(prefix="qtest-scale-") as folder:
                    took = measure(spec, Path(folder), asked.evaluations, asked.seed, cores, inline=inline)
                found[spec, cores, inline] = took
                print(f"{spec}, {cores} cores, {'inline' if inline else 'Ray'}: {took.wall_s:.0f} s", flush=True)
    lines = [_machine(load_before, asked.seed, asked.evaluations), "", *_table(found), "", *_sameness(found)]
    print("\n".join(lines))
    (ROOT / "benchmarks" / "SCALE.md").write_text("\n".join((HEAD, *lines, "")), "utf-8")
    return 0


def _table(found: dict[Key, Took]) -> Iterator[str]:
    yield "| package | cores | how | tests | wall s | ratio | CPU s | ratio | ready s | control CPU ms a target | control CPU ms a mutant |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for (spec, cores, inline), took in found.items():
        base = found[spec, cores, True]
        control = took.cpu_s - base.cpu_s
        shown = (
            ("–", "–")
            if inline
            else (f"{1000 * control / max(1, took.targets):.0f}", f"{1000 * control / max(1, took.mutants):.1f}")
        )
        tests = sum(text.count("\ndef test_") for text in took.tests.values())
        yield (
            f"| {spec} | {cores} | {'inline' if inline else 'Ray'} | {tests} | {took.wall_s:.1f} | {took.wall_s / base.wall_s:.2f} "
            f"| {took.cpu_s:.1f} | {took.cpu_s / base.cpu_s:.2f} | {took.ready_s:.1f} | {shown[0]} | {shown[1]} |"
        )


def _sameness(found: dict[Key, Took]) -> Iterator[str]:
    for spec in dict.fromkeys(spec for spec, _, _ in found):
        texts = [took.tests for (name, _, _), took in found.items() if name == spec]
        same = all(tests == texts[0] for tests in texts)
        yield f"- {spec}: the tests are {'the same, byte for byte, in all runs' if same else 'NOT the same in all runs'}"


def _machine(load_before: str, seed: str, evaluations: int) -> str:
    return (
        f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"Ray {version('ray')} with workers at niceness 0, seed {seed}, {evaluations} evaluations, load before {load_before} and after "
        f"{_load()}; QTest {commit()}"
    )


def _load() -> str:
    return " ".join(f"{load:.2f}" for load in os.getloadavg())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run scale", description=__doc__)
    parser.add_argument("--packages", default=",".join(PACKAGES), help="separated by commas")
    parser.add_argument("--evaluations", type=int, default=8000, help="for each package")
    parser.add_argument("--seed", default="0")
    return parser

"""How fast mutants are judged, beside mutmut, cosmic-ray and a bare fork; and the page of results."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.generation.commit import ROOT, commit
from benchmarks.generation.environments import Environment, made
from benchmarks.generation.process import clean_environment
from benchmarks.mutation.mutants import Named, at_import, shared
from benchmarks.mutation.ours import Task, Told
from benchmarks.mutation.peers import Peer, cosmic_ray, mutmut
from benchmarks.mutation.subjects import SUBJECTS, Subject
from qtest.languages.python.toolchain import PROBE, PythonToolchain
from qtest.records.baseline import Environment as Interpreter
from qtest.records.baseline import Setting
from qtest.records.mutant import Mutant
from qtest.records.workbench import JudgeOrder

HEAD = """# Mutants judged a second

Written by `python -m benchmarks.run mutation`; do not edit. Each package with its own suite, all sides in one environment and in turn, each held
to one core ("2 cores" to two); the median of the rounds. The mutants are mutmut's, the same for QTest, mutmut and the bounds; cosmic-ray makes its own. QTest's
sandbox is in all of its figures. "set-up" is all before the first mutant: for QTest three plain runs of the suite, two under coverage, and a judge
started in the sandbox; "end to end" is set-up and mutants. The bounds are a fork for each mutant and its covering tests up to the first failure:
"protocol" by pytest's protocol, "direct" by calling set-up, test and teardown (unittest's failures do not surface so, those go by the protocol).
"at import" are mutants of QTest's that only a fresh import can judge, which mutmut does not see.
"""
TOOLS = ("pytest==9.2.0", "coverage", "mutmut==3.8.1", "cosmic-ray==8.7.0")


@dataclass
class Measured:
    """What came out of all rounds of one package."""

    subject: Subject
    ours: list[Told] = field(default_factory=list)
    imports: list[Told] = field(default_factory=list)
    two: list[Told] = field(default_factory=list)
    mutmut: list[Peer] = field(default_factory=list)
    bounds: list[dict[str, Any]] = field(default_factory=list)
    two_bounds: list[float] = field(default_factory=list)
    cosmic_ray: Peer = field(default_factory=Peer)
    names: dict[str, str] = field(default_factory=dict)


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    store = Path(asked.store).expanduser()
    wanted = [subject for subject in SUBJECTS if not asked.packages or subject.name in asked.packages.split(",")]
    environment = made(store, "mutation", [*TOOLS, *(need for subject in SUBJECTS for need in subject.needs)])
    before = _load()
    lines = [
        "| package | side | mutants | set-up s | mutants/s | ms each | QTest is faster | end to end s | QTest is faster |"
    ]
    lines.append("|---|---|---|---|---|---|---|---|---|")
    notes: list[str] = []
    for subject in wanted:
        with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
            measured = _measure(subject, Path(scratch), store, environment, asked)
        lines += _rows(measured)
        notes += _notes(measured)
        print("\n".join(_rows(measured)), flush=True)
    page = [_machine(before, asked, environment), "", *lines, "", *notes]
    print("\n".join(page))
    (ROOT / "benchmarks" / "MUTATION.md").write_text("\n".join((HEAD, *page, "")), "utf-8")
    return 0


def _measure(
    subject: Subject, scratch: Path, store: Path, environment: Environment, asked: argparse.Namespace
) -> Measured:
    folder = scratch / "tree"
    subject.lay(store, folder)
    setting = _setting(subject, folder, environment)
    same = shared(subject, folder, environment, asked.mutants, asked.seed)
    fresh = at_import(subject, folder, asked.imports, asked.seed)
    found = Measured(subject, names={one.mutant.id: one.name for one in same})
    for _ in range(asked.rounds):
        _round(found, setting, same, fresh, store, environment)
    found.cosmic_ray = cosmic_ray(subject, store, environment, asked.cosmic_ray, _cores(1))
    return found


def _round(
    found: Measured,
    setting: Setting,
    same: Sequence[Named],
    fresh: Sequence[Mutant],
    store: Path,
    environment: Environment,
) -> None:
    """One after the other, so that a change of the machine's mood meets all of them."""
    ours = _ours(Task(setting=setting, mutants=tuple(one.mutant for one in same)), 1)
    found.ours.append(ours)
    found.mutmut.append(mutmut(found.subject, store, environment, [one.name for one in same], _cores(1)))
    if ours.problem:
        return
    clear = {row.mutant for row in ours.rows if row.status in ("killed", "survived")}  # a bare fork has no limits
    swaps = tuple(order for order in ours.orders if order.how == "swap" and order.mutant.id in clear)
    found.bounds.append(_bound(setting, environment, swaps, _cores(1)))
    found.two.append(_ours(Task(setting=setting, known=swaps, workers=2), 2))
    found.two_bounds.append(_two_bounds(setting, environment, swaps))
    tests = tuple(test for test in ours.orders[0].tests) if ours.orders else ()
    usable = tuple(dict.fromkeys((*tests, *(test for order in ours.orders for test in order.tests))))
    orders = tuple(JudgeOrder(mutant=mutant, tests=usable, how="fresh import") for mutant in fresh)
    if orders and usable:
        found.imports.append(_ours(Task(setting=setting, known=orders), 1))


def _setting(subject: Subject, folder: Path, environment: Environment) -> Setting:
    asked = "import sys; print(sys.base_prefix); print(sys.version.split()[0])"
    said = subprocess.run([str(environment.python), "-c", asked], capture_output=True, text=True, check=True)
    base, version = said.stdout.split()
    return Setting(
        folder=str(folder),
        project=subject.project(),
        environment=Interpreter(
            python=str(environment.python),
            version=version,
            origin="the benchmark's",
            readable=(str(environment.folder), base),
        ),
    )


def _ours(task: Task, cores: int) -> Told:
    held = _cores(cores)
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.mutation.ours"],
        input=task.model_dump_json(),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, held),
    )
    if ran.returncode:
        return Told(problem=(ran.stderr.strip().splitlines() or ["it ended without a word"])[-1][:200])
    return Told.from_json(ran.stdout)


def _bound(
    setting: Setting, environment: Environment, orders: Sequence[JudgeOrder], cores: Sequence[int]
) -> dict[str, Any]:
    return _heard(_started(setting, environment, orders, ["protocol", "direct"], cores))


def _two_bounds(setting: Setting, environment: Environment, orders: Sequence[JudgeOrder]) -> float:
    """Mutants a second of two loops beside each other, by pytest's protocol."""
    cores = _cores(2)
    if len(cores) < 2:
        return 0.0
    loops = [
        _started(setting, environment, orders[number::2], ["protocol"], [core]) for number, core in enumerate(cores)
    ]
    told = [_heard(loop) for loop in loops]
    if any("protocol" not in one for one in told):
        return 0.0
    return float(sum(len(one["protocol"]["each"]) for one in told) / max(one["protocol"]["s"] for one in told))


def _started(
    setting: Setting, environment: Environment, orders: Sequence[JudgeOrder], ways: list[str], cores: Sequence[int]
) -> "subprocess.Popen[str]":
    task = {
        "folder": setting.folder,
        "root": "",
        "files": setting.project.test_paths,
        "probe": str(PROBE),
        "ways": ways,
        "orders": [order.model_dump(mode="json") for order in orders],
    }
    file = tempfile.TemporaryFile("w+")  # noqa: SIM115 - the child reads it
    json.dump(task, file)
    file.seek(0)
    env = clean_environment() | dict(PythonToolchain().spec(setting).env)
    return subprocess.Popen(
        [str(environment.python), str(Path(__file__).with_name("bare.py"))],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=setting.folder,
        env=env,
        preexec_fn=lambda: os.sched_setaffinity(0, set(cores)),
    )


def _heard(loop: "subprocess.Popen[str]") -> dict[str, Any]:
    said, _ = loop.communicate(timeout=600)
    try:
        told: dict[str, Any] = json.loads(said)
    except ValueError:
        told = {"problem": "the bare fork said nothing"}
    return told


def _rows(found: Measured) -> Iterator[str]:
    good = [one for one in found.ours if not one.problem and one.rows]
    if not good:
        yield f"| {found.subject.release} | QTest: {found.ours[0].problem} | | | | | | | |"
        return
    every = _median([_overall(one) for one in good])
    whole = _median([one.measure_s + one.start_s + one.judge_s for one in good])
    setup = _median([one.measure_s + one.start_s for one in good])
    yield f"| {found.subject.release} | QTest | {len(good[0].rows)} | {setup:.1f} | {every:.1f} | {1000 / every:.1f} | 1 | {whole:.1f} | 1 |"
    count = sum(row.how == "swap" for row in good[0].rows)
    rate = _median([_rate(one, "swap") for one in good]) if count else every
    yield f"| | QTest, those whose code is swapped | {count} | | {rate:.1f} | {1000 / rate:.1f} | {every / rate:.2f}x | | |"
    for side, peers in (("mutmut", found.mutmut), ("cosmic-ray", [found.cosmic_ray])):
        told = [peer for peer in peers if not peer.problem]
        if not told:
            yield f"| | {side}: {peers[0].problem if peers else ''} | | | | | | | |"
            continue
        theirs, wall = _median([peer.rate for peer in told]), _median([peer.wall_s for peer in told])
        ends = (f"{wall:.1f}", f"{wall / whole:.1f}x") if side == "mutmut" else ("", "")
        yield (
            f"| | {side} | {told[0].count} | {_median([peer.setup_s for peer in told]):.1f} | {theirs:.1f} | {1000 / theirs:.1f} "
            f"| {every / theirs:.1f}x, swapped {rate / theirs:.1f}x | {ends[0]} | {ends[1]} |"
        )
    for way in ("protocol", "direct"):
        rates = [len(one[way]["each"]) / one[way]["s"] for one in found.bounds if way in one]
        if rates:
            bound = _median(rates)
            yield f"| | bound, {way} | {count} | | {bound:.1f} | {1000 / bound:.1f} | {rate / bound:.2f} of it | | |"
    two = [_overall(one) for one in found.two if not one.problem and one.rows]
    if two:
        yield f"| | QTest, 2 cores | {count} | | {_median(two):.1f} | | {_median(two) / rate:.2f} of one | | |"
    if two and any(found.two_bounds):
        loops = _median(found.two_bounds)
        yield f"| | two bare loops, 2 cores | {count} | | {loops:.1f} | | {_median(two) / loops:.2f} of them | | |"
    each = [row.wall_s for one in found.imports for row in one.rows]
    if each:
        mean, middle = 1000 * statistics.mean(each), 1000 * statistics.median(each)
        yield f"| | QTest, at import | {len(found.imports[0].rows)} | | {1000 / mean:.1f} | {mean:.0f} (median {middle:.0f}) | | | |"


def _notes(found: Measured) -> Iterator[str]:
    """Where two sides disagree on a verdict, it is said."""
    good = [one for one in found.ours if not one.problem]
    told = [peer for peer in found.mutmut if not peer.problem]
    if not good:
        return
    counts = {
        status: sum(row.status == status for row in good[0].rows)
        for status in ("killed", "survived", "timed out", "inconclusive")
    }
    said = ", ".join(f"{number} {status}" for status, number in counts.items() if number)
    again = all(
        {row.mutant: row.status for row in one.rows} == {row.mutant: row.status for row in good[0].rows} for one in good
    )
    yield f"- {found.subject.name}: QTest says {said}; {'the same' if again else 'NOT the same'} in each round"
    if told:
        ours = {row.mutant: row.status == "killed" for row in good[0].rows}
        differing = [name for name, killed in ours.items() if killed != (found.names[name] in told[0].killed)]
        yield f"  - mutmut differs on {len(differing)} of {len(ours)}: {', '.join(found.names[one] for one in differing[:5])}"
    for told_ in found.imports[:1]:
        killed = sum(row.status == "killed" for row in told_.rows)
        yield f"  - at import: {killed} of {len(told_.rows)} killed"


def _rate(told: Told, how: str) -> float:
    seconds = [row.wall_s for row in told.rows if row.how == how]
    return len(seconds) / sum(seconds) if seconds else float("nan")


def _overall(told: Told) -> float:
    return len(told.rows) / told.judge_s


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _cores(count: int) -> list[int]:
    return sorted(os.sched_getaffinity(0))[:count]


def _machine(before: str, asked: argparse.Namespace, environment: Environment) -> str:
    tools = environment.versions()
    named = ", ".join(f"{name} {tools[name]}" for name in ("pytest", "mutmut", "coverage") if name in tools)
    return (
        f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}, Python {platform.python_version()}, {named}, "
        f"{asked.rounds} rounds, seed {asked.seed}, at most {asked.mutants} mutants, load before {before} and after {_load()}; QTest {commit()}"
    )


def _load() -> str:
    return " ".join(f"{load:.2f}" for load in os.getloadavg())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run mutation", description=__doc__)
    parser.add_argument("--packages", default="", help="separated by commas; all by default")
    parser.add_argument("--mutants", type=int, default=120, help="of mutmut's, at most, for each package")
    parser.add_argument("--imports", type=int, default=40, help="of those that run at import, at most")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--cosmic-ray", type=float, default=20.0, help="seconds that it may work")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--store", default="~/.cache/qtest/benchmarks")
    return parser

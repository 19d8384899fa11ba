"""How many mutants a test file kills, each in a fresh process that imports a fresh copy of the package."""

import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from benchmarks.generation.environments import Environment
from benchmarks.generation.process import Ran, clean_environment, run

RULES = 2  # what counts as a kill; rows judged by older rules are not shown
LIMIT_FACTOR = 10
LEAST_LIMIT_S = 5.0
FIRST_LIMIT_S = 300.0
ROUNDS = 3


@dataclass(frozen=True)
class Judged:
    """`problem` says why nothing could be judged; deselected tests failed on the package as released.

    `broken` are those of the killed that no longer import.
    """

    problem: str = ""
    tests: int = 0
    deselected: int = 0
    lines: float | None = None
    branches: float | None = None
    mutants: int = 0
    killed: int = 0
    survived: int = 0
    timeouts: int = 0
    broken: int = 0
    errors: int = 0
    base_s: float = 0.0

    def fields(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Bench:
    """A private copy of the package and one test file."""

    folder: Path
    python: Path
    module: Path
    test: Path

    def pytest(self, *options: str, timeout_s: float, through: tuple[str, ...] = ("-m", "pytest")) -> Ran:
        env = clean_environment(PYTHONPATH=str(self.folder / "package"))
        command = [str(self.python), *through, "-q", "-p", "no:cacheprovider", *options, self.test.name]
        return run(command, cwd=self.test.parent, env=env, timeout_s=timeout_s, log=self.folder / "log")


def judge(text: str, name: str, module: str, environment: Environment, mutants: list[str], jobs: int) -> Judged:
    with _bench(text, name, module, environment) as bench:
        _check_copy(bench, module)
        green = _green(bench)
        if green.problem:
            return green.judged
        coverage = _coverage(bench, green.options)
        limit_s = max(LEAST_LIMIT_S, LIMIT_FACTOR * green.base_s)
    verdicts = _verdicts(text, name, module, environment, mutants, jobs, green.options, limit_s)
    return Judged(
        tests=green.judged.tests,
        deselected=green.judged.deselected,
        base_s=green.base_s,
        lines=coverage[0],
        branches=coverage[1],
        mutants=len(mutants),
        killed=verdicts["killed"] + verdicts["broken"],
        survived=verdicts["survived"],
        timeouts=verdicts["timeouts"],
        broken=verdicts["broken"],
        errors=verdicts["errors"],
    )


def verdict(code: int, timed_out: bool, output: str) -> str:
    """A failed test kills, and so does a module that its tests can no longer import; a crash is counted apart."""
    if timed_out:
        return "timeouts"
    if code == 0:
        return "survived"
    if code == 1 and counted(output, "failed"):
        return "killed"
    if code in (1, 2) and (counted(output, "error") or counted(output, "errors")):
        return "broken"
    return "errors"


def counted(output: str, word: str) -> int:
    """A figure of pytest's last line."""
    lines = [line for line in output.splitlines() if line.strip()]
    found = re.search(rf"\b(\d+) {word}\b", lines[-1]) if lines else None
    return int(found[1]) if found else 0


def failing(output: str) -> tuple[str, ...]:
    """The tests that pytest's short summary calls failed or in error."""
    found = re.findall(r"^(?:FAILED|ERROR) (\S+::.+?)(?: - .*)?$", output, re.MULTILINE)
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class _Green:
    judged: Judged
    options: tuple[str, ...] = ()
    base_s: float = 0.0

    @property
    def problem(self) -> str:
        return self.judged.problem


def _green(bench: Bench) -> _Green:
    """Leaves out failing tests until the rest passes twice running."""
    left_out: tuple[str, ...] = ()
    passes = 0
    for _ in range(2 * ROUNDS):
        options = tuple(f"--deselect={test}" for test in left_out)
        ran = bench.pytest("-rfE", *options, timeout_s=FIRST_LIMIT_S)
        if ran.timed_out:
            return _Green(Judged("its tests do not end on the package as released"))
        if ran.code == 5:
            return _Green(Judged("no test passes on the package as released", deselected=len(left_out)))
        if ran.code == 0:
            passes += 1
            if passes == 2:
                tests = counted(ran.output, "passed") + counted(ran.output, "xfailed")
                return _Green(Judged(tests=tests, deselected=len(left_out)), options, ran.wall_s)
            continue
        passes = 0
        fresh = failing(ran.output)
        if not fresh:
            return _Green(Judged(f"its tests do not start: {ran.output.strip()[-300:]}"))
        left_out = tuple(dict.fromkeys((*left_out, *fresh)))
    return _Green(Judged("its tests do not settle on the package as released", deselected=len(left_out)))


def _coverage(bench: Bench, options: tuple[str, ...]) -> tuple[float | None, float | None]:
    data = bench.folder / "coverage"
    settings = ("--branch", f"--data-file={data}", f"--include={bench.module}")
    through = ("-m", "coverage", "run", *settings, "-m", "pytest")
    bench.pytest(*options, timeout_s=FIRST_LIMIT_S, through=through)
    ran = run(
        [str(bench.python), "-m", "coverage", "json", f"--data-file={data}", "-q", "-o", str(bench.folder / "c.json")],
        cwd=bench.folder,
        env=clean_environment(),
        timeout_s=FIRST_LIMIT_S,
        log=bench.folder / "log",
    )
    if ran.code:
        return (None, None)
    return percentages((bench.folder / "c.json").read_text("utf-8"))


def percentages(report: str) -> tuple[float | None, float | None]:
    """Lines and branches in per cent; None where the module has none."""
    totals = json.loads(report)["totals"]
    return (
        _percent(totals["covered_lines"], totals["num_statements"]),
        _percent(totals["covered_branches"], totals["num_branches"]),
    )


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _verdicts(
    text: str,
    name: str,
    module: str,
    environment: Environment,
    mutants: list[str],
    jobs: int,
    options: tuple[str, ...],
    limit_s: float,
) -> Counter[str]:
    waiting: SimpleQueue[str] = SimpleQueue()
    for mutant in mutants:
        waiting.put(mutant)

    def work(_: int) -> Counter[str]:
        seen: Counter[str] = Counter()
        with _bench(text, name, module, environment) as bench:
            while (mutant := _next(waiting)) is not None:
                bench.module.write_text(mutant, "utf-8", newline="")
                ran = bench.pytest("-x", *options, timeout_s=limit_s)
                seen[verdict(ran.code, ran.timed_out, ran.output)] += 1
        return seen

    with ThreadPoolExecutor(jobs) as pool:
        return sum(pool.map(work, range(jobs)), Counter())


def _next(waiting: SimpleQueue[str]) -> str | None:
    try:
        return waiting.get_nowait()
    except Empty:
        return None


@contextmanager
def _bench(text: str, name: str, module: str, environment: Environment) -> Iterator[Bench]:
    origin = environment.origin(module)
    with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
        folder = Path(scratch).resolve()
        copy = _copy(origin, module, folder / "package")
        tests = folder / "tests"
        tests.mkdir()
        (tests / "pytest.ini").write_text("[pytest]\n", "utf-8")
        (tests / name).write_text(text, "utf-8")
        yield Bench(folder, environment.python, copy, tests / name)


def _copy(origin: Path, module: str, target: Path) -> Path:
    """The whole package of the module, without its bytecode; gives the copy of the module."""
    target.mkdir()
    depth = module.count(".") + (1 if origin.name == "__init__.py" else 0)
    if depth == 0:
        return Path(shutil.copy(origin, target / origin.name))
    package = origin.parents[depth - 1]
    shutil.copytree(package, target / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    return target / package.name / origin.relative_to(package)


def _check_copy(bench: Bench, module: str) -> None:
    code = f"import sys, {module}; print(sys.modules[{module!r}].__file__)"
    env = clean_environment(PYTHONPATH=str(bench.folder / "package"))
    ran = run(
        [str(bench.python), "-c", code], cwd=bench.folder, env=env, timeout_s=FIRST_LIMIT_S, log=bench.folder / "log"
    )
    if ran.output.strip() != str(bench.module):
        raise RuntimeError(f"{module} was imported from {ran.output.strip()}, expected {bench.module}")

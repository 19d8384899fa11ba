"""Does everything that ships pass, again and again, in any order?"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generation.environments import Environment
from benchmarks.generation.judge import FIRST_LIMIT_S, counted, failing
from benchmarks.generation.process import clean_environment, run

_SHUFFLE = """import os, random

def pytest_collection_modifyitems(items):
    random.Random(int(os.environ["SHUFFLE"])).shuffle(items)
"""


@dataclass(frozen=True)
class Rerun:
    """`green` of `times` runs passed; `failed` are tests that failed in any, `problem` the last line of a run that broke otherwise."""

    times: int
    green: int
    failed: tuple[str, ...] = ()
    problem: str = ""


def rerun(files: dict[str, str], environment: Environment, times: int, jobs: int) -> Rerun:
    """`files` by path, run together in fresh processes, each with an order and a hash seed of its own."""
    with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
        root = Path(scratch, "tests")
        root.mkdir()
        (root / "conftest.py").write_text(_SHUFFLE, "utf-8")
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, "utf-8")

        def once(number: int) -> tuple[bool, tuple[str, ...], str]:
            env = clean_environment(PYTHONHASHSEED=str(number), SHUFFLE=str(number))
            command = [str(environment.python), "-m", "pytest", "-q", "-rfE", "-p", "no:cacheprovider", *files]
            ran = run(command, cwd=root, env=env, timeout_s=FIRST_LIMIT_S, log=Path(scratch, f"log-{number}"))
            last = next((line for line in reversed(ran.output.splitlines()) if line.strip()), "")
            return ran.code == 0 and counted(ran.output, "passed") > 0, failing(ran.output), last

        with ThreadPoolExecutor(jobs) as pool:
            seen = list(pool.map(once, range(1, times + 1)))
    failed = tuple(sorted({node for _, nodes, _ in seen for node in nodes}))
    broken = next((last for green, nodes, last in seen if not green and not nodes), "")
    return Rerun(times, sum(green for green, _, _ in seen), failed, broken)

"""mutmut and cosmic-ray, each on a copy of the package of its own. What one cannot do is said in its row and ends nothing."""

import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.generation.environments import Environment
from benchmarks.generation.process import Ran, clean_environment, run
from benchmarks.mutation.subjects import Subject
from qtest.records.record import Record

LIMIT_S = 400.0
_KILLED = (1, 3)  # as mutmut reads exit codes: a test failed, pytest broke


class Peer(Record):
    """`setup_s` until its first mutant, `rate` in mutants a second from there. `killed` are names."""

    problem: str = ""
    setup_s: float = 0.0
    rate: float = 0.0
    count: int = 0
    killed: frozenset[str] = frozenset()

    @property
    def wall_s(self) -> float:
        return self.setup_s + (self.count / self.rate if self.rate else 0.0)


def mutmut(subject: Subject, cache: Path, environment: Environment, names: Sequence[str], cores: Sequence[int]) -> Peer:
    with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
        folder = Path(scratch, subject.name)
        subject.lay(cache, folder)
        source = subject.root or (
            subject.packages[0] if (folder / subject.packages[0]).is_dir() else subject.sources(folder)[0]
        )
        with (folder / "setup.cfg").open("a") as file:
            file.write(f"\n[mutmut]\nsource_paths={source}\npytest_add_cli_args_test_selection={subject.tests[0]}\n")
            beside = "".join(f"    {path.name}\n" for path in sorted(folder.iterdir()) if path.name != source)
            file.write(f"also_copy=\n{beside}")  # some suites read more of their tree than the tests' folder
        command = _held(
            [str(environment.folder / "bin" / "mutmut"), "run", "--max-children", str(len(cores)), *names], cores
        )
        ran = run(command, cwd=folder, env=_environment(), timeout_s=LIMIT_S, log=Path(scratch, "log"))
        said = re.search(r"^([0-9.]+) mutations/second", ran.output, re.M)
        if said is None:
            return Peer(problem=_why(ran))
        codes = {
            name: code
            for meta in (folder / "mutants").rglob("*.meta")
            for name, code in json.loads(meta.read_text("utf-8"))["exit_code_by_key"].items()
            if name in set(names) and code is not None
        }
        count = sum(code != 33 for code in codes.values())  # 33: it has no tests, and is not run
        rate = float(said[1])
        return Peer(
            setup_s=ran.wall_s - (count / rate if rate else 0.0),
            rate=rate,
            count=count,
            killed=frozenset(name for name, code in codes.items() if code in _KILLED),
        )


def cosmic_ray(subject: Subject, cache: Path, environment: Environment, seconds: float, cores: Sequence[int]) -> Peer:
    """As many as it gets done in that time; it takes them in order of position."""
    with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
        folder = Path(scratch, subject.name)
        subject.lay(cache, folder)
        tool = str(environment.folder / "bin" / "cosmic-ray")
        paths = ", ".join(json.dumps(path) for path in subject.sources(folder))
        test = f"{environment.python} -m pytest -x -q -p no:cacheprovider {subject.tests[0]}"
        (folder / "cr.toml").write_text(
            f'[cosmic-ray]\nmodule-path = [{paths}]\ntimeout = 60.0\nexcluded-modules = []\ntest-command = "{test}"\n'
            '[cosmic-ray.distributor]\nname = "local"\n',
            "utf-8",
        )
        env = _environment(PYTHONPATH=str(folder / subject.root))
        log = Path(scratch, "log")
        begun = run(
            _held([tool, "init", "cr.toml", "cr.sqlite"], cores), cwd=folder, env=env, timeout_s=LIMIT_S, log=log
        )
        if begun.code:
            return Peer(problem=_why(begun))
        base = run(_held([tool, "baseline", "cr.toml"], cores), cwd=folder, env=env, timeout_s=LIMIT_S, log=log)
        if base.code:
            return Peer(problem=f"its baseline: {_why(base)}")
        done = run(
            _held([tool, "exec", "cr.toml", "cr.sqlite"], cores), cwd=folder, env=env, timeout_s=seconds, log=log
        )
        _end_all_in(folder)
        dumped = subprocess.run(
            [tool, "dump", "cr.sqlite"], cwd=folder, env=env, capture_output=True, text=True, check=False
        )
        rows = [json.loads(line) for line in dumped.stdout.splitlines() if line.startswith("[")]
        count = sum(row[1] is not None for row in rows)
        if not count:
            return Peer(problem=f"nothing done in {seconds:.0f} s: {_why(done)}", setup_s=begun.wall_s + base.wall_s)
        return Peer(setup_s=begun.wall_s + base.wall_s, rate=count / done.wall_s, count=count)


def _end_all_in(folder: Path) -> None:
    """It leaves a test that never ends behind, in a session of its own, which would take a core from whoever is measured next."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "cwd")).is_relative_to(folder):
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            continue


def _held(command: list[str], cores: Sequence[int]) -> list[str]:
    return ["taskset", "-c", ",".join(str(core) for core in cores), *command]


def _environment(**extra: str) -> dict[str, str]:
    kept = clean_environment(**extra)
    return {key: value for key, value in kept.items() if key != "PYTHONDONTWRITEBYTECODE"}  # nobody runs them so


def _why(ran: Ran) -> str:
    if ran.timed_out:
        return f"not done in {ran.wall_s:.0f} s"
    lines = [line.strip() for line in ran.output.replace("\r", "\n").splitlines() if line.strip()]
    return f"exit {ran.code}: {' '.join(lines[-1:])}"[:120].replace("|", "/")

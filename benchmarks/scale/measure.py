"""One run of `qtest run`, and what it and everything it started took."""

import ctypes
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_READY = re.compile(r"^\[ *[0-9.]+ s\] \d+ targets in", re.M)
LIMIT_S = 1800.0


@dataclass(frozen=True)
class Took:
    """`cpu_s` of the processes that were waited for, daemons of Ray included: what ends with its sandbox escapes the count. `ready_s`
    from the command until the first module could be written, to a twentieth of a second; `tests` by path."""

    wall_s: float
    cpu_s: float
    ready_s: float
    targets: int
    mutants: int
    tests: dict[str, str]


def adopt_orphans() -> None:
    """Processes whose parent ended become this one's children, so that their CPU is counted here."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def measure(spec: str, folder: Path, evaluations: int, seed: str, cores: int, *, inline: bool) -> Took:
    """On the first `cores` cores this process may use. With a store of its own: nothing is remembered."""
    out = folder / "out"
    command = [
        *(sys.executable, "-m", "qtest", "run", spec, "--standalone", "--evaluations", str(evaluations)),
        *("--seed", seed, "--store", str(folder / "store"), "--out", str(out)),
        *(["--inline"] if inline else []),
    ]
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    before, started = _cpu_s(), time.monotonic()
    with (folder / "log").open("w+") as log:
        child = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, allowed),  # before it starts anything
            env=os.environ | {"RAY_worker_niceness": "0", "HOME": str(folder), "XDG_CACHE_HOME": _cache()},
        )
        ready_s = 0.0
        while child.poll() is None:
            if not ready_s and _READY.search((folder / "log").read_text("utf-8", errors="replace")):
                ready_s = time.monotonic() - started
            if time.monotonic() - started > LIMIT_S:
                child.kill()
            time.sleep(0.05)
        code, wall_s = child.returncode, time.monotonic() - started
        _reap()
        log.seek(0)
        said = log.read()
    if code:
        raise SystemExit(f"{spec}: qtest run ended with {code}: {said[-2000:]}")
    report = json.loads((out / "qtest-report" / "report.json").read_text("utf-8"))
    return Took(
        wall_s=wall_s,
        cpu_s=_cpu_s() - before,
        ready_s=ready_s,
        targets=len({outcome["target"] for module in report["modules"] for outcome in module["outcomes"]}),
        mutants=sum(len(module["before"]) for module in report["modules"]),
        tests={path.name: path.read_text("utf-8") for path in sorted(out.rglob("test_*.py"))},
    )


def _cache() -> str:
    return os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")


def _reap() -> None:
    """Every orphan that is left is ended and waited for."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            for orphan in _children():
                if time.monotonic() > ends - 50:  # ten seconds to end by itself
                    os.kill(orphan, signal.SIGKILL)
            time.sleep(0.05)


def _children() -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()]


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

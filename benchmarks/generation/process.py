"""Run a command to its end and say what it cost."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """`cpu_s` is that of the command and every descendant that was waited for; `peak_mib` the largest resident set of any one of them."""

    code: int
    timed_out: bool
    wall_s: float
    cpu_s: float
    peak_mib: float
    output: str


def run(command: list[str], *, cwd: Path, env: dict[str, str], timeout_s: float, log: Path) -> Ran:
    """The whole process group is ended at the limit."""
    started = time.monotonic()
    with log.open("wb") as sink:
        child = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )
    timed_out = False
    status, usage = 0, None
    try:
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - started > timeout_s:
                timed_out = True
                os.killpg(child.pid, signal.SIGKILL)
                _, status, usage = os.wait4(child.pid, 0)
                break
            time.sleep(0.01)
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)
        raise
    child.returncode = os.waitstatus_to_exitcode(status)
    output = log.read_bytes().decode("utf-8", "replace")
    wall_s = time.monotonic() - started
    return Ran(child.returncode, timed_out, wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


def clean_environment(**extra: str) -> dict[str, str]:
    """What both sides see: nothing of the caller's Python."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COVERAGE", "PYTEST"))}
    return {**kept, "PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **extra}

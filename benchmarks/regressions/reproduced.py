"""That a pair is what it says it is: its two lines raise in the buggy release and do not in the fixed one."""

import tempfile
from pathlib import Path

from benchmarks.generation.judge import FIRST_LIMIT_S
from benchmarks.generation.process import Ran, clean_environment, run
from benchmarks.regressions.releases import Release
from benchmarks.regressions.subjects import Pair


def reproduced(pair: Pair, fixed: Release, buggy: Release) -> None:
    """Raises where it is not so; nothing is judged by such a pair."""
    mended, broken = (_said(pair, release) for release in (fixed, buggy))
    if mended.code != 0 or broken.code != 1 or broken.timed_out:
        raise RuntimeError(
            f"{pair.name}: its reproduction ends with {broken.code} in {pair.buggy} and {mended.code} in {pair.fixed}, "
            f"expected 1 and 0: {(mended.output if mended.code else broken.output).strip()[-300:]}"
        )


def _said(pair: Pair, release: Release) -> Ran:
    with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
        env = clean_environment(PYTHONPATH=str(release.site))
        command = [str(release.python), "-c", pair.reproduction]
        return run(command, cwd=Path(scratch), env=env, timeout_s=FIRST_LIMIT_S, log=Path(scratch, "log"))

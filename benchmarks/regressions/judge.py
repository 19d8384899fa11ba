"""Which tests that pass on the fixed release fail on the buggy one, and did they enter what was mended?"""

import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.generation.judge import FIRST_LIMIT_S
from benchmarks.generation.process import clean_environment, run
from benchmarks.regressions.releases import Release
from benchmarks.regressions.subjects import Pair

RULES = 2  # what counts as caught; rows judged by older rules are not shown
HASH_SEEDS = (0, 7)  # every word is that of two processes


@dataclass(frozen=True)
class Seen:
    """Of one run. `broken` are files that could not be imported; `problem` is said when the run did not end as a run of tests does."""

    tests: dict[str, dict[str, Any]]
    broken: tuple[str, ...] = ()
    problem: str = ""

    def ended(self, word: str) -> set[str]:
        return {name for name, test in self.tests.items() if test["ended"] == word}

    def by_name(self) -> set[str]:
        """Tests whose own line failed for a name or a parameter that this release does not have."""
        return {name for name, test in self.tests.items() if test["here"] and _NAME.match(test["why"])}

    def touching(self) -> set[str]:
        return {name for name, test in self.tests.items() if test["touched"]}


@dataclass(frozen=True)
class Judged:
    """`word` is one of `WORDS`. `caught_by` are the tests that caught it, with what each said; `elsewhere` are tests that tell
    the releases apart and never entered what was mended."""

    word: str
    green: int = 0
    red: int = 0
    touching: int = 0
    caught_by: tuple[tuple[str, str], ...] = ()
    elsewhere: tuple[str, ...] = ()
    problem: str = ""


CAUGHT, AT_IMPORT, BY_NAME = "caught", "at import", "by a name"
TOUCHED, UNTOUCHED, NOTHING = "touched, not caught", "not touched", "no output"
WORDS = (CAUGHT, AT_IMPORT, BY_NAME, TOUCHED, UNTOUCHED, NOTHING)
_NAME = re.compile(
    r"(ImportError|ModuleNotFoundError|NameError): "
    r"|AttributeError: (module|type object|'(?!NoneType')\w+' object) .*has no attribute"
    r"|TypeError: .*(takes .* arguments? but|unexpected keyword argument|missing \d+ required)"
)


def judge(files: dict[str, str], pair: Pair, fixed: Release, buggy: Release) -> Judged:
    if not files:
        return Judged(NOTHING)
    return word(
        [_run(files, pair, fixed, seed) for seed in HASH_SEEDS], [_run(files, pair, buggy, seed) for seed in HASH_SEEDS]
    )


def word(fixed: Sequence[Seen], buggy: Sequence[Seen]) -> Judged:
    """A test counts when it passes in every run on the fixed release; it tells when it fails in every run on the buggy one."""
    ran = {name for seen in fixed for name in seen.tests}
    green = {name for name in ran if all(name in seen.ended("passed") for seen in fixed)}
    touching = {name for name in green if any(name in seen.touching() for seen in fixed)}
    failing = {name for name in green if all(name in seen.ended("failed") for seen in buggy)}
    named = {name for name in failing & touching if all(name in seen.by_name() for seen in buggy)}
    caught = sorted((failing & touching) - named)
    lost = {name for name in touching if all(name.partition("::")[0] in seen.broken for seen in buggy)}
    problem = next((seen.problem for seen in (*fixed, *buggy) if seen.problem), "")
    found = (
        word for word, tests in ((CAUGHT, caught), (AT_IMPORT, lost), (BY_NAME, named), (TOUCHED, touching)) if tests
    )
    return Judged(
        next(found, UNTOUCHED if green else NOTHING),
        len(green),
        len(ran - green),
        len(touching),
        tuple((name, buggy[0].tests[name]["why"]) for name in caught),
        tuple(sorted(failing - touching)),
        problem,
    )


def _run(files: dict[str, str], pair: Pair, release: Release, seed: int) -> Seen:
    with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
        root, out = Path(scratch, "tests").resolve(), Path(scratch, "seen.json")
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, "utf-8")
        (root / "pytest.ini").write_text("[pytest]\n", "utf-8")
        shutil.copy(Path(__file__).with_name("watching.py"), root / "conftest.py")
        watched = {"file": str(release.origin(pair.module)), "changed": pair.changed, "out": str(out)}
        env = clean_environment(PYTHONPATH=str(release.site), PYTHONHASHSEED=str(seed), WATCHED=json.dumps(watched))
        command = [str(release.python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
        ran = run(command, cwd=root, env=env, timeout_s=FIRST_LIMIT_S, log=Path(scratch, "log"))
        if ran.timed_out:
            return Seen({}, (), f"its tests do not end with {release.site.name}")
        if not out.exists():
            return Seen({}, (), f"its tests were not run to the end with {release.site.name}: exit {ran.code}")
        seen = json.loads(out.read_text("utf-8"))
        return Seen(seen["tests"], tuple(seen["broken"]))

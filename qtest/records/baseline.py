"""What there is before we add anything: an interpreter with the dependencies, and the suite as it is."""

from typing import Literal

from qtest.records.file import WrittenFile
from qtest.records.record import Record
from qtest.records.source import Project


class Environment(Record):
    """An interpreter of the target's, with its dependencies. Everything named here is mounted read-only.

    `origin` says in words where it came from. `site` are folders for the import path, after the project's import roots;
    `layer` one with pytest and coverage for this Python, to stand after the target's own (`""` when it has both).
    """

    python: str
    version: str
    origin: str
    readable: tuple[str, ...]
    site: tuple[str, ...] = ()
    layer: str = ""
    packages: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Setting(Record):
    """Where target code runs: a private copy of the tree (`folder`, the same path inside and outside the sandbox), the
    project in it, an environment, and files laid over the copy. `bundle` is the digest of the bundle that the copy is of, in the
    store, so that another process can make its own."""

    folder: str
    project: Project
    environment: Environment
    written: tuple[WrittenFile, ...] = ()
    bundle: str = ""


class TestCoverage(Record):
    """What one test did in one run: `outcome` as pytest says, seconds, and the lines it executed in each project file. One that
    `spawns` starts processes whose lines nobody saw."""

    node: str
    outcome: Literal["passed", "failed", "skipped", "xfailed", "xpassed", "error"]
    wall_s: float = 0.0
    cpu_s: float = 0.0
    reason: str = ""
    file: str = ""
    lines: tuple["FileLines", ...] = ()
    spawns: bool = False


class FileLines(Record):
    """`path` relative to the setting's folder; lines in order."""

    path: str
    lines: tuple[int, ...]


class FileCoverage(Record):
    """Line and branch coverage of one file by a whole suite, from coverage.py. Arcs are (from, to) lines, as coverage says."""

    path: str
    statements: tuple[int, ...]
    executed: tuple[int, ...]
    branches: int = 0
    branches_taken: int = 0
    missing: tuple[int, ...] = ()


class SuiteRun(Record):
    """One run of a suite. `complete` only when the completion record came and named every test that was collected.

    `uncollected` are files whose tests nobody could see, each with why; the others ran all the same.
    `problem` says in one line why a run was not complete: collection failed, hang, exit. `shared` are lines that ran
    outside any one test (import, collection, fixtures of a wide scope), which belong to all of them. `lasting` are lines that
    other tests execute when the order is another (a wide fixture, a memo): any test may depend on what they did.
    """

    tests: tuple[TestCoverage, ...] = ()
    complete: bool = False
    problem: str = ""
    uncollected: tuple[str, ...] = ()
    shared: tuple[FileLines, ...] = ()
    lasting: tuple[FileLines, ...] = ()
    files: tuple[FileCoverage, ...] = ()
    wall_s: float = 0.0
    cpu_s: float = 0.0

    @property
    def green(self) -> bool:
        return (
            self.complete
            and bool(self.tests)
            and not self.uncollected
            and all(test.outcome not in ("failed", "error") for test in self.tests)
        )

    @property
    def failing(self) -> tuple[TestCoverage, ...]:
        return tuple(test for test in self.tests if test.outcome in ("failed", "error"))


class Suite(Record):
    """A project's own tests: green `green_runs` times of `runs`, or `reason`. `usable` are the nodes that passed every time;
    only those may judge a mutant. `command` runs it as the user would."""

    project: str
    command: tuple[str, ...]
    runs: int = 0
    green_runs: int = 0
    reason: str = ""
    usable: tuple[str, ...] = ()
    unusable: tuple[TestCoverage, ...] = ()
    measured: SuiteRun = SuiteRun()
    writes_tree: bool = False

    @property
    def empty(self) -> bool:
        return not self.usable


class ProjectBaseline(Record):
    """`problem` is set when the project cannot be worked on at all; then there is no environment or no suite."""

    setting: Setting | None
    suite: Suite
    problem: str = ""


class Baseline(Record):
    projects: tuple[ProjectBaseline, ...]

    def of(self, root: str) -> ProjectBaseline | None:
        return next((item for item in self.projects if item.suite.project == root), None)

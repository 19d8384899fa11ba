"""How a target ends: a test, a suspected bug, a rejection; or the machinery failed. Nothing is silent."""

from typing import Annotated, Literal

from pydantic import Field

from qtest.records.baseline import FileCoverage
from qtest.records.case import CallCase
from qtest.records.file import TestFile
from qtest.records.mutant import Controls, Verdict
from qtest.records.record import Record


class Finding(Record):
    """One thing a gate has against a file; `node` or `line` says where, when known. `cause` names why a test is flaky."""

    text: str
    node: str = ""
    line: int = 0
    cause: Literal["", "wrong", "order", "time", "network", "shared state", "hash seed", "resources", "unknown"] = ""


class GateReport(Record):
    """`evidence` are the verdicts of the mutation gate, `equivalent` the edits it found to compile to what was there, `coverage`
    what the file executes of the mutants' source; empty for the others."""

    gate: Literal["compile", "runtime", "mutation"]
    result: Literal["passed", "failed", "inconclusive"]
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Verdict, ...] = ()
    controls: Controls = Controls()
    equivalent: tuple[str, ...] = ()
    coverage: tuple[FileCoverage, ...] = ()
    wall_s: float = 0.0
    cpu_s: float = 0.0


class ValidatedTest(Record):
    """A test that ships. `kills` are mutants no other kept test and no existing one kills; `also` the others it kills."""

    exit: Literal["regression test"] = "regression test"
    target: str
    file: str
    name: str
    nodes: tuple[str, ...]
    text: str
    cases: tuple[CallCase, ...]
    kills: tuple[str, ...]
    also: tuple[str, ...] = ()


class SuspectedBug(Record):
    """`contract` cites what is violated: a type, documentation, an example; `repro` is a program that shows it."""

    exit: Literal["suspected bug"] = "suspected bug"
    target: str
    contract: str
    observed: str
    repro: str
    case: CallCase | None = None


class Rejection(Record):
    """`stage` is where it ended: plan, explore, a gate's name, or assembly."""

    exit: Literal["rejection"] = "rejection"
    target: str
    stage: str
    reason: str
    case: CallCase | None = None
    count: int = 1


class Failure(Record):
    """The machinery broke on this one; `detail` may hold a traceback of ours."""

    exit: Literal["failure"] = "failure"
    target: str
    reason: str
    detail: str = ""


Outcome = Annotated[ValidatedTest | SuspectedBug | Rejection | Failure, Field(discriminator="exit")]


class Tried(Record):
    """How many calls were made up for one target, and a few of them as source text, the first and then ever rarer ones."""

    target: str
    calls: int
    examples: tuple[str, ...] = ()


class Effort(Record):
    """What the search spent on a module: evaluations are calls of target code."""

    evaluations: int = 0
    candidates: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    restarts: int = 0
    stopped: str = ""
    tried: tuple[Tried, ...] = ()


class Draft(Record):
    """A module's kept cases with what they were seen to kill, and its other exits; `before` are the own
    suite's verdicts, `after` the mutation gate's on what was left alive and not `accepted`, by id, by a person. `file` is what the gates last judged, `gates` what they said."""

    module: str
    path: str
    project: str
    kept: tuple["Kept", ...] = ()
    others: tuple[SuspectedBug | Rejection | Failure, ...] = ()
    before: tuple[Verdict, ...] = ()
    after: tuple[Verdict, ...] = ()
    file: TestFile | None = None
    gates: tuple[GateReport, ...] = ()
    controls: Controls = Controls()
    same_code: int = 0
    effort: Effort = Effort()
    accepted: tuple[str, ...] = ()


class Kept(Record):
    """A case that passed the gates, and the mutants its test was judged to kill."""

    case: CallCase
    kills: tuple[str, ...]


class ModuleOutcome(Record):
    """One module, closed: its file if there is one, every exit, the verdicts before and after, and coverage of its source.

    `after` judges only mutants that `before` left alive, by the text that ships. `accepted` are those, by id, that a person lets live: they
    were not hunted. `source` is what was tested, empty where nothing of
    the module's code was.
    """

    module: str
    path: str
    project: str
    source: str
    file: TestFile | None = None
    outcomes: tuple[Outcome, ...] = ()
    before: tuple[Verdict, ...] = ()
    after: tuple[Verdict, ...] = ()
    gates: tuple[GateReport, ...] = ()
    coverage_before: FileCoverage | None = None
    coverage_after: FileCoverage | None = None
    controls: Controls = Controls()
    same_code: int = 0
    effort: Effort = Effort()
    accepted: tuple[str, ...] = ()
    note: str = ""

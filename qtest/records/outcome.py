"""How a target ends: a test, a suspected bug, a rejection; or the machinery failed. Nothing is silent."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from qtest.records.baseline import FileCoverage
from qtest.records.case import CallCase
from qtest.records.completion import Tier
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
    """`stage` is where it ended: plan, explore, model (its answer), critic, a gate's name, or assembly; unanswered where no model gave
    an answer."""

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


class Spent(Record):
    """What the answers of one tier of models cost. `unusable` ones were cut off or not of the form that was asked for; `cached` ones
    cost nothing again."""

    tier: Tier
    answers: int = 0
    unusable: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    gpu_s: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            tier=self.tier,
            answers=self.answers + other.answers,
            unusable=self.unusable + other.unusable,
            cached=self.cached + other.cached,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=self.cost_usd + other.cost_usd,
            gpu_s=self.gpu_s + other.gpu_s,
        )


class Scored(Record):
    """A critic's words beside those of the mutation gate, which it did not know: tests that it refused or let pass, and of each how many
    kill a mutant."""

    refused: int = 0
    refused_killing: int = 0
    passed: int = 0
    passed_killing: int = 0

    def __add__(self, other: "Scored") -> "Scored":
        return Scored(
            refused=self.refused + other.refused,
            refused_killing=self.refused_killing + other.refused_killing,
            passed=self.passed + other.passed,
            passed_killing=self.passed_killing + other.passed_killing,
        )


class Effort(Record):
    """What was spent on a module: evaluations are calls of target code by the search, `spent` is what models cost, by tier. `unanswered`
    prompts got no answer from any; `renamed` tests got their names from one."""

    evaluations: int = 0
    candidates: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    restarts: int = 0
    stopped: str = ""
    tried: tuple[Tried, ...] = ()
    spent: tuple[Spent, ...] = ()
    unanswered: int = 0
    critic: Scored = Scored()
    renamed: int = 0

    @property
    def tokens(self) -> int:
        return sum(one.input_tokens + one.output_tokens for one in self.spent)

    @property
    def cost_usd(self) -> float:
        return sum(one.cost_usd for one in self.spent)

    def __add__(self, other: "Effort") -> "Effort":
        return Effort(
            evaluations=self.evaluations + other.evaluations,
            candidates=self.candidates + other.candidates,
            wall_s=self.wall_s + other.wall_s,
            cpu_s=self.cpu_s + other.cpu_s,
            restarts=self.restarts + other.restarts,
            stopped=self.stopped or other.stopped,
            tried=self.tried + other.tried,
            spent=by_tier((*self.spent, *other.spent)),
            unanswered=self.unanswered + other.unanswered,
            critic=self.critic + other.critic,
            renamed=self.renamed + other.renamed,
        )


def by_tier(spent: Iterable[Spent]) -> tuple[Spent, ...]:
    found: dict[str, Spent] = {}
    for one in spent:
        found[one.tier] = found[one.tier] + one if one.tier in found else one
    return tuple(found[tier] for tier in sorted(found))


class Feedback(Record):
    """What became of what a generator proposed so far, for its next round. Rejections at the stage `mutation` passed, and kill nothing.
    `tokens` were spent."""

    reports: tuple[GateReport, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    tokens: int = 0


class Opinion(Record):
    """What a critic says of a case, by its id: it may refuse it, or ask for an assertion beside those it has."""

    case: str
    verdict: Literal["keep", "reject", "ask"] = "keep"
    reason: str = ""


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

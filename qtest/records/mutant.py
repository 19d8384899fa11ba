"""Mutants, the raw facts of running tests against one, and the verdicts that follow from them."""

from typing import Annotated, Literal

from pydantic import Field

from qtest.records.record import Record

Control = Literal["", "no-op", "raise"]
How = Literal["swap", "fresh import", "cold"]


class Mutant(Record):
    """One edit of one file. `start` and `end` are offsets in characters of the file's text as decoded by its declared
    encoding, byte-order mark dropped and line ends untouched; `original` is what stands there, `replacement` what comes.

    `id` is a digest of path, text digest, span, and replacement: stable while the file's text is. Lines count from 1 and are
    those of the innermost statement the edit is in. `symbol` is the innermost function or class (`module:qualname`), or the
    module itself (`module:`). `runs_at` is `import` for code that runs while the module is imported: module and class
    bodies, decorators, defaults.
    """

    id: str
    path: str
    file_digest: str
    symbol: str
    operator: str
    line: int
    end_line: int
    start: int
    end: int
    original: str
    replacement: str
    runs_at: Literal["call", "import"] = "call"
    control: Control = ""


class Failing(Record):
    """The first failure of a test under a mutant. `kind` follows who raised it: an assertion, another exception of target, test or
    library, an import of the package, or our own machinery (`ours`), which never kills."""

    node: str
    phase: Literal["import", "setup", "call", "teardown", "collect"]
    kind: Literal["assertion", "exception", "import", "memory", "limit", "ours"]
    error: str = ""
    place: str = ""
    message: str = ""


class MutantRun(Record):
    """What happened, without judgement. `how`: code objects exchanged in a forked process that has collected the tests (`swap`), a
    forked process that imports everything anew (`fresh import`), or the mutant in its file and a new interpreter (`cold`).

    `applied` and `executed` are counted by us: the replacement's code was installed, and its statement was entered (None when it
    cannot be observed, as for a fresh import whose statement is not in a function). `planned` are the nodes that were to run, `finished` those that ended,
    with `failing` among them. `tripwire` says the extra test that must fail did. `ended` is the supervisor's wait status, in
    words; `limit` names the bound that was hit.
    """

    mutant: str
    how: How = "swap"
    applied: bool = False
    executed: bool | None = None
    planned: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    failing: tuple[Failing, ...] = ()
    completed: bool = False
    tripwire: bool = False
    ended: Literal["exit", "signal", "lost", "not run"] = "not run"
    code: int = 0
    limit: Literal["", "cpu", "blocked", "memory", "output"] = ""
    alone: bool = False
    wrote_tree: bool = False
    note: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0


class Killed(Record):
    """`by` are all tests known to fail on it (the first only, unless a full matrix was asked for)."""

    status: Literal["killed"] = "killed"
    by: tuple[str, ...]
    first: Failing


class Survived(Record):
    status: Literal["survived"] = "survived"
    tests: int


class NoCoverage(Record):
    """No test executes the mutated statement."""

    status: Literal["no coverage"] = "no coverage"


class TimedOut(Record):
    """Said only after a second run, alone on the machine as far as we can tell."""

    status: Literal["timed out"] = "timed out"
    limit: Literal["cpu", "blocked"]
    during: str = ""


class Inconclusive(Record):
    status: Literal["inconclusive"] = "inconclusive"
    reason: str


class Refused(Record):
    """The type checker does not take it, so no test was asked: neither a kill nor a survivor, and outside the score."""

    status: Literal["refused"] = "refused"
    message: str


MutantResult = Annotated[
    Killed | Survived | NoCoverage | TimedOut | Inconclusive | Refused, Field(discriminator="status")
]


class Verdict(Record):
    """One row: a mutant, who judged it, and what came out. `id` is short and stable for the same mutant, suite and text; `stable` names
    the edit for as long as its statement is what it is (see `qtest.mutation.identity`).

    `diff` is unified. `suite` is the project's own tests or the generated file at `file`. `proof` says how the application
    and execution of the mutant were seen.
    """

    id: str
    mutant: Mutant
    suite: Literal["existing", "generated"]
    file: str = ""
    result: MutantResult
    how: How | Literal["not run"] = "not run"
    proof: str = ""
    diff: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    replay: str = ""
    stable: str = ""


class Controls(Record):
    """Our own checks in this run. A no-op that dies refuses the module; a raise mutant that lives makes its function doubtful."""

    no_op_alive: int = 0
    no_op_total: int = 0
    raise_dead: int = 0
    raise_total: int = 0
    doubtful: tuple[str, ...] = ()

    def __add__(self, other: "Controls") -> "Controls":
        return Controls(
            no_op_alive=self.no_op_alive + other.no_op_alive,
            no_op_total=self.no_op_total + other.no_op_total,
            raise_dead=self.raise_dead + other.raise_dead,
            raise_total=self.raise_total + other.raise_total,
            doubtful=self.doubtful + other.doubtful,
        )

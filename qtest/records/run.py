"""What is remembered of runs, as rows of tables. Times are milliseconds since 1970, UTC."""

from typing import ClassVar, Literal

from qtest.records.record import Record

RunStatus = Literal["running", "completed", "partial", "failed", "cancelled"]


class Row(Record):
    """One row of `table`, named by the fields in `key`. A fact `keeps` the first row written under its key, a state the last; so any
    row may be written twice without harm."""

    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    keeps: ClassVar[Literal["first", "last"]] = "first"


class RepositoryRow(Row):
    """`languages` separated by commas, the most files first."""

    table: ClassVar[str] = "repositories"
    key: ClassVar[tuple[str, ...]] = ("url",)
    keeps: ClassVar[Literal["first", "last"]] = "last"

    url: str
    languages: str
    analysed: int


class ModelRow(Row):
    """`artefact` is the digest of the system model's JSON in the store, `form` the version of that JSON."""

    table: ClassVar[str] = "system_models"
    key: ClassVar[tuple[str, ...]] = ("url", "revision", "form", "artefact")

    url: str
    revision: str
    form: str
    artefact: str
    made: int


class RunRow(Row):
    """`command` is `run` or `mutate`; `config` is the Config's JSON, `report` the digest of the report's JSON in the store (RunReport,
    MutationReport), empty until there is one. Counts of tests by how they ended, of mutants with the new tests, and of tokens."""

    table: ClassVar[str] = "generation_runs"
    key: ClassVar[tuple[str, ...]] = ("run",)
    keeps: ClassVar[Literal["first", "last"]] = "last"

    run: str
    spec: str
    revision: str = ""
    config: str
    seed: str
    status: RunStatus
    started: int
    ended: int = 0
    generated: int = 0
    validated: int = 0
    bugs: int = 0
    rejected: int = 0
    failed: int = 0
    mutants: int = 0
    killed: int = 0
    killed_before: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    report: str = ""
    note: str = ""
    command: str = "run"


class ResultRow(Row):
    """A stage's result under its key (see `qtest.memory`). `item` says in words what it is of; `artefact` is the digest of its JSON
    in the store. `worth` is what it may be used for: runs with a budget of at most so many seconds, or any (0)."""

    table: ClassVar[str] = "results"
    key: ClassVar[tuple[str, ...]] = ("result", "worth")

    result: str
    worth: int = 0
    stage: str
    item: str
    artefact: str
    run: str
    made: int


class TestRow(Row):
    """How one target ended: `outcome` is the exit, `code` the test's text or the repro, `kills` the mutants it alone kills, separated
    by spaces. The target lies in `path` from `line` to `end_line`, or is the whole module (0). What planning left out is a rejection
    of the stage `plan`."""

    table: ClassVar[str] = "test_results"
    key: ClassVar[tuple[str, ...]] = ("run", "test")

    run: str
    test: str
    target: str
    outcome: str
    file: str = ""
    name: str = ""
    code: str = ""
    stage: str = ""
    reason: str = ""
    kills: str = ""
    count: int = 1
    path: str = ""
    line: int = 0
    end_line: int = 0


class VerdictRow(Row):
    """`status` is a MutantResult's; `killers` are nodes separated by line ends; `record` is the Verdict's whole JSON."""

    table: ClassVar[str] = "verdicts"
    key: ClassVar[tuple[str, ...]] = ("run", "verdict")

    run: str
    verdict: str
    mutant: str
    suite: str
    path: str
    line: int
    end_line: int
    symbol: str
    operator: str
    status: str
    killers: str = ""
    record: str


class JudgedRow(Row):
    """What running tests against one mutant showed, under the digest of all that it depends on (see `qtest.mutation.cache`). `text` is
    what all rows of one mutated file share, by which they are looked up, `record` the MutantRun's JSON, `proof` the digest of name and record, which a damaged row has not."""

    table: ClassVar[str] = "judged_mutants"
    key: ClassVar[tuple[str, ...]] = ("name",)
    keeps: ClassVar[Literal["first", "last"]] = "last"

    name: str
    text: str
    record: str
    proof: str
    run: str
    made: int


class LeaseRow(Row):
    """A stage's work on one item. `attempt` counts from 1; `due` is when a queued one may start. `dead` ones have failed for good:
    `note` says why."""

    table: ClassVar[str] = "leases"
    key: ClassVar[tuple[str, ...]] = ("run", "stage", "item")
    keeps: ClassVar[Literal["first", "last"]] = "last"

    run: str
    stage: str
    item: str
    state: Literal["queued", "open", "done", "dead"]
    owner: str = ""
    attempt: int = 0
    due: int = 0
    changed: int = 0
    note: str = ""


class EventRow(Row):
    """One step of a run; `seq` counts from 1 without gaps. `payload` is JSON."""

    table: ClassVar[str] = "run_events"
    key: ClassVar[tuple[str, ...]] = ("run", "seq")

    run: str
    seq: int
    made: int
    stage: str
    kind: str
    payload: str


ROWS: tuple[type[Row], ...] = (
    RepositoryRow, ModelRow, RunRow, ResultRow, TestRow, VerdictRow, JudgedRow, LeaseRow, EventRow,
)  # fmt: skip

"""What a stage is asked and what it answers: small records, with digests of what is large."""

from typing import Literal

from qtest.records.facts import Place
from qtest.records.outcome import ModuleOutcome
from qtest.records.plan import Budget
from qtest.records.record import Record
from qtest.records.source import Omission, Repository
from qtest.records.system import Problem

StageKind = Literal["ingest", "model", "measure", "plan", "write", "assemble"]


class Order(Record):
    """A run that is handed in: the repository as its driver fetched it, and its bundle where that was read already."""

    repository: Repository
    bundle: str = ""


class Job(Record):
    """One lease's work: `item` names it within its run and stage. `inputs` are digests in the store, in the order the stage expects;
    `context` and `project` as the stage says."""

    run: str
    stage: StageKind
    item: str
    config: str
    inputs: tuple[str, ...] = ()
    repository: Repository | None = None
    project: str = ""
    context: str = ""


class Done(Record):
    """`artefact` is the digest of what was made. `problem` says in one line what stopped it for good, `mistake` that it was the
    user's. `pid` did it."""

    artefact: str = ""
    remembered: bool = False
    problem: str = ""
    mistake: bool = False
    pid: int = 0


class Errand(Record):
    """What the writers are handed of one module."""

    module: str
    brief: str
    ground: str
    context: str
    share: Budget = Budget()


class Planned(Record):
    """A plan as the supervisor needs it: no module's text is in it."""

    errands: tuple[Errand, ...]
    targets: int
    left_out: tuple[Omission, ...]
    places: tuple[Place, ...]
    problems: tuple[Problem, ...]
    unwritten: tuple[ModuleOutcome, ...] = ()

"""What a run found before it wrote anything, as its report tells it."""

from qtest.records.baseline import ProjectBaseline
from qtest.records.record import Record
from qtest.records.sandbox import Guarantees
from qtest.records.source import Omission, RawSourceBundle, Repository
from qtest.records.system import Problem


class Place(Record):
    """Where a symbol stands; lines from 1, both included, 0 for a whole module."""

    symbol: str
    path: str = ""
    line: int = 0
    end_line: int = 0


class RunFacts(Record):
    """`grounds` without what each test executed. `system` is the digest of the system model in the store. `left_out` are targets and modules with the reason.
    `places` are those of targets and of what was left out. `modules` have targets; `remembered` are those that were made in an earlier run."""

    repository: Repository | None = None
    guarantees: Guarantees | None = None
    bundle: RawSourceBundle | None = None
    system: str = ""
    grounds: tuple[ProjectBaseline, ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: tuple[Omission, ...] = ()
    places: tuple[Place, ...] = ()
    modules: tuple[str, ...] = ()
    remembered: tuple[str, ...] = ()

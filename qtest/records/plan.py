"""What will be tested, in which order, and everything a writer needs to know about one module."""

from typing import Literal

from qtest.records.file import TestStyle, WrittenFile
from qtest.records.mutant import Mutant
from qtest.records.mutation import Accepted
from qtest.records.proof import Declined
from qtest.records.record import Record
from qtest.records.system import Module, Symbol, Usage

TestLevel = Literal["unit", "integration", "api", "e2e"]


class Reason(Record):
    """One thing that raises or lowers a risk; `points` add up to the score."""

    factor: str
    points: float
    text: str


class Risk(Record):
    score: float
    reasons: tuple[Reason, ...]


class Target(Record):
    """`why` says what the level follows from. `name` is what the outside calls it, of an API or end-to-end target: `GET /users`."""

    symbol: str
    module: str
    level: TestLevel
    risk: Risk
    why: str = ""
    name: str = ""

    @property
    def written(self) -> bool:
        """Whether a generator speaks this level."""
        return self.level in ("unit", "integration")


class LeftOut(Record):
    """A symbol that gets no target, and why: it is in the report."""

    symbol: str
    reason: str


class Budget(Record):
    """Seconds of wall time for writing, from when the environment is ready, or a count of evaluations; None for no bound."""

    wall_s: float | None = None
    evaluations: int | None = None


class TestPlan(Record):
    """Modules in the order of their riskiest written target; targets riskiest first. `about` are the functions, by id, that a concern is
    about; empty for all."""

    targets: tuple[Target, ...]
    left_out: tuple[LeftOut, ...] = ()
    budget: Budget = Budget()
    about: tuple[str, ...] = ()


class Brief(Record):
    """All a writer needs about one module; small enough to send. `share` of the budget is this module's.

    `neighbours` are signatures from other modules it calls or is typed by. `mutants` are those still alive: the workshop fills
    them in before it asks a generator. `about` are functions, by id: only their mutants are hunted, unless it is empty. `host` is the
    module of tests that new ones are added to, where there is one that takes them; `apart` says why not, and then they get a file at
    `test_path`. `declined` and `accepted` are the tests and mutants of this module about which people have decided.
    """

    module: Module
    source: str
    project: str
    targets: tuple[Target, ...]
    neighbours: tuple[Symbol, ...] = ()
    siblings: tuple["SiblingSource", ...] = ()
    usages: tuple[Usage, ...] = ()
    existing_tests: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    style: TestStyle = TestStyle()
    test_path: str = ""
    host: WrittenFile | None = None
    apart: str = ""
    mutants: tuple[Mutant, ...] = ()
    share: Budget = Budget()
    seed: str = "0"
    declined: tuple[Declined, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    about: tuple[str, ...] = ()


class SiblingSource(Record):
    """The text of a module of the same project that this one imports: constants and regular expressions are mined there."""

    module: str
    path: str
    source: str

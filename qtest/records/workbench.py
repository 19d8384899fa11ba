"""What is said to a warm process and what it answers. The probe's own wire is JSON of these fields."""

from typing import Literal

from qtest.records.mutant import How, Mutant
from qtest.records.record import Record
from qtest.records.system import Parameter


class ModuleLoad(Record):
    """Which module to make warm, by name and by the file it lives in (relative to the setting's folder)."""

    module: str
    path: str
    siblings: tuple[str, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    seed: int = 0


class MutantState(Record):
    """`swappable`: code can be exchanged in the warm process. `fresh import`: it runs while the module is imported.
    `same code`: compiles to what the original compiles to, so it is equivalent and dropped. `invalid`: does not compile."""

    mutant: str
    state: Literal["swappable", "fresh import", "same code", "invalid"]
    note: str = ""


class Loaded(Record):
    """`problem` is one line when the module could not be imported; `kind` then says how it ended."""

    problem: str = ""
    kind: Literal["", "error", "exit", "hang", "crash", "denied", "syntax"] = ""
    mutants: tuple[MutantState, ...] = ()
    functions: tuple[str, ...] = ()
    import_s: float = 0.0


class Candidate(Record):
    """Something to try: lines of set-up, then one expression whose value is looked at. `imports` are statements run before."""

    id: int
    imports: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    expr: str
    watch: tuple[str, ...] = ()
    awaited: bool = False


class Compared(Record):
    """Two literals that the target compared, as source text: the one it had and the one it was held against."""

    left: str
    right: str
    place: str = ""


class Observation(Record):
    """What a candidate did. `seen` is the canonical form of everything a test would assert, as JSON text; `key` identifies it
    under the target language's equality, which is what decides a kill.

    `kills` are hints. `features` are small integers: statements and compare outcomes. `returned` names the class of the
    value; `takes` are the parameters of one that can be called.
    """

    candidate: int
    status: Literal["ok", "setup failed", "syntax", "slow", "timeout", "denied", "unstable", "died", "unsupported"]
    detail: str = ""
    seen: str = ""
    key: str = ""
    raised: str = ""
    explicit: bool = False
    returned: str = ""
    takes: tuple[Parameter, ...] | None = None
    features: tuple[int, ...] = ()
    reached: tuple[str, ...] = ()
    kills: tuple[str, ...] = ()
    compared: tuple[Compared, ...] = ()
    runs: int = 0
    cpu_us: int = 0


class Imported(Record):
    """The candidates, by number, that end otherwise where the module was imported with the mutant in it. `lost` says why that is not
    known."""

    mutant: str
    differs: tuple[int, ...] = ()
    lost: str = ""
    runs: int = 0
    cpu_us: int = 0


class JudgeOrder(Record):
    """One mutant and the tests to run against it, in this order. `matrix` runs them all instead of stopping at the first
    failure. `alone` is the promise that no other mutant computes meanwhile. `how` is the way to go; see `MutantRun`."""

    mutant: Mutant
    tests: tuple[str, ...]
    how: How
    matrix: bool = False
    alone: bool = False


class JudgeLimits(Record):
    """CPU seconds for one mutant (10 times the unmutated run, at least `cpu_s`), and seconds of wall without any CPU."""

    cpu_s: float = 1.0
    factor: float = 10.0
    blocked_s: float = 10.0
    memory: int = 1 << 30
